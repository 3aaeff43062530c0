"""Lines and paragraphs that stood before in the same text: how many, and their characters.

Two lines are the same if their bytes have the same 64-bit hash. Costs about 0.5 ns a byte.
Semantics: Rae et al. 2021 ("Gopher", table A1), split as datatrove splits.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.text import buffers, characters, code_points, lines
from kormo_ds.text.hashes import hash_bytes
from kormo_ds.text.lines import NEWLINE, find, left, right
from kormo_ds.text.numbering import emptied, number, places


class Repeated(NamedTuple):
    """Counts of each text, int64 [n]; all 0 for an empty text and for NULL."""

    chars: np.ndarray
    """Code points of the text."""
    paragraphs: np.ndarray
    """Parts of the text, stripped of white space, between two or more newlines."""
    copied_paragraphs: np.ndarray
    """Those that stood before."""
    copied_paragraph_chars: np.ndarray
    lines: np.ndarray
    """Parts of the whole text between newlines, one or more: an empty one before a newline at the
    start, and an empty one after a newline at the end."""
    copied_lines: np.ndarray
    copied_line_chars: np.ndarray


def of(texts: pa.Array | pa.ChunkedArray) -> Repeated:
    """Count the repeated paragraphs and lines of string or large_string [n]."""
    found = buffers.of(texts)
    counts = np.zeros((len(Repeated._fields), len(found)), np.int64)
    _count(found.data, found.offsets, found.valid, *characters.tables(), counts)
    return Repeated(*counts)


@njit(cache=True, nogil=True)
def _count(data, offsets, valid, first, second, counts):  # type: ignore[no-untyped-def]
    n_most = lines.most(data, offsets, valid)
    keys, table = np.empty(n_most, np.uint64), np.empty(places(n_most), np.uint32)
    for text in range(len(valid)):
        start, end = offsets[text], offsets[text + 1]
        if valid[text] and end > start:
            counts[0, text] = code_points.count(data, start, end)
            n_most = lines.count(data, start, end, lines.NEWLINE) + 1
            for row, wanted in ((1, 2), (4, 1)):
                inner, outer = start, end
                if wanted == 2:
                    inner = left(data, start, end, first, second)
                    outer = right(data, inner, end, first, second)
                n, copied, chars = _copies(data, inner, outer, wanted, n_most, keys, table)
                counts[row, text], counts[row + 1, text], counts[row + 2, text] = n, copied, chars


@njit(cache=True, nogil=True)
def _copies(data, start, end, wanted, n_most, keys, table):  # type: ignore[no-untyped-def]
    """Parts between `wanted` or more newlines: all, those that stood before, and their chars."""
    shift = emptied(table, n_most)
    n, n_keys = 0, np.uint64(0)
    n_chars = 0
    at = start
    while True:
        stop, following = _part(data, at, end, wanted)
        which = number(table, shift, keys, n_keys, hash_bytes(data, at, stop))
        n += 1
        if which == n_keys:
            n_keys += np.uint64(1)
        else:
            n_chars += code_points.count(data, at, stop)
        if stop == end:
            return n, n - np.int64(n_keys), n_chars
        at = following


@njit(cache=True, nogil=True)
def _part(data, start, end, wanted):  # type: ignore[no-untyped-def]
    """Where the part that begins at `start` ends, and where the next one begins."""
    stop = find(data, start, end)
    while stop < end:
        following = stop + 1
        while following < end and data[following] == NEWLINE:
            following += 1
        if following - stop >= wanted:
            return stop, following
        stop = find(data, following, end)
    return end, end
