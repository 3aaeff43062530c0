"""Which rows a step of a run read, and which of its steps read a row: both follow from the seed.

Order, seed, sizes of steps and the place where the run began give the rows of any step, whether a
job still knows of it or not. The order is a permutation that can be walked backwards, so the steps
of a row cost one evaluation an epoch. What changed while the run went on (other sequences, rows
left out) is told by the state in its newest checkpoint.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from kormo_ds.compose import load_run
from kormo_ds.config import Run
from kormo_ds.errors import BadInput, Damaged
from kormo_ds.run_record import manifest
from kormo_ds.run_record.batch_warmup import Phase, at, phases, position
from kormo_ds.run_record.state import State
from kormo_ds.sequences import Order, Sequences


class Seen(NamedTuple):
    """A row in a step."""

    row: int
    step: int
    epoch: int
    """Of the order, from 0."""
    is_skipped: bool
    """It was read as padding."""


@dataclass(frozen=True)
class Reading:
    """How one run reads one table of sequences; `of` makes it."""

    order: Order
    sizes: tuple[Phase, ...]
    start: int
    """Rows of the order that were read by the runs before."""
    spans: tuple[tuple[int, int], ...]
    """Steps [first, end) in which these sequences are read."""
    left_out: Sequence[dict[str, Any]]
    """From which step on which rows are skipped, as state.json has it."""
    others: str
    """The other sequences that the run read, in words."""

    @classmethod
    def of(cls, run: Run, state: State | None, table: Sequences, is_current: bool = True) -> Self:
        """The reading of `table` by a run.

        Args:
            run: the run.
            state: its newest checkpoint's, None before the first.
            table: sequences.
            is_current: are they those that the run's settings name now?

        Raises:
            BadInput: where the run began in the order is not known yet.
        """
        if state is None and run.handover.data == "keep":
            raise BadInput(
                f"run '{run.name}' goes on in the order of run '{run.handover.run}'; where it "
                f"began is known with its first checkpoint"
            )
        spans, others = _spans(run, state, table.fingerprint, is_current)
        return cls(
            order=Order(table.n_rows, run.seed),
            sizes=phases(run.train, run.train.tokens_per_step // table.length, 1),
            start=state.data_start if state else 0,
            spans=tuple(spans),
            left_out=state.skipped_rows if state else [],
            others=others,
        )

    def rows(self, step: int) -> list[int]:
        """Numbers of the rows of `step`, over all ranks, in their order.

        Raises:
            BadInput: the step read other sequences.
        """
        if not any(first <= step < end for first, end in self.spans):
            raise BadInput(f"step {step} did not read these sequences, but {self.others}")
        begin = self.start + position(self.sizes, step)
        return [int(row) for row in self.order.rows(begin, at(self.sizes, step).rows)]

    def skipped(self, step: int) -> set[int]:
        """Rows that `step` reads as padding, of all rows."""
        spans = [one["rows"] for one in self.left_out if one["from_step"] <= step]
        return {row for first, end in (spans[-1] if spans else []) for row in range(first, end)}

    def steps(self, rows: Sequence[int], done: int) -> Iterator[Seen]:
        """Where `rows` were read in the first `done` steps, in the order of the steps.

        Costs one evaluation of the order a row and epoch.
        """
        ends = [min(end, done) for _, end in self.spans]
        last = max(ends, default=0)
        if not rows or last <= 0:
            return
        first, end = self.start, self.start + position(self.sizes, last)
        numbers = np.array(rows, np.int64)
        for epoch in range(first // self.order.n_rows, -(-end // self.order.n_rows)):
            places = self.order.positions(numbers, epoch)
            for i in np.argsort(places):
                step = self._step(int(places[i]) - self.start)
                if any(a <= step < min(b, done) for a, b in self.spans):
                    row = int(numbers[i])
                    yield Seen(row, step, epoch, row in self.skipped(step))

    def _step(self, place: int) -> int:
        """The step that reads the row at `place`, counted from the run's first; -1 for none."""
        if place < 0:
            return -1
        phase = next(one for one in reversed(self.sizes) if one.position <= place)
        return phase.step + (place - phase.position) // phase.rows


def settings(folder: Path) -> Run:
    """The settings of the run in `folder`.

    Raises:
        BadInput: it is not a run's folder.
    """
    if not (folder / "run.yaml").is_file():
        raise BadInput(f"{folder} is not a run's folder; name one, e.g. --run data/runs/demo")
    return load_run(str(folder / "run.yaml"))


def newest(folder: Path) -> State | None:
    """The state in the newest complete checkpoint of the run in `folder`; None if there is none.

    Raises:
        Damaged: it cannot be read.
    """
    found = manifest.complete(folder / "checkpoints")
    if not found:
        return None
    try:
        return State.read(found[-1])
    except (OSError, ValueError, TypeError) as error:
        raise Damaged(f"the state of {found[-1]} cannot be read: {error}") from error


def _spans(
    run: Run, state: State | None, fingerprint: str, is_current: bool
) -> tuple[list[tuple[int, int]], str]:
    """Steps in which sequences of this fingerprint are read, and what else the run read."""
    known = list(state.data) if state else []
    if state and not known:  # a checkpoint from before this record: one table, all along
        known = [{"from_step": 0, "mixture": "", "sequences": state.sequences}]
    if is_current and (not known or known[-1]["sequences"] != fingerprint):
        known.append({"from_step": state.step if state else 0, "sequences": fingerprint})
    ends = [*(one["from_step"] for one in known[1:]), run.train.steps]
    both = list(zip(known, ends, strict=True))
    spans = [(one["from_step"], end) for one, end in both if one["sequences"] == fingerprint]
    others = [
        f"sequences {one['sequences'][:12]} (steps {one['from_step']} to {end - 1})"
        for one, end in both
        if one["sequences"] != fingerprint
    ]
    return spans, " and ".join(others)
