"""`kormo trace --run RUN --step N`: a step's rows and documents, and who is over-represented.

Rows follow from order, seed and step, so any step of a run can be asked about. Costs a read of the
step's rows, and one scan of the document ids of all rows for the shares.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from kormo_ds.cli.show import table
from kormo_ds.errors import BadInput

if TYPE_CHECKING:
    from kormo_ds.config import Run
    from kormo_ds.sequences import Sequences
    from kormo_ds.train.representation import Share
    from lake import Lake

GROUPS = ("lang", "source", "synthesizer")
DOCUMENTS = 20
"""Documents that are listed; the rows of highest loss come first."""


@dataclass
class Settings:
    """What is shown of a step."""

    columns: str = "lang,source,synthesizer"
    """Columns of documents; reasons to reject are always shown."""
    documents: int = DOCUMENTS
    """Documents listed at most, 0 lists all."""


@dataclass(frozen=True)
class Step:
    """One step of a run."""

    run: "Run"
    number: int
    rows: list[int]
    """In the order of the step; those of highest loss first where losses are known."""
    skipped: set[int]
    """Rows that were read as padding."""
    losses: dict[int, float]
    """Mean loss of each row in nats a token; of spikes only."""
    spike: dict[str, Any] | None


def show(lk: "Lake", folder: str, number: int, settings: Settings) -> None:
    """Print the rows, documents and shares of step `number` of the run in `folder`.

    Raises:
        BadInput: not a run's folder, or a step that it does not have.
    """
    from kormo_ds import sequences
    from kormo_ds.cli.trace import documents

    run = _run(Path(folder))
    rows = sequences.open(run.data.sequences)
    step = read(Path(folder), run, rows, number)
    facts = rows.facts
    typer.echo(
        f"step {number} of {folder}: {len(step.rows)} rows of {facts['name']}, packed from mixture "
        f"{facts['mixture']}"
    )
    if step.spike:
        typer.echo(_spike(step.spike))
    pieces = [(row, piece) for row in step.rows for piece in rows.pieces(row) if piece.doc_id]
    chosen = [name for name in settings.columns.split(",") if name]
    schema = lk.dataset("documents", at=facts["documents_version"]).schema
    reasons = [name for name in schema.names if name.endswith("_reason")]
    columns = list(dict.fromkeys([*chosen, *GROUPS, *reasons]))
    found = documents(lk, rows, {piece.doc_id for _, piece in pieces}, columns)
    known = {doc_id: dict(zip(columns, values, strict=True)) for doc_id, values in found.items()}
    listed = pieces[: settings.documents or None]
    lines = [
        [
            row,
            "skipped" if row in step.skipped else step.losses.get(row),
            f"{piece.start}-{piece.end - 1}",
            piece.doc_id,
            piece.component,
            *(known.get(piece.doc_id, {}).get(name) for name in chosen),
            _rejected(known.get(piece.doc_id, {}), reasons),
        ]
        for row, piece in listed
    ]
    heads = ["row", "loss", "tokens", "doc_id", "component", *chosen, "reasons"]
    typer.echo(table(heads, lines))
    if len(listed) < len(pieces):
        typer.echo(f"{len(pieces) - len(listed)} more pieces; documents=0 shows all")
    everything = _everything(lk, rows)
    in_step = {
        "component": Counter(piece.component for _, piece in pieces),
        **{
            name: Counter(_named(known.get(piece.doc_id, {}).get(name)) for _, piece in pieces)
            for name in GROUPS
        },
    }
    _shares(in_step, everything, step, pieces, known)


def read(folder: Path, run: "Run", rows: "Sequences", number: int) -> Step:
    """The rows of a step, and what is known of them."""
    from kormo_ds.sequences import Order
    from kormo_ds.train import lines, manifest
    from kormo_ds.train.batch_warmup import at, phases

    if not 0 <= number < run.train.steps:
        raise BadInput(f"there is no step {number}; steps go from 0 to {run.train.steps - 1}")
    complete = manifest.complete(folder / "checkpoints")
    state = json.loads((complete[-1] / "state.json").read_text()) if complete else {}
    phase = at(phases(run.train, run.train.tokens_per_step // rows.length, 1), number)
    start = state.get("data_start", 0) + phase.position + (number - phase.step) * phase.rows
    numbers = [int(row) for row in Order(rows.n_rows, run.seed).rows(start, phase.rows)]
    spans = [s["rows"] for s in state.get("skipped_rows", []) if s["from_step"] <= number]
    skipped = {row for first, end in (spans[-1] if spans else []) for row in range(first, end)}
    spikes = [one for one in lines.read(folder / lines.SPIKES) if one["step"] == number]
    losses = dict(_losses(spikes[-1])) if spikes else {}
    numbers.sort(key=lambda row: -losses.get(row, 0.0))
    return Step(run, number, numbers, skipped, losses, spikes[-1] if spikes else None)


def _run(folder: Path) -> "Run":
    from kormo_ds.compose import load_run

    if not (folder / "run.yaml").is_file():
        raise BadInput(f"{folder} is not a run's folder; name one, e.g. --run data/runs/demo")
    return load_run(str(folder / "run.yaml"))


def _losses(spike: dict[str, Any]) -> Iterator[tuple[int, float]]:
    """Each row's mean loss; a row without a finite one is not there."""
    for rank in spike["ranks"]:
        for part in rank:
            for row, total, n in zip(
                part["rows"], part["loss_sums"], part["n_scored"], strict=True
            ):
                if n and total is not None:
                    yield row, total / n


