"""`kormo trace --run RUN --step N`: a step's rows and documents, and who is over-represented."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from kormo_ds.cli.show import table

if TYPE_CHECKING:
    from kormo_ds.trace.step import Group, Part
    from lake import Lake

DOCUMENTS = 20
"""Documents that are listed; the rows of highest loss come first."""


@dataclass
class Settings:
    """What is shown of a step."""

    columns: str = "lang,source,synthesizer"
    """Columns of documents; reasons to reject are always shown."""
    documents: int = DOCUMENTS
    """Documents listed at most, 0 lists all."""


def show(lk: "Lake", folder: str, number: int, settings: Settings) -> None:
    """Print the rows, documents and shares of step `number` of the run in `folder`.

    Raises:
        BadInput: not a run's folder, or a step that it does not have.
    """
    from kormo_ds.trace import step as steps

    columns = [name for name in settings.columns.split(",") if name]
    step = steps.read(lk, Path(folder), number, columns)
    facts = step.sequences.facts
    typer.echo(
        f"step {number} of {folder}: {len(step.rows)} rows of {facts['name']}, packed from mixture "
        f"{facts['mixture']}"
    )
    if step.spike:
        typer.echo(_spike(step.spike))
    listed = step.parts[: settings.documents or None]
    heads = ["row", "loss", "tokens", "doc_id", "component", *columns, "reasons"]
    typer.echo(table(heads, [_line(part, columns) for part in listed]))
    if len(listed) < len(step.parts):
        typer.echo(f"{len(step.parts) - len(listed)} more pieces; documents=0 shows all")
    groups = steps.shares(lk, step)
    heads = ["of", "group", "pieces", "% of step", "% of all", "chance", "row loss", "over"]
    typer.echo(table(heads, [_shares(group) for group in groups]))
    over = [f"{one.kind} '{one.share.group}'" for one in groups if one.share.over]
    typer.echo(f"over-represented: {', '.join(over) if over else 'nothing beyond chance'}")


def _line(part: "Part", columns: list[str]) -> list[Any]:
    return [
        part.row,
        "skipped" if part.is_skipped else part.loss,
        f"{part.start}-{part.end - 1}",
        part.doc_id,
        part.component,
        *(part.known.get(name) for name in columns),
        ", ".join(f"{name}={why}" for name, why in part.reasons.items()),
    ]


def _shares(group: "Group") -> list[Any]:
    share = group.share
    numbers = [share.in_step, 100 * share.of_step, 100 * share.of_all, share.chance]
    return [group.kind, share.group, *numbers, group.loss, "yes" if share.over else ""]


def _spike(spike: dict[str, Any]) -> str:
    def number(name: str) -> str:
        value = spike[name]
        return "none" if value is None else f"{value:.4g}"

    what = "not applied" if spike["step_skipped"] else "applied"
    return (
        f"a spike, {what}: loss {number('loss')} (score {number('loss_score')}), gradient norm "
        f"{number('grad_norm')} (score {number('grad_norm_score')})"
    )
