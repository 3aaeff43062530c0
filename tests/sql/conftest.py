"""A real lake whose `documents` has the columns of all steps, filled from literal rows."""

import lance
import pyarrow as pa
import pytest

import lake
from kormo_ds.dashboard import run_columns
from lake.spans import MASKED, SPANS
from lake.tables import TABLES

STEP_COLUMNS = {
    "text_clean": pa.string(),
    "clean_changed": pa.bool_(),
    "n_chars": pa.int64(),
    "n_bytes": pa.int64(),
    "n_words": pa.int64(),
    "n_lines": pa.int64(),
    "length_reason": pa.string(),
    "lang_detected": pa.string(),
    "lang_score": pa.float32(),
    "lang_bin": pa.int8(),
    "lang_reason": pa.string(),
    "n_tokens_tok": pa.int64(),
    "n_chat_tokens_tok": pa.int64(),
    "dup_spans": SPANS,
    "bff_text": pa.string(),
    "bff_total": pa.int64(),
    "bff_contained": pa.int64(),
    "bff_reason": pa.string(),
    "line_spans": SPANS,
    "pii_spans": MASKED,
    "contaminated_by": pa.list_(pa.string()),
    "contamination_items": pa.int32(),
    "contamination_hits": pa.int32(),
    "contamination_reason": pa.string(),
    "quality": pa.float32(),
    "quality_bin": pa.int8(),
    "quality_reason": pa.string(),
    "quality_v2": pa.float32(),
    "quality_bin_v2": pa.int8(),
    "quality_v2_reason": pa.string(),
    "toxicity": pa.float32(),
    "toxicity_bin": pa.int8(),
    "toxicity_reason": pa.string(),
    "n_insults": pa.int32(),
    "n_identity": pa.int32(),
    "n_insults_near_identity": pa.int32(),
    "insults_per_1000": pa.float32(),
    "identity_per_1000": pa.float32(),
    "exact_dup_of": pa.string(),
    "exact_reason": pa.string(),
    "minhash_dup_of": pa.string(),
    "minhash_reason": pa.string(),
}
ALWAYS = ("length_reason", "lang_reason")
FURTHER = {"_reason": pa.string(), "_bin": pa.int8()}
FURTHER |= {"_domain": pa.string(), "_verdict": pa.string()}
"""Columns by their ending that an example may have besides."""


def schema(rows: list[dict]) -> pa.Schema:
    """The columns of all steps, and those of further steps that `rows` name.

    A reason that is there decides, so those of steps that need not run are there if a row names
    them, or where there is no row.
    """
    named = list(dict.fromkeys(name for row in rows for name in row))
    fields = [
        pa.field(name, kind)
        for name, kind in STEP_COLUMNS.items()
        if name in (*named, *ALWAYS)
        or not (rows and name.endswith(("_reason", "_chat_tokens_tok")))
    ]
    for name in named:
        ending = name[name.rfind("_") :]
        if name not in STEP_COLUMNS and ending in FURTHER:
            fields.append(pa.field(name, FURTHER[ending]))
    return pa.schema([*TABLES["documents"].schema, *fields])


@pytest.fixture
def lake_of(tmp_path):
    """Make a lake from {table: [row, …]}; a row names only the columns that matter."""

    def make(given: dict[str, list[dict]]) -> lake.Lake:
        lk = lake.create(tmp_path / "lake")
        columns = schema(given.get("documents", []))
        lance.write_dataset(columns.empty_table(), lk.uri("documents"))
        for table, rows in given.items():
            if table in run_columns.TABLES:
                continue
            known = lk.schema(table)
            for column in {name for row in rows for name in row}:
                assert column in known.names, f"{table} has no column {column}"
            lk.append(table, pa.Table.from_pylist(rows, schema=known))
        return lk

    return make


@pytest.fixture
def runs_of():
    """The tables of run folders, made from {table: [row, …]} as `lake_of` makes the lake's."""

    def make(given: dict[str, list[dict]]) -> dict:
        tables = {}
        for name, table in run_columns.TABLES.items():
            rows = given.get(name, [])
            for column in {name for row in rows for name in row}:
                assert column in table.schema.names, f"{name} has no column {column}"
            tables[name] = pa.Table.from_pylist(rows, schema=table.schema)
        return {name: (lambda table=table: table) for name, table in tables.items()}

    return make
