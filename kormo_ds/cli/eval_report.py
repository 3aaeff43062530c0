"""`kormo eval report`: checkpoints beside the published figures of a suite."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from kormo_ds.cli import args
from kormo_ds.cli.eval_tasks import Root, require
from kormo_ds.errors import BadInput


@dataclass
class _Report:
    """Beside which figures."""

    suite: str = "paper"


def report(
    words: Annotated[
        list[str],
        typer.Argument(
            help="Runs or checkpoints, by folder or name, then suite=paper.",
            metavar="RUN... [SETTING=VALUE]...",
        ),
    ],
    lake: Root = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write a page there.")] = None,
) -> None:
    """Scores in `evals` beside a suite's published figures, and what differs in protocol."""
    import lake as lakes
    from kormo_ds.cli.show import table
    from kormo_ds.eval import report as reports
    from kormo_ds.eval import suite
    from kormo_ds.eval.harness import tasks

    places, given = args.split(words)
    if not places:
        raise BadInput("name runs, e.g.: kormo eval report data/runs/demo")
    require()
    wanted = suite.read(args.settings(_Report, given).suite)
    lk = lakes.open(lake)
    rows: list[dict[str, Any]] = []
    for place in places:
        found = _evals(lk, place)
        if not found:
            raise BadInput(
                f"no task of '{place}' is in the lake; ask some: kormo eval tasks {place} "
                f"suite={wanted.name} data=FOLDER"
            )
        rows += found
    made = reports.report(wanted, rows, {t.name: t.differs for t in tasks.local().values()})
    typer.echo(table(["benchmark", "lang", *made.columns], made.rows))
    for note in made.notes:
        typer.echo(note)
    if out:
        aside = out.with_name(f"{out.name}.part")
        aside.write_text(reports.markdown(made, wanted), encoding="utf-8")
        aside.replace(out)


def _evals(lk: Any, place: str) -> list[dict[str, Any]]:
    """Rows of one run, or of one checkpoint."""
    path = Path(place)
    single = path.name.startswith("step-")
    run = path.parent.parent.name if single else path.name
    if not lk.exists("evals"):
        return []
    found: list[dict[str, Any]] = (
        lk.sql(
            "select run, checkpoint, task, metric, value, stderr, created_at from evals "
            "where run = $run and checkpoint like $checkpoint and task like '%-shot%'",
            run=run,
            checkpoint=path.name if single else "%",
        )
        .to_arrow_table()
        .to_pylist()
    )
    return found
