"""MinHash over word n-grams: how alike many texts are, from a few numbers each.

A signature is the least value, over a text's n-grams, of each of `permutations` random orders; two
texts agree in one with the probability of their Jaccard similarity (Broder 1997). Signatures are
cut into bands of rows, and texts that agree in a whole band are candidates: with similarity s, b
bands and r rows that happens with probability 1 - (1 - s**r)**b (Leskovec et al., "Mining of
Massive Datasets", 3.4).

The orders are x -> a x + b modulo 2**32 over one half of the n-gram's 64-bit hash, the lower half
for the first rows of a band and the upper for the others: 32-bit arithmetic fills a vector
register, and two n-grams pass for one in a whole band only if all 64 bits are equal. The inner loop
runs over n-grams that lie in the first-level cache, a multiplication, an addition and a minimum
each. Costs about 7 ns an n-gram for 112 permutations, memory of the signatures.
"""

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.text import hashes as text_hashes
from kormo_ds.text.hashes import hash_ngrams, mix
from kormo_ds.text.words import boundaries

# Signatures are stored: whoever changes a constant raises the version of each step that stores one.
_GOLDEN, _M1, _M2 = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_SEED = 0x6B6F726D6F
_BLOCK = 1024
"""N-grams that are hashed at a time: 8 KB of hashes and 8 KB of their halves."""
_LANES = 64
"""Blocks are filled up to a multiple of this, so that no n-gram is left over by vector loops."""
_LEAST = np.uint32(0xFFFFFFFF)
_KEY = np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)


def permutations(number: int) -> np.ndarray:
    """uint32 [2, number]: multiplier (odd) and addend of each order, the same for ever."""
    state = (np.arange(1, number + 1, dtype=np.uint64) * np.uint64(_GOLDEN)) + np.uint64(_SEED)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(_M1)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(_M2)
    state ^= state >> np.uint64(31)  # SplitMix64 (Steele et al. 2014)
    multiplier = (state >> _HALF).astype(np.uint32) | np.uint32(1)
    return np.stack([multiplier, state.astype(np.uint32)])


def signatures(
    words: pa.ListArray, ngram: int, bands: int, rows: int
) -> tuple[np.ndarray, np.ndarray]:
    """The signature of each text.

    Args:
        words: `hashes.HASHES` [n], the hashes of each text's words.
        ngram: words of an n-gram, at least 1.
        bands: parts of a signature.
        rows: permutations in one.

    Returns:
        int32 [n]: n-grams of each text (with repetitions), 0 where it has fewer words than `ngram`.
        uint32 [n, bands, rows]: least values; all ones in a text without n-grams.
    """
    n_ngrams = np.zeros(len(words), np.int32)
    lower = bands * ((rows + 1) // 2)
    least = np.full((len(words), bands * rows), _LEAST, np.uint32)
    given = words.values.to_numpy(), words.offsets.to_numpy()
    _sign(*given, ngram, permutations(bands * rows), lower, n_ngrams, least)
    halves = least[:, :lower], least[:, lower:]
    return n_ngrams, np.concatenate([h.reshape(len(words), bands, -1) for h in halves], axis=2)


def band_keys(signed: np.ndarray) -> np.ndarray:
    """uint64 [bands, n]: one hash for the rows of each band of uint32 [n, bands, rows]."""
    n, bands, _ = signed.shape
    keys = np.empty((bands, n), np.uint64)
    _fold(np.ascontiguousarray(signed), keys)
    return keys


def jaccard(words: pa.ListArray, pairs: np.ndarray, ngram: int) -> np.ndarray:
    """True similarity of pairs of texts: shared n-grams by all n-grams of both, as sets.

    Args:
        words: `hashes.HASHES` [n].
        pairs: int [m, 2], places in `words`.
        ngram: words of an n-gram.

    Returns:
        float64 [m]; 0 where neither has an n-gram.
    """
    offsets = words.offsets.to_numpy()
    sets = np.empty(len(words.values), np.uint64)
    sizes = np.zeros(len(words), np.int64)
    _sort_ngrams(words.values.to_numpy(), offsets, ngram, sets, sizes)
    similar = np.zeros(len(pairs))
    _compare(sets, offsets, sizes, np.ascontiguousarray(pairs, np.int64), similar)
    return similar


def hash_words(texts: pa.Array) -> pa.ListArray:
    """The hashes of the words of each text, from the text alone."""
    return text_hashes.of_words(texts, boundaries(texts))


@njit(cache=True, nogil=True)
def _sign(hashes, offsets, ngram, orders, lower, n_ngrams, least):  # type: ignore[no-untyped-def]
    block = np.empty(_BLOCK, np.uint64)
    halves = np.empty((2, _BLOCK), np.uint32)
    for text in range(len(n_ngrams)):
        first, end = np.int64(offsets[text]), np.int64(offsets[text + 1])
        if end - first < ngram:
            continue
        n_ngrams[text] = end - first - ngram + 1
        while end - first >= ngram:
            stop = min(end, first + _BLOCK + ngram - 1)
            n = hash_ngrams(hashes, first, stop, ngram, block, 0)
            for i in range(n):
                halves[0, i] = np.uint32(block[i])
                halves[1, i] = np.uint32(block[i] >> _HALF)
            filled = (n + _LANES - 1) // _LANES * _LANES
            halves[:, n:filled] = halves[:, :1]
            _take_least(halves[0, :filled], orders[:, :lower], least[text, :lower])
            _take_least(halves[1, :filled], orders[:, lower:], least[text, lower:])
            first += _BLOCK


@njit(cache=True, nogil=True)
def _take_least(values, orders, least):  # type: ignore[no-untyped-def]
    """Lower each of `least` to the least value of its order over `values`."""
    for order in range(least.shape[0]):
        multiplier, addend = orders[0, order], orders[1, order]
        lowest = least[order]
        for i in range(values.shape[0]):
            value = np.uint32(multiplier * values[i] + addend)
            lowest = min(lowest, value)
        least[order] = lowest


@njit(cache=True, nogil=True)
def _fold(signed, keys):  # type: ignore[no-untyped-def]
    n, bands, rows = signed.shape
    for text in range(n):
        for band in range(bands):
            key = _KEY
            for row in range(rows):
                key = mix(key ^ np.uint64(signed[text, band, row]), _KEY)
            keys[band, text] = key


@njit(cache=True, nogil=True)
def _sort_ngrams(hashes, offsets, ngram, sets, sizes):  # type: ignore[no-untyped-def]
    """Write each text's n-grams, sorted and each once, from its own offset on."""
    for text in range(len(sizes)):
        first, end = offsets[text], offsets[text + 1]
        stop = hash_ngrams(hashes, first, end, ngram, sets, first)
        found = np.sort(sets[first:stop])
        n = 0
        for i in range(len(found)):
            if i == 0 or found[i] != found[i - 1]:
                sets[first + n] = found[i]
                n += 1
        sizes[text] = n


@njit(cache=True, nogil=True)
def _compare(sets, offsets, sizes, pairs, similar):  # type: ignore[no-untyped-def]
    for pair in range(len(pairs)):
        a, b = pairs[pair]
        left, right = np.int64(offsets[a]), np.int64(offsets[b])
        left_end, right_end = left + sizes[a], right + sizes[b]
        shared = 0
        while left < left_end and right < right_end:
            x, y = sets[left], sets[right]
            shared += x == y
            left += x <= y
            right += y <= x
        total = sizes[a] + sizes[b] - shared
        if total:
            similar[pair] = shared / total
