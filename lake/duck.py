"""DuckDB over the lake: tables as Arrow datasets, the views of `sql/views`, sub-tables by schema.

Only what a query mentions is opened, so asking nothing of the lake costs nothing. Simple filters
and the choice of columns are pushed into the Lance scan (integers and strings; not floats). A view
or a query whose header says `-- optional NAME TYPE   meaning` sees NULL in that column of
`documents` as long as no step has written it; what a query calls so, the views that it names see,
too.
"""

import re
import threading
from collections.abc import Callable, Container, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from lake import files, spans
from lake.about import ABOUT
from lake.errors import BadQuery
from lake.tables import TABLES

if TYPE_CHECKING:
    from lake.lake import Lake

_OWN = threading.local()
Extra = Mapping[str, Callable[[], pa.Table]]
"""Tables besides the lake's, by name."""


def views() -> dict[str, str]:
    """The text of each view of `sql/views` by its name.

    A view of the working folder wins over one of the same name in the checkout, and that over one
    in the installed wheel.
    """
    site = Path(__file__).resolve().parents[1]
    places = (site / "kormo_ds" / "_project", site, Path.cwd())
    found = {}
    for place in places:
        for path in sorted((place / "sql" / "views").glob("*.sql")):
            found[path.stem] = path.read_text(encoding="utf-8")
    return found


def connect(
    lk: "Lake",
    at: int | str | None = None,
    mentioned: str | None = None,
    extra: Extra | None = None,
) -> duckdb.DuckDBPyConnection:
    """A connection that knows the lake.

    Args:
        lk: the lake.
        at: version or tag of `documents`; default the newest.
        mentioned: SQL text; only what it names is opened, and a view that lacks a column is an
            error. None opens everything and leaves such views out.
        extra: tables besides the lake's by name, each made when it is named; one that has a view's
            name stands in its place.

    Raises:
        BadQuery: a mentioned view needs a column that no step has written yet.
    """
    con = duckdb.connect()
    texts = views()
    extra = {**{name: partial(make, lk) for name, make in ABOUT.items()}, **(extra or {})}
    wanted = _wanted(mentioned, texts, extra)

    for name in TABLES:
        if name in wanted or mentioned is None:
            pinned = at if name == "documents" else None
            known = lk.exists(name)
            rows = lk.dataset(name, pinned) if known else TABLES[name].schema.empty_table()
            absent = _absent(rows.schema.names, mentioned) if name == "documents" else ""
            con.register(f"_{name}" if absent else name, rows)
            if absent:
                con.execute(f"create view {name} as select *, {absent} from _{name}")
    for name, table in extra.items():
        if name in wanted or mentioned is None:
            con.register(name, table())
    if mentioned is None or "documents" in wanted:
        spans.register(con)
    if mentioned is None or names_sub_tables(mentioned):
        _register_sub_tables(lk, con, mentioned)

    todo = {
        name: texts[name]
        for name in texts
        if name not in extra and (name in wanted or mentioned is None)
    }
    while todo:
        failed: dict[str, duckdb.Error] = {}
        for name, text in todo.items():
            try:
                con.execute(f"create view {_quoted(name)} as {with_optional(con, text)}")
            except (duckdb.BinderException, duckdb.CatalogException) as error:
                failed[name] = error
        if len(failed) == len(todo):
            if mentioned is not None:
                name, reason = next(iter(failed.items()))
                raise BadQuery(
                    f"view {name} cannot be read yet: {first_line(reason)}; "
                    "run the steps that write its columns first"
                )
            break
        todo = {name: texts[name] for name in failed}
    return con


def named_tables(text: str, extra: Container[str] = ()) -> tuple[set[str], set[str]]:
    """Tables of the lake that a text's answer depends on, and those of `extra` that it reads."""
    wanted = _wanted(text, views(), extra)
    about = _wanted(text, views(), ABOUT)
    tables = {name for name in wanted if name in TABLES}
    if any(name in ABOUT for name in about):
        tables.add("documents")
    return tables, {name for name in wanted if name in extra}


def names_sub_tables(text: str) -> bool:
    """Whether a text may read sub-tables, as `mixtures."demo@1"`."""
    return re.search(r"\w+\s*\.\s*\"", text) is not None


