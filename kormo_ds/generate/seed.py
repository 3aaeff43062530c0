"""Seeds: the documents that an LLM is given, chosen by a query of `sql/seeds`.

The query returns the columns of `COLUMNS`; seeds come in the order of (sort_key, doc_id), and with
a limit they are the first ones, so a run that is stopped has used a sample like the rest. DuckDB
sorts the extracts on disk where they are more than its memory; all else streams.
"""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import duckdb

import lake
from kormo_ds import project
from kormo_ds.errors import BadConfig
from lake import BadContract, BadQuery, duck

FOLDER = "sql/seeds"
COLUMNS = dict.fromkeys(("doc_id", "text", "lang", "source", "topic", "sort_key"), "VARCHAR")
_MEMORY = "1GB"
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
    with tempfile.TemporaryDirectory() as spilled:
        con = duck.connect(lk, mentioned=query.sql)
        con.execute(f"set memory_limit = '{_MEMORY}'")
        con.execute(f"set temp_directory = '{spilled}'")
        found = query.run(con, dict(seeds.parameters), COLUMNS)
        text = f"left(text, {seeds.chars + 1}) as text" if seeds.chars else "text"
        found = found.project(f"doc_id, {text}, lang, source, topic, sort_key")
        found = found.order("sort_key, doc_id")
        try:
            reader = (found.limit(seeds.limit) if seeds.limit else found).to_arrow_reader(_ROWS)
            for batch in reader:
                for row in batch.to_pylist():
                    yield _seed(row, seeds.chars, query.name)
        except (duckdb.Error, OSError) as error:
            raise BadQuery(f"seed query {query.name}: {duck.first_line(error)}") from error


def _seed(row: dict[str, Any], chars: int, query: str) -> Seed:
    if not row["doc_id"] or row.pop("sort_key") is None or not (row["text"] or "").strip():
        raise BadContract(
            f"seed query {query} returns document {row['doc_id']} without id, text or sort_key; "
            "leave such out"
        )
    return Seed(**row | {"text": extract(row["text"], chars)})


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
