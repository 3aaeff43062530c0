"""Pieces of words, the vocabulary of the n-gram language model, as 64-bit hashes.

An eojeol with its particle is too rare a word to count, and its particles are what a model of
Korean should know: Hangul is cut into pairs of syllables from the start of the word (데이터를 →
데이 터를), so stems and endings mostly fall apart. Latin words are whole and lower case, digits are
all 0 (as in CCNet, Wenzek et al. 2020), any number of newlines is one piece, other white space is
none. A piece inside a word is another one than the same letters at its beginning, so spacing
counts. Costs about 5 ns a byte.
"""

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.text import buffers
from kormo_ds.text.hashes import hash_bytes
from kormo_ds.text.words import decode, is_blank

NEWLINE, BEGIN, END = np.uint64(1), np.uint64(2), np.uint64(3)
"""The piece of newlines, and those before and after a text."""
_INSIDE = np.uint64(0x9E3779B97F4A7C15)
_SYLLABLES, _BYTES = 2, 64
_OTHER, _DIGIT, _HANGUL = 0, 1, 2


def of_words(
    texts: pa.Array | pa.ChunkedArray, words: pa.ListArray
) -> tuple[np.ndarray, np.ndarray]:
    """The pieces of each text.

    Args:
        texts: string or large_string [n].
        words: their `words.boundaries`.

    Returns:
        pieces: uint64, those of all texts.
        offsets: int64 [n + 1]; text i has `pieces[offsets[i]:offsets[i + 1]]`, NULL has none.
    """
    found = buffers.of(texts)
    n_bytes = int(found.offsets[-1] - found.offsets[0])
    pieces = np.empty(n_bytes, np.uint64)  # untouched pages cost nothing
    offsets = np.zeros(len(found) + 1, np.int64)
    lists, ends = words.offsets.to_numpy(), words.values.to_numpy()
    _cut(found.data, found.offsets, found.valid, lists, ends, pieces, offsets[1:])
    return pieces[: offsets[-1]], offsets


@njit(cache=True, nogil=True)
def _cut(data, offsets, valid, lists, ends, pieces, piece_ends):  # type: ignore[no-untyped-def]
    piece = np.empty(_BYTES + 4, np.uint8)
    n = 0
    for text in range(len(valid)):
        base, begun = offsets[text], n
        if valid[text]:
            for word in range(lists[text], lists[text + 1] - 1):
                at, end = base + ends[word], base + ends[word + 1]
                if data[at] <= 0x20 or is_blank(data, at, end):
                    if _has_newline(data, at, end) and (n == begun or pieces[n - 1] != NEWLINE):
                        pieces[n] = NEWLINE
                        n += 1
                    continue
                inside = _INSIDE ^ _INSIDE  # 0 at the beginning of a word
                while at < end:
                    size, at = _next(data, at, end, piece)
                    pieces[n] = hash_bytes(piece, 0, size) ^ inside
                    inside = _INSIDE
                    n += 1
        piece_ends[text] = n


@njit(cache=True, nogil=True)
def _next(data, at, end, piece):  # type: ignore[no-untyped-def]
    """Write the piece at `at` to `piece`; its bytes, and the place after it."""
    size = syllables = 0
    kind = -1
    while at < end:
        point, after = np.int64(data[at]), at + 1
        if point >= 0x80:
            point, after = decode(data, at, end)
        here = _HANGUL if 0xAC00 <= point <= 0xD7A3 else _DIGIT if 0x30 <= point <= 0x39 else _OTHER
        if (kind >= 0 and here != kind) or syllables == _SYLLABLES or size >= _BYTES:
            break
        kind = here
        syllables += here == _HANGUL
        if here == _DIGIT:
            piece[size] = 0x30
            size += 1
        elif 0x41 <= point <= 0x5A:
            piece[size] = point + 0x20
            size += 1
        else:
            for byte in range(at, after):
                piece[size] = data[byte]
                size += 1
        at = after
    return size, at


@njit(cache=True, nogil=True)
def _has_newline(data, start, end):  # type: ignore[no-untyped-def]
    found = False
    for at in range(start, end):
        found |= data[at] == 0x0A
    return found
