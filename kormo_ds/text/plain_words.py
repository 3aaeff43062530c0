"""Hashes of plain words: lower case, letters, marks and digits alone; for texts to be compared.

Two texts that differ in case, punctuation or white space have the same plain words, as in the
n-gram overlap of GPT-3 (Brown et al. 2020, appendix C). A word is a piece between two boundaries of
UAX #29 that holds a letter or digit; what else is in it is passed over, so `don't` and `don’t` are
`dont`, and `1,000` is `1000`. Texts are expected in NFC, as `clean` writes them. Costs about 4 ns a
byte. The hashes are never stored, and may change with a release.
"""

import unicodedata
from functools import cache

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.text import buffers
from kormo_ds.text.hashes import BASE, HASHES, mix
from kormo_ds.text.words import decode

_POINTS = 0x20000
"""Code points with a row in the table; those above are ideographs, which have no case."""
_MAKES_WORD = 1 << 31
"""Set for letters and digits: a piece without any, such as a lone mark, is no word."""
_POINT = 0x1FFFFF
_START = np.uint64(0xA0761D6478BD642F)
_ZERO, _ONE, _TWO, _THREE = np.uint64(0), np.uint64(1), np.uint64(2), np.uint64(3)


def hashes(texts: pa.Array | pa.ChunkedArray, words: pa.ListArray) -> pa.ListArray:
    """The hash of each plain word of each text, in order.

    Args:
        texts: string or large_string [n].
        words: their `words.boundaries`.

    Returns:
        `HASHES` [n], NULL for NULL.
    """
    found = buffers.of(texts)
    ends = words.values.to_numpy()
    out = np.empty(len(ends), np.uint64)
    offsets = np.zeros(len(found) + 1, np.int32)
    lists = words.offsets.to_numpy()
    _hash(found.data, found.offsets, found.valid, lists, ends, folded(), out, offsets[1:])
    values = pa.Array.from_buffers(pa.uint64(), int(offsets[-1]), [None, pa.py_buffer(out)])
    parts = [buffers.validity(found.valid), pa.py_buffer(offsets)]
    return pa.Array.from_buffers(HASHES, len(found), parts, children=[values])


@cache
def folded() -> np.ndarray:
    """For each code point: 0 if it is passed over, else its lower case and `_MAKES_WORD`."""
    table = np.zeros(_POINTS, np.int64)
    for point in range(_POINTS):
        character = chr(point)
        kind = unicodedata.category(character)[0]
        if kind in "LNM":
            lower = character.lower()
            table[point] = ord(lower) if len(lower) == 1 else point
            if kind != "M":
                table[point] |= _MAKES_WORD
    return table


@njit(cache=True, nogil=True)
def _hash(data, offsets, valid, lists, ends, fold, out, list_ends):  # type: ignore[no-untyped-def]
    n = _ZERO
    for text in range(len(valid)):
        if valid[text]:
            start = np.uint64(offsets[text])
            for piece in range(lists[text], lists[text + 1] - 1):
                left, right = start + np.uint64(ends[piece]), start + np.uint64(ends[piece + 1])
                hashed = _plain_hash(data, left, right, fold)
                out[n] = hashed
                n += np.uint64(hashed != _ZERO)
        list_ends[text] = n


@njit(cache=True, nogil=True)
def _plain_hash(data, at, end, fold):  # type: ignore[no-untyped-def]
    """The hash of the folded code points of `data[at:end]`; 0 where it is no word."""
    state = _START
    makes_word = 0
    while at < end:
        lead = np.int64(data[at])
        if lead < 0x80:
            value = fold[lead]
            at += _ONE
        elif 0xEA <= lead <= 0xED:
            second, third = np.int64(data[at + _ONE]), np.int64(data[at + _TWO])
            value = (lead & 0x0F) << 12 | (second & 0x3F) << 6 | (third & 0x3F)
            if 0xAC00 <= value <= 0xD7A3:  # a Hangul syllable
                value |= _MAKES_WORD
            else:
                value = fold[value]
            at += _THREE
        else:
            point, following = decode(data, np.int64(at), np.int64(end))
            value = fold[point] if point < _POINTS else point | _MAKES_WORD
            at = np.uint64(following)
        if value:
            state = mix(state ^ np.uint64(value & _POINT), BASE)
            makes_word |= value
    if makes_word & _MAKES_WORD:
        return max(state, _ONE)
    return _ZERO
