"""Lines for compiled kernels: where one ends, and where white space at its ends ends.

A newline ends a line, as `clean` leaves it. It is looked for eight bytes at a time.
"""

import numpy as np
from numba import njit

from kormo_ds.text.characters import BLOCK_BITS, SPACE
from kormo_ds.text.code_points import last
from kormo_ds.text.hashes import load64
from kormo_ds.text.words import decode

NEWLINE = 0x0A
BLOCK_MASK = (1 << BLOCK_BITS) - 1
_ZERO, _ONE, _EIGHT = np.uint64(0), np.uint64(1), np.uint64(8)
_NEWLINES = np.uint64(0x0A0A_0A0A_0A0A_0A0A)
_LOWEST, _HIGHEST = np.uint64(0x0101_0101_0101_0101), np.uint64(0x8080_8080_8080_8080)


@njit(cache=True, nogil=True)
def find(data, start, end):  # type: ignore[no-untyped-def]
    """int64: the place of the first newline in `data[start:end]`; `end` if there is none."""
    at, stop = np.uint64(start), np.uint64(end)
    while at + _EIGHT <= stop:
        if holds(load64(data, at), _NEWLINES):
            break
        at += _EIGHT
    while at < stop and data[at] != NEWLINE:
        at += _ONE
    return np.int64(at)


@njit(cache=True, nogil=True)
def holds(eight, wanted):  # type: ignore[no-untyped-def]
    """Whether one of eight bytes, a uint64, is the byte that `wanted` holds eight times."""
    differs = eight ^ wanted
    return (differs - _LOWEST) & ~differs & _HIGHEST != _ZERO


@njit(cache=True, nogil=True)
def count(data, start, end, byte):  # type: ignore[no-untyped-def]
    """int64: how often `byte` is in `data[start:end]`."""
    n = 0
    for at in range(np.uint64(start), np.uint64(end)):
        n += data[at] == byte
    return n


@njit(cache=True, nogil=True)
def most(data, offsets, valid):  # type: ignore[no-untyped-def]
    """int64: one more than the newlines of the text that has most of them."""
    n = 0
    for text in range(len(valid)):
        if valid[text]:
            n = max(n, count(data, offsets[text], offsets[text + 1], NEWLINE))
    return n + 1


@njit(cache=True, nogil=True)
def flags(first, second, point):  # type: ignore[no-untyped-def]
    """uint8: the flags of a code point; `first` and `second` are `characters.tables()`."""
    return second[first[point >> BLOCK_BITS], point & BLOCK_MASK]


@njit(cache=True, nogil=True)
def left(data, start, end, first, second):  # type: ignore[no-untyped-def]
    """int64: the place of the first character of `data[start:end]` that is not white space."""
    at = start
    while at < end:
        if data[at] > 0x20 and data[at] < 0x80:
            return at
        point, following = decode(data, at, end)
        if not flags(first, second, point) & SPACE:
            return at
        at = following
    return end


@njit(cache=True, nogil=True)
def right(data, start, end, first, second):  # type: ignore[no-untyped-def]
    """int64: the end of the last character of `data[start:end]` that is not white space."""
    at = end
    while at > start:
        if data[at - 1] > 0x20 and data[at - 1] < 0x7F:
            return at
        before = last(data, start, at)
        point, _ = decode(data, before, at)
        if not flags(first, second, point) & SPACE:
            return at
        at = before
    return start
