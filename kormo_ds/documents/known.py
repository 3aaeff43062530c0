"""Which ids are in a table already.

The first 64 bits of every id are kept in memory, sorted: 8 bytes a document (0.8 GB for 100
million). Two ids can share 64 bits, so an id whose bits are there is compared with the table
itself, in one scan of its id column for a whole chunk. New documents, whose bits are almost never
there, cost no scan; a chunk that is ingested again costs one.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import lake
from kormo_ds.errors import Damaged

_HEX = np.full(256, 255, dtype=np.uint8)
_HEX[np.frombuffer(b"0123456789abcdef", dtype=np.uint8)] = np.arange(16, dtype=np.uint8)
_DIGITS = 32
_BATCH_ROWS = 65_536
_MERGE_ROWS = 1_000_000


class KnownIds:
    """The ids of one table, as they were when it was opened and as they are added."""

    def __init__(self, lk: lake.Lake | None, table: str, column: str, written: bool = True):
        """Read the id column of `table` once; no lake or no table means no ids.

        `written` False: what is added is never written (a dry run), so there is nothing to compare
        it with and its 64 bits decide; one count in 10**9 may be off by one at 100 million.
        """
        self._lake, self._table, self._column = lk, table, column
        self._written = written
        self._old = self._new = np.empty(0, dtype=np.uint64)
        parts = [prefixes(ids) for ids in self._scan()]
        if parts:
            self._old = np.sort(np.concatenate(parts))

    def among(self, ids: list[str]) -> set[str]:
        """Those of `ids` that the table holds. Exact."""
        if not ids:
            return set()
        wanted = pa.array(ids, pa.string())
        bits = prefixes(wanted)
        fresh = _contains(self._new, bits)
        near = _contains(self._old, bits) | fresh
        if not near.any():
            return set()
        suspects = wanted.filter(pa.array(near))
        found = set() if self._written else set(wanted.filter(pa.array(fresh)).to_pylist())
        for held in self._scan():
            found.update(held.filter(pc.is_in(held, value_set=suspects)).to_pylist())
        return found

    def add(self, ids: list[str]) -> None:
        """Remember ids that were just written to the table."""
        if not ids:
            return
        self._new = _merged(self._new, np.sort(prefixes(pa.array(ids, pa.string()))))
        # merging into the large array only now and then keeps adding cheap
        if self._written and len(self._new) > len(self._old) // 8 + _MERGE_ROWS:
            self._old, self._new = _merged(self._old, self._new), self._new[:0]

    def _scan(self) -> Iterator[pa.StringArray]:
        """The id column of the table as it is now, batch by batch."""
        if self._lake is None or not self._lake.exists(self._table):
            return
        dataset = self._lake.dataset(self._table)
        for batch in dataset.to_batches(columns=[self._column], batch_size=_BATCH_ROWS):
            yield batch.column(0)


def prefixes(ids: pa.StringArray) -> np.ndarray:
    """The first 16 hex digits of each id as uint64.

    Raises:
        Damaged: an id that is not 32 hex digits.
    """
    offsets = np.frombuffer(ids.buffers()[1], dtype=np.int32)[ids.offset :][: len(ids) + 1]
    data = np.frombuffer(ids.buffers()[2] or b"", dtype=np.uint8)[offsets[0] : offsets[-1]]
    if ids.null_count or not (np.diff(offsets) == _DIGITS).all():
        raise Damaged("the lake holds an id that is not 32 hex digits; was it written by hand?")
    nibbles = _HEX[data.reshape(-1, _DIGITS)[:, :16]]
    if (nibbles == 255).any():
        raise Damaged("the lake holds an id that is not 32 hex digits; was it written by hand?")
    return (nibbles[:, 0::2] << 4 | nibbles[:, 1::2]).copy().view(">u8").astype(np.uint64).ravel()


def _merged(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Two sorted arrays as one; numpy's stable sort merges such runs in linear time."""
    return np.sort(np.concatenate([a, b]), kind="stable")


def _contains(held: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """True for each of `wanted` that is in the sorted `held`."""
    if len(held) == 0:
        return np.zeros(len(wanted), dtype=bool)
    at = np.searchsorted(held, wanted)
    return np.asarray(held[np.minimum(at, len(held) - 1)] == wanted)
