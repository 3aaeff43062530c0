"""A lake of repeated literal documents in two languages and a recorded mixture of them."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

import lake

TEXTS = {
    "ko1": ("ko", "news", "한국어 문서 한국어 문서 2024"),
    "ko2": ("ko", "law", "한국어 법률 한국어 법률"),
    "en1": ("en", "news", "low lower lowest low lower"),
}
REPEATS = {"ko1": 2.0, "ko2": 1.0, "en1": 1.0}


class Copy:
    """The step that writes `text_clean`: the text as it is."""

    name, version, fingerprint, reads = "clean", 1, "copy", ("text",)
    ordered = False
    writes = (lake.Column("text_clean", pa.string(), "the text"),)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        return pa.RecordBatch.from_arrays([batch.column("text")], ["text_clean"])


@pytest.fixture
def lk(tmp_path) -> lake.Lake:
    lk = lake.create(tmp_path / "lake")
    langs, sources, texts = zip(*TEXTS.values(), strict=True)
    columns = {"doc_id": list(TEXTS), "lang": langs, "source": sources, "text": texts}
    lk.append("documents", pa.table({name: list(values) for name, values in columns.items()}))
    lk.fill("documents", [Copy()])
    selection = {
        "doc_id": list(REPEATS),
        "component": ["all"] * 3,
        "repeats": list(REPEATS.values()),
        "sort_key": list(REPEATS),
    }
    lk.write("mixtures/m@1", pa.table(selection))
    row = dict.fromkeys(lk.schema("mixtures").names) | {
        "mixture": "m",
        "version": 1,
        "documents_version": lk.version("documents"),
        "created_at": datetime.now(UTC),
        "n_documents": 3,
        "digest": "d",
    }
    lk.append("mixtures", pa.Table.from_pylist([row], schema=lk.schema("mixtures")))
    return lk
