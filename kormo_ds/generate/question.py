"""Questions whose answer is known: documents, chosen by a query of `sql/questions`.

They come in the order of doc_id. DuckDB sorts them on disk where they are more than its memory; all
else streams.
"""

import tempfile
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import duckdb

import lake
from kormo_ds import project
from kormo_ds.generate.grade import GRADERS
from kormo_ds.generate.grade.choices import MOST_CHOICES
from lake import BadContract, BadQuery, duck

FOLDER = "sql/questions"
COLUMNS = dict.fromkeys(("doc_id", "lang", "domain", "question", "reference", "grader"), "VARCHAR")
COLUMNS["choices"] = "VARCHAR[]"
_MEMORY = "1GB"
_ROWS = 2_048
_LABELS = "ABCDEFGHIJ"


class Question(NamedTuple):
    """One question, as the query returned it."""

    doc_id: str
    lang: str | None
    domain: str
    question: str
    reference: str
    """The right answer, or a worked solution that ends with it."""
    grader: str
    """One of `GRADERS`."""
    choices: tuple[str, ...]
    """Empty where an answer is free."""

    @property
    def prompt_language(self) -> str:
        """The language in which it is asked: ko or en."""
        return "ko" if self.lang == "ko" else "en"

    @property
    def asked(self) -> str:
        """Question and choices, as a solver sees them."""
        choices = zip(_LABELS, self.choices, strict=False)
        lines = [f"({label}) {choice}" for label, choice in choices]
        return "\n\n".join([self.question.strip(), *(["\n".join(lines)] if lines else [])])


def find(name: str) -> lake.Query:
    """The query of a name in `sql/questions`, or of a path that ends in .sql.

    Raises:
        UnknownName: no such query.
        BadQuery: its header or its SQL cannot be read.
    """
    return lake.Query.read(project.file("question query", name, FOLDER, ".sql"))


def read(
    lk: lake.Lake, query: lake.Query, parameters: Mapping[str, Any], lacking: str
) -> Iterator[Question]:
    """The questions of the lake as it is now.

    Args:
        lk: the lake.
        query: of `find`.
        parameters: values of its parameters; the others have its defaults.
        lacking: a column of documents; only questions come for which it is NULL or not there.

    Raises:
        BadQuery: a parameter that the query does not have, or SQL that DuckDB refuses.
        BadContract: other columns, one document twice, or a row without id, domain or question.
    """
    is_new = f"{lacking} is null" if lacking in lk.schema("documents").names else "true"
    with tempfile.TemporaryDirectory() as spilled:
        con = duck.connect(lk, mentioned=f"{query.sql} documents")
        con.execute(f"set memory_limit = '{_MEMORY}'")
        con.execute(f"set temp_directory = '{spilled}'")
        found = query.run(con, parameters, COLUMNS)
        found.create_view("questions")
        before = None
        try:
            pending = con.sql(
                f"from questions semi join (select doc_id from documents where {is_new}) "
                "using (doc_id) order by doc_id"
            )
            for batch in pending.to_arrow_reader(_ROWS):
                for row in batch.to_pylist():
                    yield _question(row, query.name, before)
                    before = row["doc_id"]
        except (duckdb.Error, OSError) as error:
            raise BadQuery(f"query {query.name}: {duck.first_line(error)}") from error


def _question(row: dict[str, Any], query: str, before: str | None) -> Question:
    for name in ("doc_id", "domain", "question"):
        if not (row[name] or "").strip():
            raise BadContract(
                f"query {query} returns document {row['doc_id']} without {name}; leave such out"
            )
    if row["grader"] not in GRADERS:
        raise BadContract(
            f"query {query} returns grader '{row['grader']}' for document {row['doc_id']}; "
            f"known: {', '.join(GRADERS)}"
        )
    if row["doc_id"] == before:
        raise BadContract(f"query {query} returns document {before} twice; a document is one row")
    choices = tuple(choice or "" for choice in row["choices"] or ())
    if len(choices) > MOST_CHOICES:
        raise BadContract(
            f"query {query} returns {len(choices)} choices for document {row['doc_id']}; "
            f"at most {MOST_CHOICES} can be labelled"
        )
    return Question(**row | {"reference": row["reference"] or "", "choices": choices})
