"""The text that is trained on: `text_clean` without the spans that steps wrote.

The view `final_text` is the same in SQL. Counting tokens and packing come here, so they agree.
"""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.errors import BadInput
from lake.spans import final_texts

REMOVED = ("dup_spans", "line_spans")
"""Columns of spans that are left out."""
MASKED = ("pii_spans",)
"""Columns of spans that are masked."""
COLUMNS = (*REMOVED, *MASKED)
_TEXT_OF = "bff_text"


def needed(schema: Iterable[str]) -> list[str]:
    """The columns of `schema` that `of` looks at besides `text_clean`."""
    return [name for name in (*COLUMNS, _TEXT_OF) if name in set(schema)]


def readable(documents: pa.Table | pa.RecordBatch) -> list[str]:
    """The final text of documents, or their `text` as far as no step has cleaned it.

    Args:
        documents: with `text`, and with `text_clean` and what is `needed` where the lake has them.
    """
    texts = documents.column("text")
    if "text_clean" in documents.schema.names:
        texts = pc.coalesce(of(documents), texts)
    return [text or "" for text in texts.to_pylist()]


def of(documents: pa.Table | pa.RecordBatch) -> pa.Array | pa.ChunkedArray:
    """The final text of documents that have `text_clean` and what is `needed`.

    Raises:
        BadInput: duplicates were searched in `text`, so their spans are not of `text_clean`.
    """
    names = documents.schema.names
    if _TEXT_OF in names:
        other = pc.and_(
            pc.equal(documents.column(_TEXT_OF), "text"),
            pc.greater(pc.list_value_length(documents.column("dup_spans")), 0),
        )
        if pc.any(other).as_py():
            raise BadInput(
                "dup_spans are of the column text, and text_clean is what is used; drop them with: "
                "kormo lake drop dup_spans bff_text bff_total bff_contained bff_reason, and run "
                "kormo dedup bff again"
            )
    spans = [documents.column(name) for name in COLUMNS if name in names]
    return final_texts(documents.column("text_clean"), *spans)
