"""`kormo difficulty`: which questions are hard, by two solvers of different size."""

from typing import TYPE_CHECKING, Annotated

import typer

from kormo_ds.cli import args, asking
from kormo_ds.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kormo_ds.generate.difficulty import Difficulty
    from kormo_ds.generate.endpoint import Endpoint
    from lake import Lake

app = typer.Typer(help="Find out how hard questions are.", no_args_is_help=True)
Root = Annotated[str | None, typer.Option("--lake", help="Root of the lake.")]
Words = Annotated[
    list[str] | None,
    typer.Argument(
        help="Who is asked, and settings.",
        metavar="large=NAME small=NAME [judge=NAME] [SETTING=VALUE]...",
    ),
]
RETENTION = "stats/difficulty_by_domain"


@app.command()
def run(
    words: Words = None,
    endpoints: asking.Endpoints = asking.FILE,
    lake: Root = None,
    dry_run: asking.DryRun = False,
) -> None:
    """Ask both solvers, grade, have both label what neither solves, and write the columns.

    Settings: query, parameters.NAME, temperature, top_p, max_tokens, cut_is_wrong, give_up.
    docs/difficulty.md says what each means. Run again after new documents came, or after a kill:
    what was answered is not asked again, what is judged stays judged. With --dry-run, what the
    solvers would be asked; judge and labels come on top, how many depends on the answers.
    """
    from kormo_ds import progress

    lk, described, difficulty = _made(words or [], endpoints, lake)
    if dry_run:
        typer.echo(asking.estimated(lk, described, difficulty.solving()))
        return
    found = []
    for purpose, work in difficulty.stages():
        found += asking.asked(lk, described, work, purpose)
    asking.complain(found)
    with progress.bar("difficulty", unit="documents") as advance:
        filled = difficulty.fill(advance)
    typer.echo(f"{filled.rows:,} documents judged, {filled.rows_before:,} were there already")
    typer.echo(_retention(lk))


@app.command()
def retention(lake: Root = None) -> None:
    """Show what stayed, by domain, beside the paper's 1 % of STEM and 11 % of mathematics."""
    import lake as lakes

    typer.echo(_retention(lakes.open(lake)))


def _made(
    words: list[str], path: str, root: str | None
) -> "tuple[Lake, Mapping[str, Endpoint], Difficulty]":
    import lake as lakes
    from kormo_ds.generate.difficulty import Difficulty, Settings
    from kormo_ds.generate.endpoint import read_endpoints

    names, values = args.split(words)
    if names:
        raise BadInput(f"'{names[0]}' is no setting; write NAME=VALUE, e.g. large=NAME small=NAME")
    endpoints = read_endpoints(path)
    settings = args.settings(Settings, values)
    lk = lakes.open(root)
    return lk, endpoints, Difficulty(lk, endpoints, settings)


def _retention(lk: "Lake") -> str:
    from kormo_ds import queries
    from kormo_ds.cli.show import table

    relation = queries.find(RETENTION).run(lk.connect())
    return table(relation.columns, relation.fetchall())
