"""Spans: parts of a text, as byte offsets in UTF-8, that are left out or masked when it is used.

`text` is never changed, so what a step wants gone it writes as spans, `[start, end)`, ascending and
apart from each other within one column. Spans of several columns may overlap: what any of them
covers is gone, and a mask stands where it does not begin inside another span. In SQL the function
is `final_text(text, removed, removed_too, masked)`, which the view of that name uses; packing calls
the same one. Costs about 1 µs a span and 2 µs a document.
"""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

import duckdb
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

_PAIR = [("start", pa.int32()), ("end", pa.int32())]
SPANS = pa.list_(pa.struct(_PAIR))
"""The type of spans that are left out."""
MASKED = pa.list_(pa.struct([*_PAIR, ("kind", pa.string())]))
"""The type of spans that become `[KIND]`."""
_SPANS_SQL = 'STRUCT("start" INTEGER, "end" INTEGER)[]'
_MASKED_SQL = 'STRUCT("start" INTEGER, "end" INTEGER, kind VARCHAR)[]'


def final_texts(
    texts: pa.Array | pa.ChunkedArray, *spans: pa.Array | pa.ChunkedArray
) -> pa.Array | pa.ChunkedArray:
    """Each text without its spans.

    Args:
        texts: string [n].
        *spans: columns of `SPANS` or `MASKED` [n]; NULL for none.

    Returns:
        string [n]; NULL for NULL, '' where nothing is left.
    """
    given = [column for column in spans if len(column) and _any(column)]
    if not given:
        return texts
    out = []
    for text, *edits in zip(texts, *given, strict=True):
        found = list(chain.from_iterable(edit.as_py() or () for edit in edits))
        value = text.as_py()
        out.append(_without(value, found) if found and value is not None else value)
    return pa.array(out, pa.string())


def register(con: duckdb.DuckDBPyConnection) -> None:
    """Give a connection the SQL function `final_text`."""
    kinds = ["VARCHAR", _SPANS_SQL, _SPANS_SQL, _MASKED_SQL]
    types: list[Any] = [duckdb.sqltype(kind) for kind in kinds]

    def final_text(texts: pa.Array, removed: pa.Array, too: pa.Array, masked: pa.Array) -> pa.Array:
        return final_texts(texts, removed, too, masked)

    con.create_function(
        "final_text",
        final_text,
        types,
        duckdb.sqltype("VARCHAR"),
        type=PythonUDFType.ARROW,
        null_handling=FunctionNullHandling.SPECIAL,
    )


def _any(column: pa.Array | pa.ChunkedArray) -> bool:
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return any(chunk.type != pa.null() and len(chunk.flatten()) for chunk in chunks)


def gone(edits: Iterable[Mapping[str, Any]]) -> list[tuple[int, int, str]]:
    """What spans take out of one text, in parts that are ascending and apart.

    Args:
        edits: spans of all columns together, in any order; of two that begin at one place the
            longer comes first, and of two alike the one that is given first.

    Returns:
        start, end and what stands there instead: '' or '[KIND]'.
    """
    parts: list[tuple[int, int, str]] = []
    for edit in sorted(edits, key=lambda edit: (edit["start"], -int(edit["end"]))):
        start, end = int(edit["start"]), int(edit["end"])
        if parts and start < parts[-1][1]:
            first, last, mask = parts[-1]
            parts[-1] = (first, max(last, end), mask)
        else:
            parts.append((start, end, f"[{edit['kind']}]" if "kind" in edit else ""))
    return parts


def _without(text: str, edits: list[dict[str, int | str]]) -> str:
    """One text without its edits."""
    data = text.encode()
    kept, at = [], 0
    for start, end, mask in gone(edits):
        kept += [data[at:start], mask.encode()]
        at = end
    kept.append(data[at:])
    return b"".join(kept).decode()
