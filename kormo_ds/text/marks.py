"""Marks that prose has few of: `#`, ellipses, lines that begin with a bullet.

Costs about 1 ns a byte. Source: Rae et al. 2021 ("Gopher", section A1.1), counted as datatrove
counts: an ellipsis is `…` or three full stops in a row, a bullet `•` or `-`.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.text import buffers, characters, lines
from kormo_ds.text.hashes import load64
from kormo_ds.text.lines import find, holds, left, right

_HASH, _STOP, _BULLET = ord("#"), ord("."), ord("-")
_STOPS, _E2S = (np.uint64(byte * 0x0101_0101_0101_0101) for byte in (_STOP, 0xE2))
_EIGHT = np.uint64(8)


class Marks(NamedTuple):
    """Counts of each text, int64 [n]."""

    hashes: np.ndarray
    ellipses: np.ndarray
    """`…`, and each three full stops of a run of them."""
    lines: np.ndarray
    """Lines, blank ones included; nothing stands after a newline at the end."""
    bullet_lines: np.ndarray
    """Lines that begin with a bullet, white space apart."""
    ellipsis_lines: np.ndarray
    """Lines that end with an ellipsis, white space apart."""


def of(texts: pa.Array | pa.ChunkedArray) -> Marks:
    """Count the marks of string or large_string [n]."""
    found = buffers.of(texts)
    counts = np.zeros((len(Marks._fields), len(found)), np.int64)
    _count(found.data, found.offsets, found.valid, *characters.tables(), counts)
    return Marks(*counts)


@njit(cache=True, nogil=True)
def _count(data, offsets, valid, first, second, counts):  # type: ignore[no-untyped-def]
    for text in range(len(valid)):
        end = offsets[text + 1]
        if not valid[text]:
            continue
        at = offsets[text]
        counts[0, text], counts[1, text] = _in_text(data, at, end)
        while at < end:
            stop = find(data, at, end)
            inner = left(data, at, stop, first, second)
            outer = right(data, inner, stop, first, second)
            counts[2, text] += 1
            counts[3, text] += _begins_with_bullet(data, inner, outer)
            counts[4, text] += _ends_with_ellipsis(data, inner, outer)
            at = stop + 1


@njit(cache=True, nogil=True)
def _in_text(data, start, end):  # type: ignore[no-untyped-def]
    ellipses = stops = 0
    at, last = np.uint64(start), np.uint64(end)
    while at < last:
        if at + _EIGHT <= last:
            eight = load64(data, at)
            if not (holds(eight, _STOPS) or holds(eight, _E2S)):
                stops = 0
                at += _EIGHT
                continue
        for place in range(at, min(at + _EIGHT, last)):
            stops = stops + 1 if data[place] == _STOP else 0
            if stops == 3:
                ellipses += 1
                stops = 0
            if data[place] == 0xE2:
                ellipses += _is(data, place, end, 0x80, 0xA6)
        at += _EIGHT
    return lines.count(data, start, end, _HASH), ellipses


@njit(cache=True, nogil=True)
def _begins_with_bullet(data, start, end):  # type: ignore[no-untyped-def]
    return start < end and (data[start] == _BULLET or _is(data, start, end, 0x80, 0xA2))


@njit(cache=True, nogil=True)
def _ends_with_ellipsis(data, start, end):  # type: ignore[no-untyped-def]
    if end - start < 3:
        return False
    if data[end - 1] == _STOP:
        return data[end - 2] == _STOP and data[end - 3] == _STOP
    return _is(data, end - 3, end, 0x80, 0xA6)


@njit(cache=True, nogil=True)
def _is(data, at, end, second, third):  # type: ignore[no-untyped-def]
    """Whether `data[at:end]` begins with the bytes 0xE2, `second`, `third`: `…` or `•`."""
    return (
        np.int64(at) + 2 < end
        and data[at] == 0xE2
        and data[at + 1] == second
        and data[at + 2] == third
    )
