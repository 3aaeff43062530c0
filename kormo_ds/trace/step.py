"""A step's rows and documents, and who is over-represented among them.

Rows follow from order, seed and step, so any step of a run can be asked about. `read` costs a read
of the step's rows; `shares` one scan of the document ids of all rows, joined with the documents
within `MEMORY`.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from kormo_ds import sequences
from kormo_ds.config import Run
from kormo_ds.errors import BadInput, UnknownName
from kormo_ds.recorded import numbered
from kormo_ds.run_record import lines, reading, representation
from kormo_ds.sequences import Sequences
from kormo_ds.trace import documents

if TYPE_CHECKING:
    from lake import Lake

GROUPS = ("lang", "source", "synthesizer")
"""Columns by which documents are told apart, besides the mixture's component."""
MEMORY = "1GB"
"""Of the join behind `shares`; what does not fit is spilled to disk."""


@dataclass(frozen=True)
class Part:
    """A piece of a document in a row of the step."""

    row: int
    loss: float | None
    """Mean loss of the row in nats a token; of spikes only."""
    is_skipped: bool
    """The row was read as padding."""
    start: int
    end: int
    """Tokens of the row."""
    doc_id: str
    component: str
    known: dict[str, Any]
    """Columns of its document: those asked for, GROUPS and every reason; {} if it is gone."""

    @property
    def reasons(self) -> dict[str, str]:
        """Reasons that are not 'kept', by column."""
        given = {name: why for name, why in self.known.items() if name.endswith("_reason")}
        return {name: why for name, why in given.items() if why not in (None, "kept")}

    def group(self, kind: str) -> str:
        """The component, language, source or synthesizer it belongs to; 'none' for NULL."""
        return _named(self.component if kind == "component" else self.known.get(kind))


@dataclass(frozen=True)
class Step:
    """One step of a run."""

    number: int
    sequences: Sequences
    rows: list[int]
    """In the order of the step; those of highest loss first where losses are known."""
    spike: dict[str, Any] | None
    """Its line in spikes.jsonl."""
    parts: list[Part]
    """Row by row; padding is left out."""


@dataclass(frozen=True)
class Group:
    """A component, language, source or synthesizer in the step and in all rows."""

    kind: str
    share: representation.Share
    loss: float | None
    """Mean loss of the rows that hold it, by its tokens in them; None without a spike."""


def read(lk: "Lake", folder: Path, number: int, columns: Sequence[str] = ()) -> Step:
    """Step `number` of the run in `folder`, with `columns` of its documents.

    Raises:
        BadInput: not a run's folder, or a step that it does not have.
        UnknownName: no such sequences, or no such column.
    """
    run = reading.settings(folder)
    table = rows_of(lk, run)
    if not 0 <= number < run.train.steps:
        raise BadInput(f"there is no step {number}; steps go from 0 to {run.train.steps - 1}")
    read_by = reading.Reading.of(run, reading.newest(folder), table)
    rows, skipped = read_by.rows(number), read_by.skipped(number)
    spikes = [one for one in lines.read(folder / lines.SPIKES) if one["step"] == number]
    found = row_losses(spikes[-1]) if spikes else ()
    losses = {row: loss for row, loss, _ in found if loss is not None}
    rows.sort(key=lambda row: -losses.get(row, 0.0))
    pieces = [(row, piece) for row in rows for piece in table.pieces(row) if piece.doc_id]
    reasons = [name for name in documents.columns(lk, table) if name.endswith("_reason")]
    wanted = list(dict.fromkeys([*columns, *GROUPS, *reasons]))
    known = documents.known(lk, table, (piece.doc_id for _, piece in pieces), wanted)
    parts = [
        Part(
            row=row,
            loss=losses.get(row),
            is_skipped=row in skipped,
            start=piece.start,
            end=piece.end,
            doc_id=piece.doc_id,
            component=piece.component,
            known=known.get(piece.doc_id, {}),
        )
        for row, piece in pieces
    ]
    return Step(number, table, rows, spikes[-1] if spikes else None, parts)


def rows_of(lk: "Lake", run: Run) -> Sequences:
    """The sequences that a run reads: as its settings say, or those of the lake by their name.

    A run's settings may name them by a path that another working folder does not have.

    Raises:
        UnknownName, Damaged: as `sequences.open`.
    """
    try:
        return sequences.open(run.data.sequences)
    except UnknownName:
        name = run.data.sequences.rstrip("/").rsplit("/", 1)[-1]
        return sequences.open(lk.path("sequences", name))


def row_losses(spike: dict[str, Any]) -> Iterator[tuple[int, float | None, int]]:
    """Of each row of a spike its number, mean loss (None if not finite) and scored tokens."""
    for rank in spike["ranks"]:
        for part in rank:
            for row, total, n in zip(
                part["rows"], part["loss_sums"], part["n_scored"], strict=True
            ):
                yield row, total / n if n and total is not None else None, n


def shares(lk: "Lake", step: Step) -> list[Group]:
    """The groups of a step, by kind, the least likely first."""
    everything = _everything(lk, step.sequences)
    in_step = {kind: Counter(part.group(kind) for part in step.parts) for kind in everything}
    asked = sum(len(counts) for counts in in_step.values())
    return [
        Group(kind, share, _loss_of(kind, share.group, step))
        for kind, counts in in_step.items()
        for share in representation.shares(counts, everything[kind], asked)
    ]


def _named(value: Any) -> str:
    return "none" if value is None else str(value)


def _everything(lk: "Lake", rows: Sequences) -> dict[str, Counter[str]]:
    """Pieces of all rows by component, language, source and synthesizer."""
    dataset = lk.dataset("documents", at=rows.facts["documents_version"])
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("component", *GROUPS)}
    with (
        tempfile.TemporaryDirectory() as spilled,
        duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": spilled}) as con,
    ):
        con.register("pieces", rows.all_pieces())
        con.register("documents", numbered(dataset, ("doc_id", *GROUPS)))
        con.execute(
            "create temp table counted as select component, lang, source, synthesizer, "
            "count(*) as n from pieces join documents using (doc_id) group by all"
        )
        for name, counter in counts.items():
            asked = f"select {name}, sum(n)::bigint from counted group by 1"
            for value, n in con.execute(asked).fetchall():
                counter[_named(value)] += n
    return counts


def _loss_of(kind: str, group: str, step: Step) -> float | None:
    total = n = 0.0
    for part in step.parts:
        if part.loss is not None and part.group(kind) == group:
            total += part.loss * (part.end - part.start)
            n += part.end - part.start
    return total / n if n else None
