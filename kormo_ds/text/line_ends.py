"""How lines end and how long they are: FineWeb's counts over the lines that are not blank.

A line is what stands between two newlines, its own white space included. Costs about 0.5 ns a byte.
Source: Penedo et al. 2024 (FineWeb, section 3.6), counted as datatrove counts.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.text import buffers, characters, code_points, lines
from kormo_ds.text.characters import TERMINAL
from kormo_ds.text.hashes import hash_bytes
from kormo_ds.text.lines import find, flags, left
from kormo_ds.text.numbering import emptied, number, places
from kormo_ds.text.words import decode

_MOST_BYTES = 4
"""Of one code point in UTF-8."""


class LineEnds(NamedTuple):
    """Counts of each text, int64 [n]."""

    newlines: np.ndarray
    chars: np.ndarray
    """Code points that are no newlines."""
    lines: np.ndarray
    """Lines that are not blank; the others below are some of these."""
    punctuated: np.ndarray
    """Lines whose last character ends sentences (Sentence_Terminal)."""
    short: np.ndarray
    """Lines of so many code points or fewer."""
    copied_chars: np.ndarray
    """Code points of lines that stood before."""


def of(texts: pa.Array | pa.ChunkedArray, short: int) -> LineEnds:
    """Count the lines of string or large_string [n]; a line of `short` code points is short."""
    found = buffers.of(texts)
    counts = np.zeros((len(LineEnds._fields), len(found)), np.int64)
    _count(found.data, found.offsets, found.valid, *characters.tables(), short, counts)
    return LineEnds(*counts)


@njit(cache=True, nogil=True)
def _count(data, offsets, valid, first, second, longest, counts):  # type: ignore[no-untyped-def]
    n_most = lines.most(data, offsets, valid)
    keys, table = np.empty(n_most, np.uint64), np.empty(places(n_most), np.uint32)
    for text in range(len(valid)):
        start, end = offsets[text], offsets[text + 1]
        if not valid[text] or end == start:
            continue
        newlines = lines.count(data, start, end, lines.NEWLINE)
        shift = emptied(table, newlines + 1)
        n_keys = np.uint64(0)
        n_lines = punctuated = short = copied = 0
        at = start
        while at <= end:
            stop = find(data, at, end)
            if left(data, at, stop, first, second) < stop:
                n_lines += 1
                point, _ = decode(data, code_points.last(data, at, stop), stop)
                punctuated += flags(first, second, point) & TERMINAL != 0
                if stop - at <= longest * _MOST_BYTES:
                    short += code_points.count(data, at, stop) <= longest
                which = number(table, shift, keys, n_keys, hash_bytes(data, at, stop))
                if which == n_keys:
                    n_keys += np.uint64(1)
                else:
                    copied += code_points.count(data, at, stop)
            at = stop + 1
        counts[0, text] = newlines
        counts[1, text] = code_points.count(data, start, end) - newlines
        counts[2, text], counts[3, text] = n_lines, punctuated
        counts[4, text], counts[5, text] = short, copied
