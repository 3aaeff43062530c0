"""Which words a text is made of: symbols, words with a letter, Korean words, stop words.

Costs 5 to 10 ns a word. Source: Rae et al. 2021 ("Gopher", section A1.1), counted as datatrove
counts, but for what a symbol is: a character that is neither letter, mark nor number by its
Unicode category, where datatrove has a list of its own (the same in ASCII).
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.text import buffers, characters, stop_words
from kormo_ds.text.characters import LETTER, WORDLIKE
from kormo_ds.text.lines import flags
from kormo_ds.text.stop_words import english_bit, korean_bits, syllable
from kormo_ds.text.words import decode, is_blank

_LONGEST_ENGLISH = max(map(len, stop_words.ENGLISH))
_EITHER = LETTER | WORDLIKE


class WordKinds(NamedTuple):
    """Counts of each text, int64 [n]."""

    words: np.ndarray
    """All words, symbols among them."""
    wordlike: np.ndarray
    """Words that hold more than symbols."""
    wordlike_chars: np.ndarray
    """Code points of those."""
    alphabetic: np.ndarray
    """Words with a letter in them."""
    korean: np.ndarray
    """Words that end in a Hangul syllable, as a foreign one with a particle does."""
    english_stop_words: np.ndarray
    """Different stop words of `stop_words.ENGLISH`."""
    korean_stop_words: np.ndarray
    """Different stop words of `stop_words.KOREAN`."""


def of(texts: pa.Array | pa.ChunkedArray, words: pa.ListArray, lengths: pa.ListArray) -> WordKinds:
    """Count the words of string or large_string [n].

    Args:
        texts: the texts.
        words: their `words.boundaries`.
        lengths: their `code_points.of_words`.
    """
    found = buffers.of(texts)
    counts = np.zeros((len(WordKinds._fields), len(found)), np.int64)
    lists = words.offsets.to_numpy(), words.values.to_numpy()
    code_points = lengths.offsets.to_numpy(), lengths.values.to_numpy()
    tables = *characters.tables(), *stop_words.tables()
    _count(found.data, found.offsets, found.valid, *lists, *code_points, *tables, counts)
    return WordKinds(*counts)


@njit(cache=True, nogil=True)
def _count(  # type: ignore[no-untyped-def]
    data,
    offsets,
    valid,
    lists,
    ends,
    firsts,
    lengths,
    first,
    second,
    english,
    begins,
    korean,
    counts,
):
    ascii_ = second[first[0]]
    for text in range(len(valid)):
        if not valid[text]:
            continue
        start = offsets[text]
        word = np.uint64(firsts[text])
        wordlike = chars = alphabetic = n_korean = 0
        in_english, in_korean = np.uint32(0), np.int32(0)
        for piece in range(lists[text], lists[text + 1] - 1):
            left, right = start + ends[piece], start + ends[piece + 1]
            lead = data[left]
            if lead == 0x20 and right - left == 1:
                continue
            if (lead <= 0x20 or 0xC2 <= lead <= 0xE3) and is_blank(data, left, right):
                continue
            kind = ascii_[lead] if lead < 0x80 else 0
            if not kind & LETTER:
                kind = _kind(data, left, right, first, second)
            if kind & WORDLIKE:
                wordlike += 1
                chars += lengths[word]
                alphabetic += kind & LETTER
            word += np.uint64(1)
            if data[right - 1] >= 0x80:
                last = syllable(data, left, right)
                if last >= 0:
                    n_korean += 1
                    in_korean |= korean_bits(data, left, right, last, korean)
            elif right - left <= _LONGEST_ENGLISH and begins[lead]:
                in_english |= english_bit(data, left, right, english)
        counts[0, text] = lists_length(firsts, text)
        counts[1, text], counts[2, text], counts[3, text] = wordlike, chars, alphabetic
        counts[4, text] = n_korean
        counts[5, text], counts[6, text] = ones(in_english), ones(np.uint32(in_korean))


@njit(cache=True, nogil=True)
def lists_length(offsets, row):  # type: ignore[no-untyped-def]
    """int64: the length of a row of an Arrow list."""
    return np.int64(offsets[row + 1]) - offsets[row]


@njit(cache=True, nogil=True)
def ones(bits):  # type: ignore[no-untyped-def]
    """int64: how many bits of a uint32 are set."""
    n = 0
    while bits:
        bits &= bits - np.uint32(1)
        n += 1
    return n


@njit(cache=True, nogil=True)
def _kind(data, left, right, first, second):  # type: ignore[no-untyped-def]
    """The flags LETTER and WORDLIKE that any character of the word has."""
    kind = np.uint8(0)
    at = left
    while at < right and kind != _EITHER:
        point, at = decode(data, at, right)
        kind |= flags(first, second, point) & _EITHER
    return kind
