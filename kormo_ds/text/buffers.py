"""Arrow string columns as numpy arrays, without a copy of the text.

What the compiled kernels read: the UTF-8 bytes of all texts in one array, where each text starts
and ends in it, and which texts are NULL. Costs one int64 array of the number of texts.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from kormo_ds.errors import BadInput


@dataclass(frozen=True)
class Texts:
    """The buffers of n texts."""

    data: np.ndarray
    """uint8: UTF-8 bytes, shared with the Arrow column."""
    offsets: np.ndarray
    """int64 [n + 1]: text i is `data[offsets[i]:offsets[i + 1]]`."""
    valid: np.ndarray
    """bool [n]: False where the text is NULL; its bytes are then without meaning."""

    def __len__(self) -> int:
        return len(self.valid)


def of(column: pa.Array | pa.ChunkedArray) -> Texts:
    """The buffers of a string or large_string column, sliced or not.

    Raises:
        BadInput: another type of column.
    """
    array = whole(column)
    offset_type = {pa.string(): np.int32, pa.large_string(): np.int64}.get(array.type)
    if offset_type is None:
        raise BadInput(f"a column of {array.type} is not text; cast it to string first")
    _, offsets, data = array.buffers()
    return Texts(
        data=np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8),
        offsets=_offsets(offsets, offset_type, array.offset, len(array)),
        valid=array.is_valid().to_numpy(zero_copy_only=False),
    )


def whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The column as one array."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def validity(valid: np.ndarray) -> pa.Buffer | None:
    """The Arrow validity bitmap of bool [n]; None where all are valid."""
    return None if valid.all() else pa.array(valid).buffers()[1]


def _offsets(buffer: pa.Buffer | None, kind: type, start: int, n: int) -> np.ndarray:
    if not buffer:  # Arrow allows an empty column to have no offsets at all
        return np.zeros(n + 1, np.int64)
    return np.frombuffer(buffer, kind)[start : start + n + 1].astype(np.int64)
