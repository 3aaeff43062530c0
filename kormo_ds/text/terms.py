"""Count the words of texts that are in one of two lists, by the hashes of words.

A list of some thousand forms is a table of a hundred kilobytes, so a word costs one look-up in a
cache: some 2 ns, after its hash, which all steps of a scan share.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.errors import BadInput
from kormo_ds.text import buffers, hashes, words

_ONE = np.uint64(1)


@dataclass(frozen=True)
class Terms:
    """Two lists of words, ready to be looked up."""

    keys: np.ndarray
    """uint64 [a power of two]: hashes of words, 0 where none is."""
    kinds: np.ndarray
    """uint8: 1 for a word of the first list, 2 for one of the second, 3 for one of both."""

    @classmethod
    def of(cls, first: Sequence[str], second: Sequence[str]) -> "Terms":
        """Tables of these words.

        Raises:
            BadInput: one of them is not one word (UAX #29), so that no text can hold it.
        """
        found = [_hashed(first), _hashed(second)]
        size = 4
        while size < 4 * (len(found[0]) + len(found[1])):
            size *= 2
        keys, kinds = np.zeros(size, np.uint64), np.zeros(size, np.uint8)
        for kind, those in enumerate(found, start=1):
            _add(keys, kinds, those, np.uint8(kind))
        return cls(keys, kinds)

    def count(self, column: pa.ListArray, near: int) -> np.ndarray:
        """int32 [n, 3]: words of the first list, of the second, and of the first beside the second.

        Args:
            column: `hashes.HASHES`, the words of each text.
            near: a word is beside another up to so many words before or after it.
        """
        array = buffers.whole(column)
        out = np.zeros((len(array), 3), np.int32)
        _count(array.offsets.to_numpy(), array.values.to_numpy(), self.keys, self.kinds, near, out)
        return out


def _hashed(those: Sequence[str]) -> np.ndarray:
    column = pa.array(list(those), pa.string())
    found = hashes.of_words(column, words.boundaries(column))
    for word, n in zip(those, found.value_lengths().to_pylist(), strict=True):
        if n != 1:
            raise BadInput(f"the term '{word}' is {n} words and not one; no word can equal it")
    values: np.ndarray = found.values.to_numpy()
    return values


@njit(cache=True, nogil=True)
def _add(keys, kinds, those, kind):  # type: ignore[no-untyped-def]
    mask = np.uint64(len(keys) - 1)
    for i in range(len(those)):
        slot = those[i] & mask
        while keys[slot] and keys[slot] != those[i]:
            slot = (slot + _ONE) & mask
        keys[slot] = those[i]
        kinds[slot] |= kind


@njit(cache=True, nogil=True)
def _kind(value, keys, kinds):  # type: ignore[no-untyped-def]
    mask = np.uint64(len(keys) - 1)
    slot = value & mask
    while keys[slot]:
        if keys[slot] == value:
            return kinds[slot]
        slot = (slot + _ONE) & mask
    return np.uint8(0)


@njit(cache=True, nogil=True)
def _count(offsets, values, keys, kinds, near, out):  # type: ignore[no-untyped-def]
    for text in range(len(out)):
        start, end = offsets[text], offsets[text + 1]
        for word in range(start, end):
            kind = _kind(values[word], keys, kinds)
            if kind & 2:
                out[text, 1] += 1
            if kind & 1:
                out[text, 0] += 1
                for other in range(max(start, word - near), min(end, word + near + 1)):
                    if other != word and _kind(values[other], keys, kinds) & 2:
                        out[text, 2] += 1
                        break
