"""A lake of short documents that two-class models can learn from, made the same every time."""

import numpy as np
import pyarrow as pa
import pytest

import lake

GOOD = ["설명", "자료", "정리", "근거", "목차", "예시", "계산", "함수", "결과", "정의"]
BAD = ["ㅋㅋ", "대박", "짱", "헐", "완전", "최고", "별로", "노잼", "ㅠㅠ", "진짜"]
BOTH = ["그", "이", "것", "수", "나는", "오늘", "그리고", "하지만"]


class Copy:
    """The step that writes `text_clean`: the text as it is."""

    name, version, fingerprint, reads, ordered = "clean", 1, "copy", ("text",), False
    writes = (lake.Column("text_clean", pa.string(), "the text"),)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        return pa.RecordBatch.from_arrays([batch.column("text")], ["text_clean"])


def documents(n: int, lang: str = "ko", seed: int = 0) -> list[dict]:
    """`n` documents of source 'docs' and as many of source 'chat'."""
    draw = np.random.default_rng(seed)
    rows = []
    for source, own in (("docs", GOOD), ("chat", BAD)):
        for i in range(n):
            words = draw.choice([*own, *BOTH], 30)
            row = {"doc_id": f"{lang}-{source}-{i:04}", "text": " ".join(words)}
            rows.append(row | {"lang": lang, "source": source})
    return rows


def made(root, rows) -> lake.Lake:
    lk = lake.create(root)
    lk.append("documents", pa.Table.from_pylist(rows, schema=lk.schema("documents")))
    lk.fill("documents", [Copy()])
    return lk


@pytest.fixture
def lk(tmp_path) -> lake.Lake:
    return made(tmp_path / "lake", documents(200) + documents(20, "en"))


@pytest.fixture
def settings():
    """Settings that make a small model in a moment."""
    from kormo_ds.classifier import Settings

    def make(**others):
        given = {
            "lang": "ko",
            "positives": "select doc_id from documents where source = 'docs'",
            "negatives": "select doc_id from documents where source = 'chat'",
            "min_documents": 10,
            "bucket": 1024,
            "dim": 8,
            "lr": 0.5,
        }
        return Settings(**(given | others))

    return make


@pytest.fixture(scope="session")
def lake_of_rows():
    return made
