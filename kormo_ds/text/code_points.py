"""Code points of UTF-8 byte ranges, and of each word: Python's `len`, so a Hangul syllable is 1.

A code point is a byte that is no continuation byte; eight bytes are looked at together. Costs 3 to
6 ns a word and four bytes of result; texts of ASCII alone need no counting.
"""

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.text import buffers
from kormo_ds.text.hashes import load64
from kormo_ds.text.words import is_blank

LENGTHS = pa.list_(pa.int32())
"""The type of word lengths: code points of each word of a text, in order, as `hashes.HASHES`."""
_ONE, _EIGHT = np.uint64(1), np.uint64(8)
_SIX, _SEVEN, _TOP_BYTE = np.uint64(6), np.uint64(7), np.uint64(56)
_EACH = np.uint64(0x0101_0101_0101_0101)


def of_words(texts: pa.Array | pa.ChunkedArray, words: pa.ListArray) -> pa.ListArray:
    """The code points of each word of each text; pieces of white space are no words.

    Args:
        texts: string or large_string [n].
        words: their `words.boundaries`.

    Returns:
        `LENGTHS` [n], NULL for NULL.
    """
    found = buffers.of(texts)
    ends = words.values.to_numpy()
    lengths = np.empty(len(ends), np.int32)
    offsets = np.zeros(len(found) + 1, np.int32)
    lists = words.offsets.to_numpy()
    _lengths(found.data, found.offsets, found.valid, lists, ends, lengths, offsets[1:])
    values = pa.Array.from_buffers(pa.int32(), int(offsets[-1]), [None, pa.py_buffer(lengths)])
    parts = [buffers.validity(found.valid), pa.py_buffer(offsets)]
    return pa.Array.from_buffers(LENGTHS, len(found), parts, children=[values])


@njit(cache=True, nogil=True)
def count(data, start, end):  # type: ignore[no-untyped-def]
    """int64: the code points of `data[start:end]`."""
    at, stop = np.uint64(start), np.uint64(end)
    n = stop - at
    while at + _EIGHT <= stop:
        n -= _continued(load64(data, at))
        at += _EIGHT
    if at < stop:
        if at + _EIGHT <= np.uint64(len(data)):
            n -= _continued(load64(data, at) & ((_ONE << ((stop - at) * _EIGHT)) - _ONE))
        else:
            for tail in range(at, stop):
                n -= np.uint64((data[tail] & 0xC0) == 0x80)
    return np.int64(n)


@njit(cache=True, nogil=True)
def _continued(eight):  # type: ignore[no-untyped-def]
    """uint64: how many of eight bytes are continuation bytes, 0b10 in their highest bits."""
    return (((eight >> _SEVEN) & ~(eight >> _SIX) & _EACH) * _EACH) >> _TOP_BYTE


@njit(cache=True, nogil=True)
def is_ascii(data, start, end):  # type: ignore[no-untyped-def]
    """Whether every byte of `data[start:end]` is a character."""
    seen = np.uint8(0)
    for at in range(np.uint64(start), np.uint64(end)):
        seen |= data[at]
    return seen < 0x80


@njit(cache=True, nogil=True)
def last(data, start, end):  # type: ignore[no-untyped-def]
    """The place of the last character of `data[start:end]`; `end` if there is none."""
    at = end
    while at > start:
        at -= 1
        if data[at] & 0xC0 != 0x80:
            return at
    return end


@njit(cache=True, nogil=True)
def _lengths(data, offsets, valid, lists, ends, lengths, list_ends):  # type: ignore[no-untyped-def]
    n = np.uint64(0)
    for text in range(len(valid)):
        start = offsets[text]
        if valid[text]:
            plain = is_ascii(data, start, offsets[text + 1])
            for piece in range(np.uint64(lists[text]), np.uint64(max(lists[text + 1] - 1, 0))):
                left, right = start + ends[piece], start + ends[piece + _ONE]
                lead = data[left]
                if lead == 0x20 and right - left == 1:
                    continue
                if 0x20 < lead < 0xC2 or lead > 0xE3 or not is_blank(data, left, right):
                    lengths[n] = right - left if plain else count(data, left, right)
                    n += _ONE
        list_ends[text] = n
