"""Rows on their way into the lake: gathered up to a limit, then written in one commit.

A killed ingest keeps its committed chunks, and only those: ingesting again adds the rest. Memory:
one chunk, twice for a moment while it becomes Arrow.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

import lake
from kormo_ds.documents.document import Document, Reject, storable
from kormo_ds.documents.identity import reject_id
from kormo_ds.documents.known import KnownIds
from lake.tables import table


class Chunks:
    """Takes documents and rejects of one ingest and commits them, chunk by chunk."""

    def __init__(self, lk: lake.Lake | None, ingest_run: str, dry_run: bool):
        """`lk` None: there is no lake yet, which a dry run may ask about."""
        self._lake, self._ingest_run, self._dry_run = lk, ingest_run, dry_run
        self._known = KnownIds(lk, "documents", "doc_id", written=not dry_run)
        self._known_rejects = KnownIds(lk, "rejects", "reject_id", written=not dry_run)
        self._documents: dict[str, Document] = {}
        self._rejects: dict[str, tuple[str, Reject]] = {}
        self._n_rows = self._n_bytes = 0

    def add(self, document: Document) -> bool:
        """Take a document; False if this chunk has it already."""
        self._n_rows += 1
        if document.doc_id in self._documents:
            return False
        self._documents[document.doc_id] = document
        self._n_bytes += len(document.text)
        return True

    def reject(self, source: str, reject: Reject) -> None:
        """Take a reject; the same one twice is one row."""
        self._n_rows += 1
        key = reject_id(source, reject.name, reject.line, reject.reason, reject.detail)
        self._rejects.setdefault(key, (source, reject))

    def full(self, rows: int, n_bytes: int) -> bool:
        """True once so many rows, or bytes of text, wait to be committed."""
        return self._n_rows >= rows or self._n_bytes >= n_bytes

    def commit(self) -> tuple[list[Document], int]:
        """Write what waits; the documents that are new, in order, and how many were there."""
        present = self._known.among(list(self._documents))
        added = [doc for key, doc in self._documents.items() if key not in present]
        known = self._known_rejects.among(list(self._rejects))
        rejects = {key: value for key, value in self._rejects.items() if key not in known}
        if self._lake is not None and not self._dry_run:
            # Rejects first: a kill between the two repeats documents, which know themselves.
            if rejects:
                self._lake.append("rejects", self._reject_table(rejects))
            if added:
                self._lake.append("documents", self._document_table(added))
        self._known.add([doc.doc_id for doc in added])
        self._known_rejects.add(list(rejects))
        self._documents, self._rejects = {}, {}
        self._n_rows = self._n_bytes = 0
        return added, len(present)

    def _document_table(self, documents: list[Document]) -> pa.Table:
        columns = dict(zip(Document._fields, zip(*documents, strict=True), strict=True))
        text = _strings(columns.pop("text"))
        born = table("documents").schema
        arrays = {name: pa.array(values, born.field(name).type) for name, values in columns.items()}
        run = pa.repeat(pa.scalar(self._ingest_run, pa.string()), len(documents))
        return pa.table({**arrays, "text": text, "ingest_run": run})

    def _reject_table(self, rejects: dict[str, tuple[str, Reject]]) -> pa.Table:
        found = list(rejects.values())
        return pa.table(
            {
                "reject_id": pa.array(list(rejects), pa.string()),
                "ingest_run": pa.repeat(pa.scalar(self._ingest_run, pa.string()), len(found)),
                "source": pa.array([source for source, _ in found], pa.string()),
                "file": pa.array([storable(reject.file) for _, reject in found], pa.string()),
                "line": pa.array([reject.line for _, reject in found], pa.int64()),
                "reason": pa.array([reject.reason for _, reject in found], pa.string()),
                "detail": pa.array([reject.detail for _, reject in found], pa.string()),
            }
        )


def _strings(texts: Sequence[bytes]) -> pa.StringArray:
    """UTF-8 texts as one Arrow array, by one copy; `pa.array` grows its buffer again and again."""
    offsets = np.zeros(len(texts) + 1, dtype=np.int32)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(texts))]
    return pa.Array.from_buffers(pa.string(), len(texts), buffers)
