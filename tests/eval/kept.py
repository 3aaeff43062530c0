"""A step that keeps all documents, in place of those of the spine."""

from dataclasses import dataclass

import pyarrow as pa

import lake


@dataclass(frozen=True)
class Kept:
    """What the steps of the spine leave of a document that they all keep."""

    name: str = "kept"
    version: int = 1
    fingerprint: str = "kept"
    ordered: bool = False
    reads: tuple[str, ...] = ("text",)
    writes: tuple[lake.Column, ...] = (
        lake.Column("text_clean", pa.string(), "the text"),
        lake.Column("n_chars", pa.int64(), "its characters"),
        lake.Column("n_bytes", pa.int64(), "its bytes"),
        lake.Column("length_reason", pa.string(), "kept"),
        lake.Column("lang_reason", pa.string(), "kept"),
    )

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        texts = batch.column("text").to_pylist()
        columns = {
            "text_clean": texts,
            "n_chars": [len(text) for text in texts],
            "n_bytes": [len(text.encode()) for text in texts],
            "length_reason": ["kept"] * len(texts),
            "lang_reason": ["kept"] * len(texts),
        }
        return pa.RecordBatch.from_pydict(columns)
