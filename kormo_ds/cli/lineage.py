"""`kormo lineage`: which checkpoints, and which mixtures, a checkpoint comes from."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kormo_ds.run_record.lineage import Link


def lineage(
    path: Annotated[str, typer.Argument(help="A checkpoint's or a run's folder.", metavar="PATH")],
) -> None:
    """Print a checkpoint's ancestors, nearest first, what passed between them, and their data."""
    from kormo_ds.cli.show import table
    from kormo_ds.run_record import lineage, manifest

    links = lineage.of(manifest.find(Path(path)))
    columns = ["run", "checkpoint", "steps", "tokens", "mixture", "kept for the run above"]
    rows = [
        [one.run, one.checkpoint, one.steps, one.tokens, one.mixtures(), _joined(one)]
        for one in links
    ]
    typer.echo(table(columns, rows, widest=100))


def _joined(link: "Link") -> str | None:
    passed, changed = ", ".join(link.passed), ", ".join(link.changed)
    return f"{passed}; changed: {changed}" if changed else passed or None
