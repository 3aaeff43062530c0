"""DuckDB over the lake: tables as Arrow datasets, the views of `sql/views`, sub-tables by schema.

Only what a query mentions is opened, so asking nothing of the lake costs nothing. Simple filters
and the choice of columns are pushed into the Lance scan (integers and strings; not floats). A view
or query whose header says `-- optional NAME TYPE  meaning` sees NULL in that column of `documents`
as long as no step has written it.
"""

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from lake import files, spans
from lake.about import ABOUT
from lake.errors import BadQuery
from lake.tables import TABLES

if TYPE_CHECKING:
    from lake.lake import Lake

_OWN = threading.local()
Extra = Mapping[str, Callable[[], Any]]
"""Tables that are not in the lake, by name: each gives an Arrow table or dataset when called."""


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
        extra: further tables, which views may name too; one that has a view's name stands in its
            place.

    Raises:
        BadQuery: a mentioned view needs a column that no step has written yet.
    """
    con = duckdb.connect()
    extra = {**{name: partial(make, lk) for name, make in ABOUT.items()}, **(extra or {})}
    texts = {name: text for name, text in views().items() if name not in extra}
    wanted = named(mentioned, {*TABLES, *extra}, texts)

    for name in TABLES:
        if name in wanted or mentioned is None:
            pinned = at if name == "documents" else None
            known = lk.exists(name)
            con.register(
                name, lk.dataset(name, pinned) if known else TABLES[name].schema.empty_table()
            )
    for name, opened in extra.items():
        if name in wanted or mentioned is None:
            con.register(name, opened())
    if mentioned is None or "documents" in wanted:
        spans.register(con)
    for folder, name, table in sub_tables(lk, mentioned):
        con.execute(f"create schema if not exists {_quoted(folder)}")
        inner = f"_{folder}_{name}"
        con.register(inner, lk.dataset(table))
        con.execute(f"create view {_quoted(folder)}.{_quoted(name)} as from {_quoted(inner)}")

    todo = {name: texts[name] for name in texts if name in wanted or mentioned is None}
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


def ask(
    lk: "Lake",
    text: str,
    values: dict[str, Any],
    at: int | str | None = None,
    extra: Extra | None = None,
) -> duckdb.DuckDBPyRelation:
    """The relation that one `select` over the lake is; see `Lake.sql` and `connect`."""
    check_select(text)
    return bound(connect(lk, at, mentioned=text, extra=extra), text, values)


def bound(
    con: duckdb.DuckDBPyConnection, text: str, values: Mapping[str, Any]
) -> duckdb.DuckDBPyRelation:
    """The relation that a text is on a connection, its optional columns seen to.

    Raises:
        BadQuery: DuckDB refuses it.
    """
    try:
        return con.sql(with_optional(con, text), params=dict(values) or None)
    except duckdb.Error as error:
        raise BadQuery(first_line(error)) from error


def check_select(text: str) -> None:
    """Refuse anything but one `select`, one with `insert` or `copy` in a `with` among them.

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
        if re.search(r"\bpivot\b", text, re.IGNORECASE):
            raise BadQuery("a pivot must say its columns: pivot … on NAME in ('a', 'b')")
        raise BadQuery(f"only a select can be asked, not {statements[0].type.name}")
    asked = scratch().execute("select json_serialize_sql($text)", {"text": text})
    tree = asked.fetchall()[0][0]
    changing = re.search(r'"type":"([A-Z]+)_QUERY_NODE"', tree)  # quotes of a literal are escaped
    if changing is not None:
        raise BadQuery(f"only a select can be asked, and this one has {changing[1]} in a 'with'")


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


def first_line(error: Exception) -> str:
    """DuckDB's message in one line: what is wrong, and the candidates it names."""
    text = re.split(r"^LINE \d+:", str(error), maxsplit=1, flags=re.MULTILINE)[0]
    return re.sub(r"\s+", " ", text).strip()


def with_optional(con: duckdb.DuckDBPyConnection, text: str) -> str:
    """A text over documents that have every column which its header calls optional."""
    declared = dict(re.findall(r"^-- optional (\w+) +(\S.*?)(?:  .*)?$", text, re.MULTILINE))
    absent = sorted(set(declared) - set(con.table("documents").columns)) if declared else []
    if not absent:
        return text
    extra = ", ".join(f"null::{declared[name]} as {_quoted(name)}" for name in absent)
    return f"with documents as (select *, {extra} from documents) select * from (\n{text})"


def named(mentioned: str | None, tables: Iterable[str], views: Mapping[str, str]) -> set[str]:
    """Tables and views that a text names outside lines of comment, and that these views name."""
    known = {*tables, *views}
    wanted: set[str] = set()
    texts = [mentioned] if mentioned is not None else []
    while texts:
        words = set(re.findall(r"\w+", re.sub(r"(?m)^\s*--.*$", "", texts.pop())))
        for name in (words & known) - wanted:
            wanted.add(name)
            texts += [views[name]] if name in views else []
    return wanted


def sub_tables(lk: "Lake", text: str | None) -> Iterator[tuple[str, str, str]]:
    """Folder, name and table of what a text may read as `folder."name"`; None is everything.

    The table is `folder/name`, or `folder/name/rows`.
    """
    if text is not None and not re.search(r"\w+\s*\.\s*\"", text):
        return
    for folder in files.names(lk.root):
        if "." in folder or (text is not None and folder not in text):
            continue
        for entry in files.names(lk.path(folder)):
            name = entry.removesuffix(".lance")
            if text is not None and name not in text:
                continue
            table = f"{folder}/{name}" if name != entry else f"{folder}/{name}/rows"
            if lk.exists(table):
                yield folder, name, table


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
