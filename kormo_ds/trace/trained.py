"""Where a document was trained on: mixtures, packed rows, steps of runs, and checkpoints since.

Costs one scan of the document ids of every recorded mixture, and of the rows packed from those that
hold the document; then an evaluation of the order a row, run and epoch, and small files of each
run. Nothing of it grows with the steps.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from kormo_ds import sequences
from kormo_ds.errors import KormoError
from kormo_ds.recorded import mixtures
from kormo_ds.run_record import lines, manifest
from kormo_ds.run_record.reading import Reading, newest, settings
from kormo_ds.run_record.state import State
from kormo_ds.sequences import Sequences
from kormo_ds.trace.step import rows_of

if TYPE_CHECKING:
    from lake import Lake


@dataclass(frozen=True)
class InMixture:
    """A recorded mixture that holds the document."""

    mixture: str
    component: str
    repeats: float


@dataclass(frozen=True)
class InRow:
    """A piece of the document in a packed row."""

    sequences: str
    mixture: str
    row: int
    start: int
    end: int
    """Tokens of the row: `start` to `end`, `end` not included."""
    offset: int
    """Token `start` of the row is this token of the document."""


@dataclass(frozen=True)
class InStep:
    """A step that read such a row."""

    run: str
    sequences: str
    row: int
    step: int
    epoch: int
    is_skipped: bool
    """It was read as padding, and so not trained on."""


@dataclass(frozen=True)
class InCheckpoint:
    """A complete checkpoint that came after such a step."""

    run: str
    checkpoint: str
    path: str
    first_run: str
    """The run that trained on the document; another than `run` where that one began from it."""
    first_step: int
    """The first step in which it did."""


@dataclass(frozen=True)
class Trained:
    """Where one document was trained on."""

    mixtures: list[InMixture] = field(default_factory=list)
    rows: list[InRow] = field(default_factory=list)
    steps: list[InStep] = field(default_factory=list)
    checkpoints: list[InCheckpoint] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """What could not be asked, and why."""


@dataclass(frozen=True)
class _Run:
    name: str
    folder: Path
    state: State | None


def trained_on(lk: "Lake", doc_id: str, folders: Mapping[str, Path]) -> Trained:
    """Where the document was trained on.

    Args:
        lk: the lake.
        doc_id: the document.
        folders: run folders by name.
    """
    found = Trained()
    found.mixtures.extend(_mixtures(lk, doc_id))
    tables = dict(_sequences(lk, found))
    held: dict[str, list[int]] = {}
    for name, table in tables.items():
        held[name] = [int(row) for row in table.holding(doc_id)]
        found.rows.extend(_pieces(name, table, held[name], doc_id))
    runs = []
    for name, folder in folders.items():
        try:
            run = _Run(name, folder, newest(folder))
            found.steps.extend(_steps(lk, run, tables, held))
        except (KormoError, OSError) as error:
            found.unknown.append(f"run {name}: {error}")
            continue
        runs.append(run)
    found.checkpoints.extend(_checkpoints(runs, found.steps))
    return found


def _mixtures(lk: "Lake", doc_id: str) -> Iterator[InMixture]:
    for mixture in mixtures(lk):
        rows = lk.dataset(mixture.table).to_table(
            columns=["component", "repeats"], filter=pc.field("doc_id") == doc_id
        )
        for row in rows.to_pylist():
            yield InMixture(mixture.name, row["component"], row["repeats"])


def _sequences(lk: "Lake", found: Trained) -> Iterator[tuple[str, Sequences]]:
    """Sequences packed from the mixtures that hold the document."""
    if not found.mixtures or not lk.exists("sequences"):
        return
    holding = {one.mixture for one in found.mixtures}
    packed = lk.dataset("sequences").to_table(columns=["name", "mixture"]).to_pylist()
    for name in sorted({row["name"] for row in packed if row["mixture"] in holding}):
        try:
            yield name, sequences.open(lk.path("sequences", name))
        except KormoError as error:
            found.unknown.append(f"sequences {name}: {error}")


def _pieces(name: str, table: Sequences, rows: list[int], doc_id: str) -> Iterator[InRow]:
    mixture = table.facts["mixture"]
    for row in rows:
        for piece in table.pieces(row):
            if piece.doc_id == doc_id:
                yield InRow(name, mixture, row, piece.start, piece.end, piece.offset)


def _steps(
    lk: "Lake", run: _Run, tables: Mapping[str, Sequences], held: Mapping[str, list[int]]
) -> Iterator[InStep]:
    """Steps of a run that read one of the rows held of each table."""
    chosen = settings(run.folder)
    line = lines.last(run.folder / lines.METRICS)
    done = max(line["step"] + 1 if line else 0, run.state.step if run.state else 0)
    try:
        now = rows_of(lk, chosen).fingerprint
    except KormoError:  # not here any more
        now = ""
    known = {one["sequences"] for one in run.state.data} if run.state else set()
    known |= {now, run.state.sequences if run.state else ""}
    for name, table in tables.items():
        if held[name] and table.fingerprint in known:
            is_current = table.fingerprint == now
            reading = Reading.of(chosen, run.state, table, is_current)
            for seen in reading.steps(held[name], done):
                yield InStep(run.name, name, *seen)


def _checkpoints(runs: list[_Run], steps: list[InStep]) -> Iterator[InCheckpoint]:
    """Complete checkpoints since, also of runs that began from such a checkpoint."""
    first: dict[str, int] = {}
    for one in steps:
        if not one.is_skipped:
            first[one.run] = min(one.step, first.get(one.run, one.step))
    ids = {run.state.run_id: run.name for run in runs if run.state}
    for run in runs:
        for folder in manifest.complete(run.folder / "checkpoints"):
            done = [(run.name, manifest.step_of(folder))]
            done += [
                (ids.get(before["run_id"], before["run"]), before["steps"])
                for before in (run.state.lineage if run.state else [])
            ]
            for name, n_steps in done:
                if name in first and first[name] < n_steps:
                    yield InCheckpoint(run.name, folder.name, str(folder), name, first[name])
