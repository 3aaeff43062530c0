"""`kormo lineage`: which checkpoints, and which mixtures, a checkpoint comes from."""

from pathlib import Path
from typing import Annotated, Any

import typer


def lineage(
    path: Annotated[str, typer.Argument(help="A checkpoint's or a run's folder.", metavar="PATH")],
) -> None:
    """Print a checkpoint's ancestors, nearest first, what passed between them, and their data."""
    from dataclasses import asdict

    from kormo_ds.cli.show import table
    from kormo_ds.train import manifest
    from kormo_ds.train.state import State

    folder = manifest.find(Path(path))
    state = asdict(State.read(folder))
    itself = {
        "run": folder.resolve().parent.parent.name,
        "checkpoint": str(folder),
        "steps": state["step"],
        "tokens": state["tokens"],
        "data": state["data"],
    }
    columns = ["run", "checkpoint", "steps", "tokens", "mixture", "kept for the run above"]
    typer.echo(table(columns, [_row(one) for one in [itself, *state["lineage"]]], widest=100))


def _row(one: dict[str, Any]) -> list[Any]:
    """One line: its data as 'mixture' or, where it changed, 'mixture, from step N mixture'."""
    first, *later = one["data"]
    mixtures = [_mixture(first), *(f"from step {d['from_step']} {_mixture(d)}" for d in later)]
    kept = [item for item, fate in one.get("handover", {}).items() if fate == "keep"]
    passed = ", ".join(["weights", *kept]) if "handover" in one else None
    return [one["run"], one["checkpoint"], one["steps"], one["tokens"], ", ".join(mixtures), passed]


def _mixture(data: dict[str, Any]) -> str:
    return data["mixture"] or f"sequences {data['sequences'][:12]}"