def _spike(spike: dict[str, Any]) -> str:
    def number(name: str) -> str:
        value = spike[name]
        return "none" if value is None else f"{value:.4g}"

    what = "not applied" if spike["step_skipped"] else "applied"
    return (
        f"a spike, {what}: loss {number('loss')} (score {number('loss_score')}), gradient norm "
        f"{number('grad_norm')} (score {number('grad_norm_score')})"
    )


def _rejected(known: dict[str, Any], reasons: list[str]) -> str:
    """The reasons that are not 'kept', by column."""
    given = [(name, known.get(name)) for name in reasons]
    return ", ".join(f"{name}={why}" for name, why in given if why not in (None, "kept"))


def _named(value: Any) -> str:
    return "none" if value is None else str(value)


def _everything(lk: "Lake", rows: "Sequences") -> dict[str, Counter[str]]:
    """Pieces of all rows by component, language, source and synthesizer."""
    import duckdb

    from kormo_ds.recorded import numbered

    dataset = lk.dataset("documents", at=rows.facts["documents_version"])
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("component", *GROUPS)}
    with duckdb.connect() as con:
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


def _shares(
    in_step: dict[str, Counter[str]],
    everything: dict[str, Counter[str]],
    step: Step,
    pieces: list[tuple[int, Any]],
    known: dict[str, dict[str, Any]],
) -> None:
    from kormo_ds.train import representation

    asked = sum(len(counts) for counts in in_step.values())
    lines, over = [], []
    for kind, counts in in_step.items():
        for share in representation.shares(counts, everything[kind], asked):
            loss = _loss_of(kind, share.group, step, pieces, known)
            lines.append([kind, share.group, *_numbers(share), loss, "yes" if share.over else ""])
            if share.over:
                over.append(f"{kind} '{share.group}'")
    heads = ["of", "group", "pieces", "% of step", "% of all", "chance", "row loss", "over"]
    typer.echo(table(heads, lines))
    typer.echo(f"over-represented: {', '.join(over) if over else 'nothing beyond chance'}")


def _numbers(share: "Share") -> list[Any]:
    return [share.in_step, 100 * share.of_step, 100 * share.of_all, share.chance]


def _loss_of(
    kind: str,
    group: str,
    step: Step,
    pieces: list[tuple[int, Any]],
    known: dict[str, dict[str, Any]],
) -> float | None:
    """Mean loss of the rows that hold a group, by its tokens in them; None without a spike."""
    total = n = 0.0
    for row, piece in pieces:
        document = known.get(piece.doc_id, {}) | {"component": piece.component}
        if row in step.losses and _named(document.get(kind)) == group:
            total += step.losses[row] * (piece.end - piece.start)
            n += piece.end - piece.start
    return total / n if n else None
