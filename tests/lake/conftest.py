from dataclasses import dataclass

import pyarrow as pa
import pytest

import lake


@dataclass(frozen=True)
class Length:
    """Counts characters; short texts get a reason."""

    short: int = 2
    version: int = 1
    name: str = "length"
    ordered: bool = False
    reads: tuple[str, ...] = ("text",)

    @property
    def fingerprint(self):
        return lake.fingerprint(self.short)

    @property
    def writes(self):
        return (
            lake.Column("n_chars", pa.int64(), "characters"),
            lake.Column("length_reason", pa.string(), "'kept' or why not"),
        )

    def __call__(self, batch):
        n = [len(text) for text in batch.column("text").to_pylist()]
        reasons = ["short" if x < self.short else "kept" for x in n]
        return pa.RecordBatch.from_pydict(
            {"n_chars": pa.array(n, pa.int64()), "length_reason": pa.array(reasons)}
        )


@pytest.fixture
def length():
    return Length


@pytest.fixture
def lk(tmp_path):
    lk = lake.create(tmp_path / "lake")
    lk.append("documents", documents(["a", "b", "c"], ["x", "yy", "zzz"], ["ko", "en", "ko"]))
    return lk


def documents(ids, texts, langs=None):
    columns = {"doc_id": ids, "text": texts}
    if langs:
        columns["lang"] = langs
    return pa.table(columns)


@pytest.fixture(name="documents")
def documents_fixture():
    return documents
