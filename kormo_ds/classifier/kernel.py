"""What fastText computes for a line of text, with one number for each feature.

The features of a line are its words between white space, `</s>` at its end, and its n-grams of
words, hashed into buckets, as fastText 0.9.3 counts them for supervised models without character
n-grams (src/dictionary.cc). The score is the mean of their numbers. A word is looked up by 64 bits
of hash (two different words are one with a chance of 2**-64). It costs its bytes for the hash and
three look-ups that miss the cache, some 50 to 100 ns in all; no Python object is made.
"""

import numpy as np
from numba import njit

END = np.frombuffer(b"</s>", np.uint8)
"""The word that ends a line; inside of a text it is left out, as it would end the text."""
LABEL = np.frombuffer(b"__label__", np.uint8)
"""Words that begin so are labels to fastText; inside of a text they are left out."""
_NGRAM = np.uint64(116049371)
_SIGN, _ABOVE = np.uint32(0x80000000), np.uint64(0xFFFFFFFF00000000)
_HIGH_BIT, _EXTENDED = np.uint32(0x80), np.uint32(0xFFFFFF00)
_BASIS, _PRIME = np.uint32(2166136261), np.uint32(16777619)
_BASIS64, _PRIME64 = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
_ZERO, _ONE, _HALF = np.uint64(0), np.uint64(1), np.uint64(32)


@njit(cache=True, nogil=True, inline="always")
def _is_space(byte):  # type: ignore[no-untyped-def]
    return byte <= 0x20 and (byte == 0x20 or 0x09 <= byte <= 0x0D or byte == 0)


@njit(cache=True, nogil=True)
def _word(data, start, stop):  # type: ignore[no-untyped-def]
    """The word from `start` on, up to white space or `stop`.

    Returns its end, fastText's hash (FNV-1a of bytes extended by their sign, uint32), and a key
    (uint64) that no other word has.
    """
    at, value, wide = np.uint64(start), _BASIS, _BASIS64
    end = np.uint64(stop)
    while at < end:
        byte = np.uint32(data[at])
        if _is_space(byte):
            break
        wide = (wide ^ np.uint64(byte)) * _PRIME64
        if byte & _HIGH_BIT:
            byte |= _EXTENDED
        value = np.uint32((value ^ byte) * _PRIME)
        at += _ONE
    return at, value, (wide ^ (wide >> _HALF)) | _ONE


@njit(cache=True, nogil=True)
def index(words, places):  # type: ignore[no-untyped-def]
    """A table that finds the words `words[places[i]:places[i + 1]]` by their keys.

    Returns:
        uint64 and int32 [a power of two from 2n]: the key of a word, 0 where none is, and its i.
    """
    n = len(places) - 1
    size = 4
    while size < 2 * n:
        size *= 2
    keys, numbers = np.zeros(size, np.uint64), np.zeros(size, np.int32)
    mask = np.uint64(size - 1)
    for i in range(n):
        _, _, key = _word(words, places[i], places[i + 1])
        slot = (key >> _ONE) & mask
        while keys[slot]:
            slot = (slot + _ONE) & mask
        keys[slot], numbers[slot] = key, i
    return keys, numbers


@njit(cache=True, nogil=True)
def mean(data, offsets, valid, keys, numbers, buckets, ngrams, out):  # type: ignore[no-untyped-def]
    """Write the mean number of the features of each text to float64 `out`; 0 without any.

    Args:
        data: uint8, UTF-8 of all texts.
        offsets: int64 [n + 1], where each begins.
        valid: bool [n], False for NULL.
        keys: uint64, of `index`.
        numbers: float32, the number of the word of each key.
        buckets: float32, the number of each bucket of n-grams.
        ngrams: the longest n-gram.
        out: float64 [n].
    """
    n_buckets, mask = np.uint64(len(buckets)), np.uint64(len(keys) - 1)
    power = (n_buckets & (n_buckets - _ONE)) == _ZERO
    _, ending, ending_key = _word(END, 0, len(END))
    before = np.zeros(max(ngrams - 1, 1), np.uint64)
    for text in range(len(valid)):
        total, count, seen = 0.0, 0, 0
        at = np.uint64(offsets[text])
        stop = np.uint64(offsets[text + 1]) if valid[text] else at
        while at <= stop:
            while at < stop and _is_space(data[at]):
                at += _ONE
            if at == stop:
                value, key = ending, ending_key
                at += _ONE
            else:
                start = at
                at, value, key = _word(data, at, stop)
                if _left_out(data, start, at):
                    continue
            slot = (key >> _ONE) & mask
            while keys[slot]:
                if keys[slot] == key:
                    total += numbers[slot]
                    count += 1
                    break
                slot = (slot + _ONE) & mask
            if ngrams > 1 and n_buckets > _ZERO:
                signed = np.uint64(value)
                if value & _SIGN:
                    signed |= _ABOVE
                for length in range(min(seen, ngrams - 1), 0, -1):
                    ngram = before[length - 1] * _NGRAM + signed
                    bucket = ngram & (n_buckets - _ONE) if power else ngram % n_buckets
                    total += buckets[bucket]
                    count += 1
                    if length < ngrams - 1:
                        before[length] = ngram
                before[0] = signed
                seen += 1
        out[text] = total / count if count else 0.0


@njit(cache=True, nogil=True)
def _left_out(data, start, end):  # type: ignore[no-untyped-def]
    """True for a word that fastText would take for a label or for the end of the line."""
    if data[start] == 0x5F:
        return end - start >= np.uint64(len(LABEL)) and _begins(data, start, LABEL)
    if data[start] == 0x3C:
        return end - start == np.uint64(len(END)) and _begins(data, start, END)
    return False


@njit(cache=True, nogil=True)
def _begins(data, start, word):  # type: ignore[no-untyped-def]
    for i in range(len(word)):  # noqa: SIM110 -- compiled as a loop
        if data[start + np.uint64(i)] != word[i]:
            return False
    return True
