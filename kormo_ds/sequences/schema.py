"""The columns of a sequences table, and the record batch that a block of rows becomes.

A row is `length` tokens cut into pieces; a piece is a run of tokens of one document, and padding is
a last piece of the document ''. Facts about the whole table (mixture, tokenizer, parameters,
totals) are JSON in the schema's metadata, so a table explains itself without its lake.
"""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

KEY = b"kormo"
FORMAT = 2
"""2 has the column `languages`; tables of 1 are read as well, but for what needs it."""
LANGUAGES = "languages"

_SPAN = pa.struct([pa.field("start", pa.int32()), pa.field("end", pa.int32())])


def schema(length: int, facts: dict[str, Any]) -> pa.Schema:
    """The Arrow schema of rows of `length` tokens, carrying `facts`."""
    return pa.schema(
        [
            pa.field("input_ids", pa.list_(pa.int32(), length), nullable=False),
            pa.field("lengths", pa.list_(pa.int32()), nullable=False),
            pa.field("doc_ids", pa.list_(pa.string()), nullable=False),
            pa.field("offsets", pa.list_(pa.int32()), nullable=False),
            pa.field("components", pa.list_(pa.string()), nullable=False),
            pa.field("unscored", pa.list_(_SPAN), nullable=False),
            pa.field(LANGUAGES, pa.list_(pa.string()), nullable=False),
        ],
        metadata={KEY: json.dumps(facts, sort_keys=True).encode()},
    )


def facts_of(schema: pa.Schema) -> dict[str, Any]:
    """The facts that a sequences table carries; {} where it is another kind of table."""
    facts: dict[str, Any] = json.loads((schema.metadata or {}).get(KEY, b"{}"))
    return facts


@dataclass(frozen=True)
class Pieces:
    """What stands in a block of rows, piece after piece in row order; arrays of one length."""

    rows: np.ndarray
    """Row of the block, int64, ascending; every row has at least one piece."""
    lengths: np.ndarray
    """Tokens, int32."""
    doc_ids: pa.Array
    """Documents; '' is padding."""
    offsets: np.ndarray
    """First token of the piece in its document's stream BOS text EOS, int32."""
    components: pa.Array
    """Component of the mixture that chose the document; '' is padding."""
    languages: pa.Array
    """Language of the document, as its source says; '' is unknown, or padding."""


def batch(
    input_ids: np.ndarray, pieces: Pieces, unscored: np.ndarray | None = None
) -> pa.RecordBatch:
    """A record batch of `input_ids` int32 [n, length] and what stands in them.

    Padding becomes unscored spans, `start` and `end` in tokens of the row; so do the tokens that
    `unscored` (bool [n, length]) names. A span lies in one piece, so that padding, the last piece
    of its row, is a span of its own.
    """
    n, length = input_ids.shape
    edges = np.searchsorted(pieces.rows, np.arange(n + 1))
    ends = np.cumsum(pieces.lengths, dtype=np.int64)
    starts = ends - pieces.lengths
    if unscored is None:
        padding = pc.equal(pieces.doc_ids, "").to_numpy(zero_copy_only=False)
        starts, ends = starts[padding], ends[padding]
    else:
        starts, ends = _runs(unscored.reshape(-1), starts)
    rows = starts // length
    spans = pa.StructArray.from_arrays(
        [
            pa.array(starts - rows * length, pa.int32()),
            pa.array(ends - rows * length, pa.int32()),
        ],
        fields=list(_SPAN),
    )
    return pa.RecordBatch.from_arrays(
        [
            pa.FixedSizeListArray.from_arrays(pa.array(input_ids.reshape(-1), pa.int32()), length),
            _lists(edges, pa.array(pieces.lengths, pa.int32())),
            _lists(edges, pieces.doc_ids),
            _lists(edges, pa.array(pieces.offsets, pa.int32())),
            _lists(edges, pieces.components),
            _lists(np.searchsorted(rows, np.arange(n + 1)), spans),
            _lists(edges, pieces.languages),
        ],
        schema=schema(length, {}),
    )


def _runs(chosen: np.ndarray, begins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where runs of True begin and end in bool [tokens], broken at the places `begins`, int64.

    >>> _runs(np.array([True, True, False, True, True]), np.array([0, 1, 4]))
    (array([0, 1, 3, 4]), array([1, 2, 4, 5]))
    """
    first = chosen & np.append(True, ~chosen[:-1])
    first[begins] = chosen[begins]
    last = chosen & np.append(~chosen[1:] | first[1:], True)
    return np.flatnonzero(first), np.flatnonzero(last) + 1


def _lists(edges: np.ndarray, values: pa.Array) -> pa.ListArray:
    return pa.ListArray.from_arrays(pa.array(edges, pa.int32()), values)
