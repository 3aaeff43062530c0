"""`kormo sql`: ask the lake, see some rows, or write all of them to a file."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kormo_ds.cli.args import split
from kormo_ds.errors import BadInput

if TYPE_CHECKING:
    import duckdb

    from lake import Lake

SHOWN = 40
"""Rows shown in a terminal at most."""


def sql(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="A query's name in sql/ or a .sql file, then its parameters; nothing lists all.",
            metavar="[NAME|FILE] [PARAMETER=VALUE]...",
        ),
    ] = None,
    text: Annotated[str | None, typer.Option("-c", help="Ask this select instead.")] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--out", help="Write all rows to .jsonl, .jsonl.gz, .jsonl.zst, .parquet, .csv."
        ),
    ] = None,
    lake: Annotated[str | None, typer.Option("--lake", help="Root of the lake.")] = None,
) -> None:
    """Ask the lake in SQL: a query of sql/ by name, a file, or -c 'select …'.

    Documents, every other table and the views of sql/views are there by name, a recorded mixture's
    rows as mixtures."NAME@VERSION", and the run folders beside the lake as run_list, run_steps, …
    """
    import lake as lakes

    names, given = split(words or [])
    if text is None and not names:
        typer.echo(_listing())
        return
    if len(names) + (text is not None) > 1:
        listed = ", ".join([*names, *(["-c"] if text is not None else [])])
        raise BadInput(f"one query at a time, not {listed}")
    lk = lakes.open(lake)
    asked, values = _given(text, given) if text is not None else _named(names[0], given)
    relation = _ask(lk, asked, values)
    typer.echo(_write(relation, out) if out is not None else _shown(relation))


def _named(name: str, given: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """The text of a query of sql/ and the typed values of its parameters."""
    from kormo_ds import queries

    query = queries.find(name)
    return query.sql, query.values(given)


def _given(text: str, given: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """A text of the command line and the values of its parameters."""
    from lake import BadQuery, duck
    from lake.errors import among

    duck.check_select(text)
    asked = duck.parameters(text)
    for name in given:
        if name not in asked:
            raise BadQuery(f"the query has no parameter '{name}'; {among(name, asked)}")
    for name in sorted(asked - set(given)):
        raise BadQuery(f"the query needs a value for ${name}; add {name}=…")
    return text, {name: _literal(value) for name, value in given.items()}


def _ask(lk: "Lake", text: str, values: dict[str, Any]) -> "duckdb.DuckDBPyRelation":
    from pathlib import Path

    import duckdb

    from kormo_ds.dashboard import run_tables
    from kormo_ds.dashboard.settings import runs_folder
    from lake import BadQuery, duck

    folder = runs_folder(lk.root, "")
    runs = run_tables.tables(lk, Path(folder) if folder else None)
    try:
        return duck.ask(lk, text, values, extra=runs)
    except BadQuery as error:
        if "does not exist" not in str(error):
            raise
    try:  # only what the text names was open; with all open DuckDB knows the nearest name
        return duck.connect(lk, extra=runs).sql(text, params=values or None)
    except duckdb.Error as error:
        raise BadQuery(duck.first_line(error)) from error


def _literal(text: str) -> Any:
    """An integer or a number where the word is one, else the word."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _shown(relation: "duckdb.DuckDBPyRelation") -> str:
    """The first rows as a table, and how many there are."""
    import duckdb

    from kormo_ds.cli.show import table
    from lake import BadQuery, duck

    try:
        rows = relation.limit(SHOWN + 1).fetchall()
        n = len(rows) if len(rows) <= SHOWN else relation.count("*").fetchall()[0][0]
    except duckdb.Error as error:
        raise BadQuery(duck.first_line(error)) from error
    shown = table(relation.columns, rows[:SHOWN])
    if n > SHOWN:
        return f"{shown}\n{SHOWN} of {n:,} rows; --out rows.parquet writes them all"
    return f"{shown}\n{n:,} row{'' if n == 1 else 's'}"


def _write(relation: "duckdb.DuckDBPyRelation", out: str) -> str:
    from kormo_ds import progress, write_rows

    with progress.bar(f"writing {out}", unit="rows") as advance:
        n = write_rows.write(relation, out, advance)
    return f"wrote {n:,} row{'' if n == 1 else 's'} to {out}"


def _listing() -> str:
    from kormo_ds import queries
    from kormo_ds.cli.show import table

    found = queries.everything()
    rows = [(name, queries.meaning(q), queries.usage(q)) for name, q in found.items()]
    return table(["query", "meaning", "parameters"], rows, widest=100)
