"""One step under guard: may it be applied, was it a spike, whose rows were they, must the run stop.

Rank 0's verdict is every rank's. A step costs one reduction of one number more, two more where
spikes are skipped (`kormo_ds.train.gate`); the rows of a spike are gathered when there is one.

    <run folder>/spikes.jsonl       one line a spike: step, numbers, and each row's loss
    <run folder>/rows-000037.txt    when the run stops: its last rows, as data.skip_rows takes them
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from torch import Tensor

from kormo_ds.config import Run
from kormo_ds.errors import BadInput
from kormo_ds.model import Batch
from kormo_ds.model.loss import UNSCORED
from kormo_ds.run_record import lines, manifest
from kormo_ds.train import data, gate, ranks, skip_rows
from kormo_ds.train.guards import Guard, Verdict
from kormo_ds.train.head_losses import HeadLosses


class Watch:
    """Watches the steps of one engine; all ranks call everything together."""

    def __init__(
        self, run: Run, model: Any, heard: HeadLosses, reader: data.Reader, state: dict[str, Any]
    ) -> None:
        self.guard = Guard(run.guard, state)
        self.may_be_empty = len(reader.skipped) > 0
        """A step without a scored token is not a fault of the data: its rows may be skipped."""
        self.norm: float | None = None
        """The gradient norm of this step, once the gate was asked."""
        self._run = run
        self._reader = reader
        self._heard = heard
        self._gated = run.guard.skip != "none"
        self._loss = math.nan
        self._norm_at_stage_0 = math.nan
        self._micro_batches: list[tuple[Batch, Tensor]] = []
        if self._gated:
            gate.install(model, self._drop, lambda: self._norm_at_stage_0)

    def start(self) -> None:
        """A step begins."""
        self.norm = None
        self._micro_batches = []
        self._heard.forget()

    def forward(self, batch: Batch) -> None:
        """A micro-batch went through the model."""
        losses = self._heard.take(len(batch.labels))
        self._micro_batches.append((batch, self._by_row(batch, losses.double())))

    def update(self, loss_sum: Tensor, n_scored: float, norm_at_stage_0: float | None) -> None:
        """All gradients of the step are there and not yet used."""
        if self._gated:
            self._loss = ranks.total(loss_sum) / n_scored
            self._norm_at_stage_0 = math.nan if norm_at_stage_0 is None else norm_at_stage_0

    def end(self, step: int, loss: float, norm: float) -> dict[str, Any]:
        """The step is over; returns what metrics.jsonl says of it.

        Raises:
            BadInput: loss or norm are not finite, or `guard.patience` spikes came in a row; names
                the last good checkpoint and the ways on.
        """
        verdict = self._shared(self.guard.judge(loss, norm))
        if not self._gated:
            verdict = replace(verdict, skip=not verdict.finite)
        self.guard.took(verdict, loss, norm)
        said = {
            "loss_score": verdict.loss_score,
            "grad_norm_score": verdict.norm_score,
            "step_skipped": int(verdict.skip),
        }
        if verdict.spike or not verdict.finite:
            known = {"step": step, "loss": _finite(loss), "grad_norm": _finite(norm)} | said
            everywhere = ranks.gathered(self._rows(step))
            self._keep(known | {"ranks": _joined(everywhere, self._run.train.sequence_parallel)})
        if not verdict.finite:
            self._stop(step, f"step {step}: loss {loss}, gradient norm {norm}")
        if self.guard.exhausted:
            first = step - self.guard.streak + 1
            self._stop(
                step,
                f"steps {first} to {step} were spikes above {self._run.guard.sigma:g} deviations, "
                f"guard.patience = {self._run.guard.patience} in a row (loss {loss:.4g}, gradient "
                f"norm {norm:.4g})",
            )
        return said

    def _drop(self, norm: float) -> bool:
        """What the gate asks."""
        self.norm = norm
        return self._shared(self.guard.judge(self._loss, norm)).skip

    def _shared(self, verdict: Verdict) -> Verdict:
        """Rank 0's verdict, the scores being each rank's own."""
        code = verdict.finite + 2 * verdict.spike + 4 * verdict.skip
        code = int(ranks.total(0 if ranks.rank() else code))
        return replace(verdict, finite=bool(code & 1), spike=bool(code & 2), skip=bool(code & 4))

    def _rows(self, step: int) -> list[dict[str, list[Any]]]:
        """Of this rank, for each micro-batch: row numbers, loss sums in nats, scored tokens."""
        return [
            {
                "rows": rows.tolist(),
                "loss_sums": sums.tolist(),
                "n_scored": self._by_row(batch, (batch.labels != UNSCORED).long()).tolist(),
            }
            for rows, (batch, sums) in zip(
                self._reader.rows(step), self._micro_batches, strict=True
            )
        ]

    def _by_row(self, batch: Batch, values: Tensor) -> Tensor:
        """Sums of `values` [tokens of this rank] in each row of the micro-batch."""
        return batch.in_stream(values).view(-1, self._reader.batches.row_length).sum(1)

    def _keep(self, spike: dict[str, Any]) -> None:
        path = self._run.path / lines.SPIKES
        with ranks.together(f"write {path}"):
            if ranks.rank() == 0:
                lines.append(path, spike)

    def _stop(self, step: int, what: str) -> None:
        first = step - self.guard.streak + 1
        steps = range(first, step + 1)
        rows = ranks.gathered(np.concatenate([self._reader.rows(one).ravel() for one in steps]))
        path = self._run.path / f"rows-{step:06d}.txt"
        with ranks.together(f"write {path}"):
            if ranks.rank() == 0:
                skip_rows.write(path, np.concatenate(rows))
        good = [
            folder
            for folder in manifest.complete(self._run.path / "checkpoints")
            if manifest.step_of(folder) <= first
        ]
        begin = f"{good[-1]} is the last good checkpoint" if good else "there is no checkpoint yet"
        raise BadInput(
            f"{what}; {begin}, the same command goes on from {'it' if good else 'the start'}: add "
            f"data.skip_rows={path} to go on without the rows of "
            f"{'this step' if first == step else 'these steps'}, or see what they are with: kormo "
            f"trace --run {self._run.path} --step {step}"
        )


def _joined(everywhere: list[list[dict[str, list[Any]]]], sp: int) -> list[list[dict[str, Any]]]:
    """Of each group of `sp` ranks, which share their rows, one entry: their sums added up."""
    return [
        [
            {
                "rows": parts[0]["rows"],
                "loss_sums": [_finite(sum(one)) for one in _across(parts, "loss_sums")],
                "n_scored": [sum(one) for one in _across(parts, "n_scored")],
            }
            for parts in zip(*everywhere[first : first + sp], strict=True)
        ]
        for first in range(0, len(everywhere), sp)
    ]


def _across(parts: tuple[dict[str, list[Any]], ...], key: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(part[key] for part in parts), strict=True)


def _finite(value: float) -> float | None:
    """JSON has no word for what is not finite."""
    return value if math.isfinite(value) else None
