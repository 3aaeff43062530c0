"""`kormo lake`: make a lake, look at it, name and clean its versions."""

from typing import Annotated

import typer

from kormo_ds.cli.args import split
from kormo_ds.errors import BadInput, unknown

app = typer.Typer(help="Make a lake, look at it, name its versions.", no_args_is_help=True)
Root = Annotated[str | None, typer.Option("--lake", help="Root of the lake.")]


@app.command()
def create(lake: Root = None) -> None:
    """Make an empty lake, or say that there is one."""
    from lake import create as create_lake

    lk = create_lake(lake)
    typer.echo(f"lake {lk.root}: {len(lk.tables())} tables")


@app.command()
def describe(
    words: Annotated[list[str] | None, typer.Argument(help="[TABLE] [at=VERSION|TAG]")] = None,
    lake: Root = None,
) -> None:
    """Show a table's columns: type, the step that wrote them, rows that have a value."""
    import lake as lakes
    from kormo_ds.cli.show import table

    names, settings = _words(words, {"at"})
    lk = lakes.open(lake)
    name = names[0] if names else "documents"
    facts = lakes.describe(lk, name, settings.get("at"))
    rows = lk.dataset(name, settings.get("at")).count_rows()
    typer.echo(f"{name}: {rows:,} rows, version {lk.version(name)} of {lk.root}")
    typer.echo(
        table(
            ["column", "type", "written by", "rows", "meaning"],
            [(f.name, f.type, f.owner, f.n_rows, f.meaning) for f in facts],
        )
    )


@app.command()
def versions(
    words: Annotated[list[str] | None, typer.Argument(help="[TABLE]")] = None,
    lake: Root = None,
) -> None:
    """List the versions of a table and their tags."""
    import lake as lakes
    from kormo_ds.cli.show import table

    names, _ = _words(words, set())
    listed = lakes.open(lake).versions(names[0] if names else "documents")
    rows = [(v.version, v.at.strftime("%Y-%m-%d %H:%M:%S"), ", ".join(v.tags)) for v in listed]
    typer.echo(table(["version", "at", "tags"], rows))


@app.command()
def tag(
    name: Annotated[str, typer.Argument(help="The tag, e.g. before-stage2.")],
    words: Annotated[list[str] | None, typer.Argument(help="[version=N]")] = None,
    lake: Root = None,
) -> None:
    """Name a version of `documents`, so that clean-up leaves it."""
    import lake as lakes

    _, settings = _words(words, {"version"})
    asked = settings.get("version")
    version = lakes.open(lake).tag(name, version=_whole("version", asked) if asked else None)
    typer.echo(f"{name} is version {version} of documents")


@app.command()
def untag(name: Annotated[str, typer.Argument(help="The tag.")], lake: Root = None) -> None:
    """Remove a tag of `documents`; a recorded mixture's tag stays."""
    import lake as lakes

    lakes.open(lake).untag(name)
    typer.echo(f"removed tag {name}")


@app.command()
def drop(
    columns: Annotated[list[str], typer.Argument(help="Columns that steps wrote.")],
    lake: Root = None,
) -> None:
    """Drop columns of `documents`; tagged versions keep them."""
    import lake as lakes

    lakes.open(lake).drop("documents", columns)
    typer.echo(f"dropped {', '.join(columns)}")


@app.command()
def clean(
    words: Annotated[list[str] | None, typer.Argument(help="[days=14]")] = None,
    lake: Root = None,
) -> None:
    """Delete versions of `documents` older than some days that have no tag."""
    from datetime import timedelta

    import lake as lakes

    _, settings = _words(words, {"days"})
    days = _whole("days", settings.get("days", "14"))
    freed = lakes.open(lake).clean(older_than=timedelta(days=days))
    typer.echo(f"freed {freed / 1e6:,.1f} MB of versions older than {days} days")


@app.command()
def audit(
    names: Annotated[list[str] | None, typer.Argument(help="Audits; default all.")] = None,
    lake: Root = None,
) -> None:
    """Ask the audits of sql/audits: each selects bad rows, and none may come back."""
    import lake as lakes
    from kormo_ds import project
    from kormo_ds.cli.show import table

    known = project.files("sql/audits", ".sql")
    for name in names or ():
        if name not in known:
            raise unknown("audit", name, known)
    queries = [lakes.Query.read(known[name], name) for name in names or known]
    results = lakes.run_audits(lakes.open(lake), queries)
    for result in results:
        state = "not yet" if result.skipped else "ok" if result.ok else f"{result.n_bad:,} bad rows"
        typer.echo(f"{result.name:<28} {state}" + (f": {result.skipped}" if result.skipped else ""))
        if result.n_bad:
            typer.echo(table(result.columns, result.rows))
    bad = [result.name for result in results if result.n_bad]
    if bad:
        raise BadInput(f"{len(bad)} of {len(results)} audits found bad rows: {', '.join(bad)}")


def _words(words: list[str] | None, known: set[str]) -> tuple[list[str], dict[str, str]]:
    names, settings = split(words or [])
    for key in settings:
        if key not in known:
            raise unknown("setting", key, known)
    if len(names) > 1:
        raise BadInput(f"one table at a time, not {len(names)}: {', '.join(names)}")
    return names, settings


def _whole(name: str, text: str) -> int:
    if not text.isdigit():
        raise BadInput(f"{name}={text} must be a whole number")
    return int(text)
