"""`kormo eval collect`: what a run found of itself on tasks, into the lake."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from kormo_ds.cli.eval_tasks import Root
from kormo_ds.errors import BadInput


def collect(
    run: Annotated[str, typer.Argument(help="The run's folder.", metavar="RUN")],
    lake: Root = None,
) -> None:
    """Rows of `evals` from a run's evaluation.jsonl; those that are there are not added again."""
    import pyarrow as pa

    import lake as lakes
    from kormo_ds.run_record import lines

    path = Path(run) / lines.EVALUATION
    found = [row for line in lines.read(path) for row in rows(Path(run).name, line)]
    if not found:
        raise BadInput(f"{path} has no evaluation; set evaluation.tasks=… when you train")
    lk = lakes.open(lake)
    known: set[tuple[Any, ...]] = set()
    if lk.exists("evals"):
        there = lk.sql(
            "select checkpoint, task, metric, created_at from evals where run = $run",
            run=Path(run).name,
        )
        known = set(there.fetchall())
    new = [row for row in found if _key(row) not in known]
    if new:
        lk.append("evals", pa.Table.from_pylist(new, schema=lk.schema("evals")))
    typer.echo(f"{len(new):,} new numbers of {len(found):,} in {path}")


def rows(run: str, line: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of `evals` from one line of evaluation.jsonl; its step's checkpoint need not exist."""
    from kormo_ds.run_record import manifest

    at = datetime.fromtimestamp(line["at"], UTC).replace(tzinfo=None)
    about = {
        "run": run,
        "checkpoint": manifest.folder_of(Path(), line["step"] + 1).name,
        "source": None,
        "synthesizer": None,
        "n_bytes": None,
        "created_at": at,
    }
    return [
        about
        | {name: score[name] for name in ("task", "metric", "lang", "value", "stderr")}
        | {"n_documents": score["n"]}
        for score in line["scores"]
    ]


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["checkpoint"], row["task"], row["metric"], row["created_at"]