def ask(
    lk: "Lake",
    text: str,
    values: dict[str, Any],
    at: int | str | None = None,
    extra: Extra | None = None,
) -> duckdb.DuckDBPyRelation:
    """The relation that one `select` over the lake is; see `Lake.sql` and `connect`."""
    check_select(text)
    con = connect(lk, at, mentioned=text, extra=extra)
    try:
        return con.sql(text, params=values or None)
    except duckdb.Error as error:
        raise BadQuery(first_line(error)) from error


def parameters(text: str) -> set[str]:
    """The `$name`s of one statement."""
    return set(scratch().extract_statements(text)[0].named_parameters)


def scratch() -> duckdb.DuckDBPyConnection:
    """This thread's connection to nothing, for parsing and casting.

    DuckDB's own default one is shared by all threads, and a second caller gets an error.
    """
    if not hasattr(_OWN, "con"):
        _OWN.con = duckdb.connect()
    con: duckdb.DuckDBPyConnection = _OWN.con
    return con


def check_select(text: str) -> None:
    """Refuse anything but one `select`.

    Raises:
        BadQuery: not SQL, several statements, or a statement that is not a `select`.
    """
    try:
        statements = scratch().extract_statements(text)
    except duckdb.Error as error:
        raise BadQuery(first_line(error)) from error
    if len(statements) != 1:
        raise BadQuery(f"one select is asked for, not {len(statements)} statements")
    if statements[0].type != duckdb.StatementType.SELECT:
        raise BadQuery(f"only a select can be asked, not {statements[0].type.name}")


def first_line(error: Exception) -> str:
    """DuckDB's message in one line: what is wrong, and the candidates it names."""
    text = re.split(r"^LINE \d+:", str(error), maxsplit=1, flags=re.MULTILINE)[0]
    return re.sub(r"\s+", " ", text).strip()


def with_optional(con: duckdb.DuckDBPyConnection, text: str) -> str:
    """A view's text over documents that have every column which its header calls optional."""
    if "-- optional " not in text:
        return text
    absent = _absent(con.table("documents").columns, text)
    if not absent:
        return text
    return f"with documents as (select *, {absent} from documents) select * from (\n{text})"


def _absent(columns: Sequence[str], text: str | None) -> str:
    """NULL for each column that a header calls optional and documents lack, as SQL."""
    declared = dict(re.findall(r"^-- optional (\w+) +(\S.*?)(?:  .*)?$", text or "", re.MULTILINE))
    absent = sorted(set(declared) - set(columns))
    return ", ".join(f"null::{declared[name]} as {_quoted(name)}" for name in absent)


def _wanted(mentioned: str | None, views: dict[str, str], extra: Container[str] = ()) -> set[str]:
    """Tables and views that a text names, and those that these views name in turn."""
    wanted: set[str] = set()
    texts = [mentioned] if mentioned is not None else []
    while texts:
        words = set(re.findall(r"\w+", texts.pop()))
        for name in words - wanted:
            if name not in views and name not in TABLES and name not in extra:
                continue
            wanted.add(name)
            texts += [views[name]] if name in views and name not in extra else []
    return wanted


def _register_sub_tables(lk: "Lake", con: duckdb.DuckDBPyConnection, text: str | None) -> None:
    """Make `folder/name.lance`, and `folder/name/rows.lance`, readable as `folder."name"`."""
    for folder in files.names(lk.root):
        if "." in folder or (text is not None and folder not in text):
            continue
        made = False
        for entry in files.names(lk.path(folder)):
            name = entry.removesuffix(".lance")
            if text is not None and name not in text:
                continue
            inside = name if name != entry else f"{name}/rows"
            if not lk.exists(f"{folder}/{inside}"):
                continue
            if not made:
                con.execute(f"create schema if not exists {_quoted(folder)}")
                made = True
            inner = f"_{folder}_{name}"
            con.register(inner, lk.dataset(f"{folder}/{inside}"))
            con.execute(f"create view {_quoted(folder)}.{_quoted(name)} as from {_quoted(inner)}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
