"""A small lake as the steps leave it: three Korean and three English documents."""

import lance
import pyarrow as pa
import pytest

import lake
from lake.tables import TABLES

STEPS = {
    "n_chars": pa.int64(),
    "n_bytes": pa.int64(),
    "length_reason": pa.string(),
    "lang_reason": pa.string(),
    "n_tokens_tok": pa.int64(),
}
# doc_id, lang, source, n_bytes, n_tokens, lang_reason; by md5(doc_id || 42) the order is
# ko1 ko4 en6 en5 ko2 en1
DOCUMENTS = [
    ("en1", "en", "web", 10, 2, "kept"),
    ("en5", "en", "web", 20, 5, "kept"),
    ("en6", "en", "wiki", 30, 6, "language_mismatch"),
    ("ko1", "ko", "web", 40, 20, "kept"),
    ("ko2", "ko", "web", 50, 25, "kept"),
    ("ko4", "ko", "wiki", 60, 30, "kept"),
]


def rows(documents):
    return pa.Table.from_pylist(
        [
            {
                "doc_id": doc_id,
                "text": "x" * n_bytes,
                "lang": lang,
                "source": source,
                "origin": "curated",
                "n_bytes": n_bytes,
                "length_reason": "kept",
                "lang_reason": reason,
                "n_tokens_tok": n_tokens,
            }
            for doc_id, lang, source, n_bytes, n_tokens, reason in documents
        ],
        schema=pa.schema(
            [*TABLES["documents"].schema, *(pa.field(name, kind) for name, kind in STEPS.items())]
        ),
    )


@pytest.fixture
def lk(tmp_path):
    made = lake.create(tmp_path / "lake")
    lance.write_dataset(rows(DOCUMENTS), made.uri("documents"))
    return made


@pytest.fixture
def query(tmp_path):
    """Write a query file of a name; its select is given, its header is added."""

    def write(select: str, name: str = "mine", params: str = "") -> lake.Query:
        path = tmp_path / f"{name}.sql"
        path.write_text(f"-- A mixture of a test.\n-- One row per document.\n{params}\n{select}\n")
        return lake.Query.read(path)

    return write
