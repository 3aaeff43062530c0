"""MinHash over word n-grams: how alike many texts are, from a few numbers each.

A signature holds in each of its slots the least of a text's n-grams by an order of that slot; two
texts agree in a slot with the probability of their Jaccard similarity (Broder 1997). Slots are cut
into bands of rows, and texts that agree in a whole band are candidates: with similarity s, b bands
and r rows that happens with probability 1 - (1 - s**r)**b (Leskovec et al., "Mining of Massive
Datasets", 3.4).

The slots are filled as in Fast Similarity Sketching (Dahlgaard, Knudsen, Thorup, FOCS 2017), with
one round before its last: each n-gram goes to one slot, which its 64-bit hash names, and a slot
that none went to takes the least of all n-grams by an order of its own. That leaves the estimate
without bias and its variance not above that of independent orders, and a long text costs one
minimum an n-gram. The orders of empty slots are x -> a x + b modulo 2**32, a vector register at a
time, over the lower half of the hash in the first rows of a band and the upper in the others: two
n-grams pass for one in a whole band only if all 64 bits are equal. Costs 3 to 4 ns an n-gram, more
in texts of fewer than 300, and memory of the signatures.
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
_EMPTY = np.uint64(2**64 - 1)
_LAST_ROUND = np.uint64(2**63)
"""What a value of the last round begins with, so that those of the first are less."""
_LEAST32 = np.uint32(0xFFFFFFFF)
_KEY = np.uint64(0xD6E8FEB86659FD93)
_HALF, _ONE = np.uint64(32), np.uint64(1)


def orders(slots: int) -> np.ndarray:
    """uint32 [slots, 2]: multiplier (odd) and addend of each slot's order, the same for ever."""
    state = (np.arange(1, slots + 1, dtype=np.uint64) * np.uint64(_GOLDEN)) + np.uint64(_SEED)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(_M1)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(_M2)
    state ^= state >> np.uint64(31)  # SplitMix64 (Steele et al. 2014)
    multiplier = (state >> _HALF).astype(np.uint32) | np.uint32(1)
    return np.stack([multiplier, state.astype(np.uint32)], axis=1)


def signatures(
    words: pa.ListArray, ngram: int, bands: int, rows: int
) -> tuple[np.ndarray, np.ndarray]:
    """The signature of each text.

    Args:
        words: `hashes.HASHES` [n], the hashes of each text's words.
        ngram: words of an n-gram, at least 1.
        bands: parts of a signature.
        rows: slots in one.

    Returns:
        int32 [n]: n-grams of each text (with repetitions), 0 where it has fewer words than `ngram`.
        uint64 [n, bands, rows]: slots; all ones in a text without n-grams.
    """
    n_ngrams = np.zeros(len(words), np.int32)
    slots = np.full((len(words), bands * rows), _EMPTY)
    given = words.values.to_numpy(), words.offsets.to_numpy()
    _sign(*given, ngram, rows, orders(bands * rows), n_ngrams, slots)
    return n_ngrams, slots.reshape(len(words), bands, rows)


def band_keys(signed: np.ndarray) -> np.ndarray:
    """uint64 [bands, n]: one hash for the rows of each band of uint64 [n, bands, rows]."""
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
def _sign(hashes, offsets, ngram, rows, orders, n_ngrams, slots):  # type: ignore[no-untyped-def]
    block = np.empty(_BLOCK, np.uint64)
    halves = np.empty((2, _BLOCK), np.uint32)
    n_slots = np.uint64(slots.shape[1])
    empty = np.empty(n_slots + _ONE, np.uint64)
    for text in range(len(n_ngrams)):
        first, end = np.int64(offsets[text]), np.int64(offsets[text + 1])
        if end - first < ngram:
            continue
        n_ngrams[text] = end - first - ngram + 1
        signature = slots[text]
        for start in range(first, end - ngram + 1, _BLOCK):
            n = _hash_block(hashes, start, end, ngram, block)
            for i in range(np.uint64(n)):
                slot = (block[i] >> _HALF) * n_slots >> _HALF
                signature[slot] = min(signature[slot], block[i] & ~_LAST_ROUND)
        n_empty = 0
        for slot in range(n_slots):
            empty[n_empty] = slot
            n_empty += signature[slot] == _EMPTY
        for start in range(first, end - ngram + 1 if n_empty else first, _BLOCK):
            if end - first >= _BLOCK + ngram:  # else the block is there still
                n = _hash_block(hashes, start, end, ngram, block)
            filled = _split(block, n, halves)
            for slot in empty[:n_empty]:
                upper = np.uint64(2 * (slot % rows) >= rows)
                least = _least(halves[upper, :filled], orders[slot, 0], orders[slot, 1])
                signature[slot] = min(signature[slot], _LAST_ROUND | np.uint64(least))


@njit(cache=True, nogil=True)
def _hash_block(hashes, start, end, ngram, block):  # type: ignore[no-untyped-def]
    stop = min(end, start + _BLOCK + ngram - 1)
    return hash_ngrams(hashes, start, stop, ngram, block, 0)


@njit(cache=True, nogil=True)
def _split(block, n, halves):  # type: ignore[no-untyped-def]
    """Write the halves of n hashes, and the first ones again up to a multiple of the lanes."""
    for i in range(n):
        halves[0, i] = np.uint32(block[i])
        halves[1, i] = np.uint32(block[i] >> _HALF)
    filled = (n + _LANES - 1) // _LANES * _LANES
    for i in range(n, filled):
        halves[0, i], halves[1, i] = halves[0, 0], halves[1, 0]
    return filled


@njit(cache=True, nogil=True)
def _least(values, multiplier, addend):  # type: ignore[no-untyped-def]
    least = _LEAST32
    for i in range(np.uint64(len(values))):
        least = min(least, np.uint32(multiplier * values[i] + addend))
    return least


@njit(cache=True, nogil=True)
def _fold(signed, keys):  # type: ignore[no-untyped-def]
    n, bands, rows = signed.shape
    for text in range(n):
        for band in range(bands):
            key = _KEY
            for row in range(rows):
                key = mix(key ^ signed[text, band, row], _KEY)
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
