"""What the console's editor completes: tables with their columns, functions, keywords, queries.

Read from one connection's catalogue and from the fields' own metadata; no row is scanned. It costs
some tenths of a second, which is why a page keeps it until `stamp` changes.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import duckdb

import lake
from kormo_ds import queries
from lake import duck
from lake.provenance import owner
from lake.tables import TABLES

KEYWORDS = """
select from where group by order limit offset having with as on using join left right full inner
cross semi anti asof lateral union intersect except all distinct and or not in is null like ilike
between exists case when then else end asc desc nulls first last over partition rows range preceding
following current row unbounded filter qualify window exclude replace columns values cast interval
true false unnest pivot unpivot tablesample describe summarize
"""
"""Words of a `select`; DuckDB's own list has four hundred of statements that are refused here."""
SHORT = 90
"""Characters of a function's description that are kept."""


@dataclass(frozen=True)
class Column:
    """A column as the editor shows it; `name` is quoted where SQL asks for it."""

    name: str
    type: str
    meaning: str = ""


@dataclass(frozen=True)
class Table:
    """What may stand after `from`; `name` as one writes it, 'mixtures."demo@1"' too."""

    name: str
    kind: str
    """'table' or 'view'."""
    meaning: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Words:
    """All that the editor knows."""

    tables: tuple[Table, ...]
    functions: tuple[tuple[str, str], ...]
    """Names with what they do."""
    keywords: tuple[str, ...]
    queries: tuple[tuple[str, str], ...]
    """Names of sql/ with their first line."""


def stamp(lk: lake.Lake) -> Hashable:
    """What `words` depends on: the same stamp, the same words."""
    return lk.root, lk.version(), tuple(lk.tables()), tuple(duck.views())


def words(lk: lake.Lake, extra: duck.Extra | None = None) -> Words:
    """What may be written about this lake now.

    Args:
        lk: the lake.
        extra: tables besides the lake's by name, as those of runs; each is made, but for those
            that stand in a view's place, which may cost a scan.
    """
    views = duck.views()
    cheap = {name: make for name, make in (extra or {}).items() if name not in views}
    with duck.connect(lk, extra=cheap) as con:
        found = (*_own(lk, con), *_views(con), *_others(con))
        functions = _functions(con)
    listed = tuple((name, queries.meaning(q)) for name, q in queries.everything().items())
    return Words(found, functions, tuple(KEYWORDS.split()), listed)


def _own(lk: lake.Lake, con: duckdb.DuckDBPyConnection) -> Iterable[Table]:
    """The tables of every lake, written to or not, with the columns of steps."""
    for name, table in TABLES.items():
        meanings = {column.name: column.meaning for column in table.columns}
        for field in lk.schema(name):
            by = owner(field)
            if by is not None:
                meanings[field.name] = f"{by.meaning} ({by})"
        yield Table(name, "table", table.meaning, _columns(con, "main", name, meanings))


def _views(con: duckdb.DuckDBPyConnection) -> Iterable[Table]:
    """The views of sql/views; one that lacks a column of a step has none here yet."""
    for name, text in duck.views().items():
        first = text.splitlines()[0].removeprefix("--").strip()
        yield Table(_quoted(name), "view", first, _columns(con, "main", name, {}))


def _others(con: duckdb.DuckDBPyConnection) -> Iterable[Table]:
    """Recorded mixtures and packed sequences, and what is told about the lake and its runs."""
    known = {*TABLES, *duck.views()}
    sql = "select schema_name, view_name from duckdb_views() where not internal order by all"
    for schema, name in con.execute(sql).fetchall():
        if schema == "main" and (name in known or name.startswith("_")):
            continue  # named above, or what stands behind a view
        written = _quoted(name) if schema == "main" else f'{_quoted(schema)}."{name}"'
        yield Table(written, "table", "", _columns(con, schema, name, {}))


def _columns(
    con: duckdb.DuckDBPyConnection, schema: str, table: str, meanings: Mapping[str, str]
) -> tuple[Column, ...]:
    sql = (
        "select column_name, data_type from duckdb_columns() "
        "where schema_name = ? and table_name = ? order by column_index"
    )
    rows = con.execute(sql, [schema, table]).fetchall()
    return tuple(Column(_quoted(name), kind, meanings.get(name, "")) for name, kind in rows)


def _functions(con: duckdb.DuckDBPyConnection) -> tuple[tuple[str, str], ...]:
    """Functions of values that DuckDB describes, by name."""
    sql = (
        f"select function_name, left(first(description order by description), {SHORT}) "
        "from duckdb_functions() where function_type in ('scalar', 'aggregate', 'macro') "
        "and description is not null and regexp_matches(function_name, '^[a-z][a-z0-9_]*$') "
        "group by 1 order by 1"
    )
    return tuple(con.execute(sql).fetchall())


def _quoted(name: str) -> str:
    """A name as SQL takes it, in quotes only where it has to be."""
    plain = name.isascii() and name.isidentifier() and name == name.lower()
    if plain and name not in _reserved():
        return name
    return '"' + name.replace('"', '""') + '"'


@cache
def _reserved() -> frozenset[str]:
    """Words that name nothing unless they are quoted."""
    sql = "select keyword_name from duckdb_keywords() where keyword_category = 'reserved'"
    with duckdb.connect() as con:
        return frozenset(name for (name,) in con.execute(sql).fetchall())
