"""Language, source and synthesizer of each document, beside its rows: `groups.parquet`.

Packing writes it where it is asked to (`kormo pack held_out groups=true`), so that a run can tell
its validation apart without the lake. About 100 bytes a document; held in memory by the reader.
"""

import io
from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from kormo_ds.sequences.place import file_bytes

FILE = "groups.parquet"
UNKNOWN = "unknown"
_SCHEMA = pa.schema([(name, pa.string()) for name in ("doc_id", "lang", "source", "synthesizer")])


class Group(NamedTuple):
    """What the numbers of a document are grouped by; a language or source may be 'unknown'."""

    lang: str
    source: str
    synthesizer: str | None
    """The model that wrote it, None where a person did."""

    def names(self) -> list[str]:
        """The groups that it belongs to.

        >>> Group("ko", "web", "a/b").names()
        ['lang=ko', 'source=web', 'synthesizer=a/b']
        """
        named = [f"lang={self.lang}", f"source={self.source}"]
        return [*named, f"synthesizer={self.synthesizer}"] if self.synthesizer else named


def content(parts: Iterable[pa.Table]) -> bytes:
    """The file's bytes, of tables with doc_id, lang, source and synthesizer."""
    out = io.BytesIO()
    with pq.ParquetWriter(out, _SCHEMA) as writer:
        for part in parts:
            writer.write_table(part.select(_SCHEMA.names).cast(_SCHEMA))
    return out.getvalue()


def read(folder: str) -> dict[str, Group] | None:
    """The groups of every document of the sequences in `folder`; None where none were written."""
    found = file_bytes(folder, FILE)
    if found is None:
        return None
    columns = pq.read_table(io.BytesIO(found)).to_pydict()
    return {
        doc_id: Group(lang or UNKNOWN, source or UNKNOWN, synthesizer)
        for doc_id, lang, source, synthesizer in zip(
            *(columns[name] for name in _SCHEMA.names), strict=True
        )
    }
