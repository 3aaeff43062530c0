"""The whole result of a question as a file, with the writers of `kormo sql --out`.

A CSV goes into a spreadsheet, which takes a cell that begins with = + - @ for a formula, and the
text of a lake comes from strangers: such text gets an apostrophe before it, in CSV alone. Parquet
and JSON lines hold every byte as it is, and so does `kormo sql --out` in all its formats. An answer
over the limits of `ask.EXPORT` makes no file, rather than part of one. Rows and file are in memory.
"""

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from kormo_ds import write_rows
from kormo_ds.dashboard.ask import EXPORT, Asker
from lake import BadQuery

FORMATS = {
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv",
    ".jsonl": "application/jsonl",
}
"""Suffixes and their media types."""
FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
"""What a spreadsheet may take for a formula; the wide forms are those of a Korean keyboard."""


def ask(asker: Asker, text: str, values: Mapping[str, Any], suffix: str) -> bytes:
    """The file of a question's whole answer.

    Raises:
        BadQuery: the question fails, takes longer than an export may, or has more rows.
    """
    answer = asker.ask(text, values, EXPORT)
    if answer.is_cut:
        raise BadQuery(
            f"more than {EXPORT.rows:,} rows or {EXPORT.answer_mb} MiB, the most that a file from "
            f"here holds; `kormo sql -c '…' --out rows{suffix}` writes any number"
        )
    return made(answer.table, suffix)


def made(table: pa.Table, suffix: str) -> bytes:
    """The rows of a table as a file of one of `FORMATS`.

    Raises:
        BadInput: nested values for CSV.
    """
    config: dict[str, Any] = {"threads": EXPORT.threads}
    with duckdb.connect(config=config) as con, tempfile.TemporaryDirectory() as folder:
        relation = con.from_arrow(table)
        if suffix == ".csv":
            relation = _harmless(relation)
        file = Path(folder) / f"rows{suffix}"
        write_rows.write(relation, str(file))
        return file.read_bytes()


def holds_nested(schema: pa.Schema) -> bool:
    """Whether a CSV cannot hold the rows."""
    return any(pa.types.is_nested(field.type) for field in schema)


def _harmless(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """The rows with an apostrophe before each text, and each name, that could be a formula."""
    shown = []
    for name, kind in zip(relation.columns, relation.types, strict=True):
        column = duckdb.ColumnExpression(name)
        if kind.id in ("varchar", "enum", "blob"):
            column = column.cast("VARCHAR")
            pattern = duckdb.ConstantExpression(FORMULA)
            risky = duckdb.FunctionExpression("regexp_matches", column, pattern)
            marked = duckdb.FunctionExpression("concat", duckdb.ConstantExpression("'"), column)
            column = duckdb.CaseExpression(risky, marked).otherwise(column)
        shown.append(column.alias(f"'{name}" if re.match(FORMULA, name) else name))
    return relation.select(*shown)
