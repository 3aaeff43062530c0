"""Seeds: the documents that an LLM is given, chosen by a query of `sql/seeds`.

The query returns the columns of `COLUMNS`; seeds come in the order of (sort_key, doc_id), and with
a limit they are the first ones, so a run that is stopped has used a sample like the rest.

    query ── streamed, texts cut ──▶ temporary Lance table ── rows in the order of the keys ──▶ Seed

DuckDB cannot sort more text than its memory, so only keys are sorted: 150 bytes a seed in memory,
and the extracts on disk ($TMPDIR) as long as they are read.
"""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

import lake
from kormo_ds import project
from kormo_ds.errors import BadConfig
from lake import BadContract, BadQuery, duck
from lake.rows import Counted

if TYPE_CHECKING:
    import lance

FOLDER = "sql/seeds"
COLUMNS = dict.fromkeys(("doc_id", "text", "lang", "source", "topic", "sort_key"), "VARCHAR")
_ROWS = 2_048
_END = re.compile(r"[.!?。！？…][\"'”’」』)\]]*(?=\s)|\n")


@dataclass(frozen=True)
class Seeds:
    """Which documents are seeds, and how much of each is used."""

    query: str
    """Name of a query in `sql/seeds`, or the path of a .sql file."""
    parameters: dict[str, Any] = field(default_factory=dict)
    """Values for parameters of the query; the others have its defaults."""
    limit: int = 0
    """Seeds at most; 0 for all."""
    chars: int = 1000
    """Characters of a seed's text at most, from its beginning to the end of a sentence or line; 0
    for all of it. 1,000 is Cosmopedia's number."""

    def __post_init__(self) -> None:
        for name in ("limit", "chars"):
            if getattr(self, name) < 0:
                raise BadConfig(f"seeds.{name}={getattr(self, name)} must be 0 or more")


class Seed(NamedTuple):
    """A seed as its query returned it, its text cut."""

    doc_id: str
    text: str
    lang: str | None
    source: str | None
    topic: str | None


def find(name: str) -> lake.Query:
    """The seed query of a name, or of a path that ends in .sql.

    Raises:
        UnknownName: no such query.
        BadQuery: its header or its SQL cannot be read.
    """
    return lake.Query.read(project.file("seed query", name, FOLDER, ".sql"))


def read(lk: lake.Lake, seeds: Seeds) -> Iterator[Seed]:
    """The seeds of the lake as it is now.

    Raises:
        UnknownName: no such query.
        BadQuery: a parameter that it does not have, or SQL that DuckDB refuses.
        BadContract: other columns, or a seed without id, text or sort_key.
    """
    query = find(seeds.query)
    with tempfile.TemporaryDirectory() as folder:
        extracts = _extracts(lk, query, seeds, folder)
        keys = extracts.to_table(["sort_key", "doc_id"])
        order = pc.sort_indices(keys, [("sort_key", "ascending"), ("doc_id", "ascending")])
        del keys
        for first in range(0, min(len(order), seeds.limit or len(order)), _ROWS):
            places = order[first : min(first + _ROWS, seeds.limit or len(order))]
            for row in extracts.take(places.to_numpy(), list(Seed._fields)).to_pylist():
                yield Seed(**row | {"text": extract(row["text"], seeds.chars)})


def _extracts(lk: lake.Lake, query: lake.Query, seeds: Seeds, folder: str) -> "lance.LanceDataset":
    """What the query returns, with a limit no more than is needed, as a table in `folder`."""
    import lance

    con = duck.connect(lk, mentioned=query.sql)
    con.execute("set enable_progress_bar = false")
    found = query.run(con, seeds.parameters, COLUMNS)
    try:
        if seeds.limit:
            keys = found.project("sort_key").order("sort_key")
            for (last,) in keys.limit(1, offset=seeds.limit - 1).fetchall():
                key = duckdb.ColumnExpression("sort_key")
                found = found.filter(key.isnull() | (key <= duckdb.ConstantExpression(last)))
        text = f"left(text, {seeds.chars + 1}) as text" if seeds.chars else "text"
        reader = found.project(f"doc_id, {text}, lang, source, topic, sort_key").to_arrow_reader(
            _ROWS
        )
        checked = Counted(_checked(batch, query.name) for batch in reader)
        with checked.reraise():
            return lance.write_dataset(checked, f"{folder}/extracts.lance", schema=reader.schema)
    except (duckdb.Error, OSError) as error:
        raise BadQuery(f"seed query {query.name}: {duck.first_line(error)}") from error


def _checked(batch: pa.RecordBatch, query: str) -> pa.RecordBatch:
    """The batch, if each of its seeds has an id, a text and a key."""
    is_whole = pc.is_valid(batch["doc_id"])
    is_whole = pc.and_(is_whole, pc.is_valid(batch["sort_key"]))
    has_text = pc.match_substring_regex(pc.fill_null(batch["text"], ""), r"\S")
    without = pc.invert(pc.and_(is_whole, has_text))
    if pc.any(without).as_py():
        doc_id = batch["doc_id"].filter(without)[0]
        raise BadContract(
            f"seed query {query} returns document {doc_id} without id, text or sort_key; "
            "leave such out"
        )
    return batch


def extract(text: str, chars: int) -> str:
    """The beginning of a text, of `chars` characters at most, to the end of a sentence or line.

    Where none ends in the second half it is cut at white space, and where there is none, anywhere.

    >>> extract("One sentence. Another one that goes on", 20)
    'One sentence.'
    """
    text = text.rstrip()
    if not chars or len(text) <= chars:
        return text.strip()
    ends = [found.end() for found in _END.finditer(text, 0, chars + 1) if found.end() <= chars]
    blank = max(text.rfind(mark, 0, chars + 1) for mark in " \t\n")
    for cut in (ends[-1] if ends else 0, blank):
        if cut >= chars // 2:
            return text[:cut].strip()
    return text[:chars].strip()
