"""N-grams that repeat within a text: the characters in the most frequent one and in copies.

An n-gram is compared by a polynomial of its words' hashes, which prefix sums give for any place and
any n in one multiplication. Only where both (n-1)-grams of a place repeat can its n-gram repeat, so
each n looks at fewer places than the one before: real prose is left with a few in a hundred at
n = 5. All is exact but for the chance of 2**-64 that two word sequences have one hash. Costs 10 to
25 ns a word for n = 2 to 10 together, and scratch of 50 bytes a word of the longest text.

Semantics: Rae et al. 2021 ("Gopher", table A1), as datatrove counts: see `ngrams`.
"""

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.text.hashes import BASE
from kormo_ds.text.numbering import emptied, number, places

TOP = (2, 3, 4)
"""Lengths of n-grams of which the most frequent one counts."""
COPIED = (5, 6, 7, 8, 9, 10)
"""Lengths of n-grams of which all later copies count."""
_LAST_TOP, _LAST = TOP[-1], COPIED[-1]
_ZERO, _ONE, _ONCE = np.uint64(0), np.uint64(1), np.uint32(1)
_SHORTEST_TOP, _SHORTEST_COPIED = np.uint64(TOP[0]), np.uint64(COPIED[0])


def ngrams(hashes: pa.ListArray, lengths: pa.ListArray) -> tuple[np.ndarray, np.ndarray]:
    """Characters of repeated n-grams of each text.

    Args:
        hashes: uint64 lists [n], one hash a word; NULL counts as no words.
        lengths: int32 lists [n], the code points of the same words.

    Returns:
        top: int64 [n, 3]. For n = 2, 3, 4: the times that the most frequent n-gram occurs (copies
            may overlap), times its length with a space between words. Of equally frequent ones the
            first counts, once as well if nothing repeats; 0 with fewer than n words.
        copied: int64 [n, 6]. For n = 5 … 10: reading from the left, an n-gram that stood before is
            a copy; its code points without spaces count, and reading goes on behind it.
    """
    top = np.zeros((len(hashes), len(TOP)), np.int64)
    copied = np.zeros((len(hashes), len(COPIED)), np.int64)
    if len(hashes):
        lists, values = hashes.offsets.to_numpy(), hashes.values.to_numpy()
        other, code_points = lengths.offsets.to_numpy(), lengths.values.to_numpy()
        longest = int(np.max(np.diff(lists)))
        _ngrams(lists, values, other, code_points, longest, top, copied)
    return top, copied


@njit(cache=True, nogil=True)
def _ngrams(lists, hashes, other, lengths, longest, top, copied):  # type: ignore[no-untyped-def]
    sums, ends = np.zeros(longest + 1, np.uint64), np.zeros(longest + 1, np.int64)
    at, kind = np.empty(longest, np.uint32), np.empty(longest, np.uint32)
    keys, counts = np.empty(longest, np.uint64), np.empty(longest, np.uint32)
    table = np.empty(places(longest), np.uint32)
    for text in range(len(top)):
        first, n_words = np.uint64(lists[text]), np.uint64(lists[text + 1] - lists[text])
        word = np.uint64(other[text])
        for k in range(n_words):
            sums[k + _ONE] = sums[k] * BASE + hashes[first + k]
            ends[k + _ONE] = ends[k] + lengths[word + k]
            at[k] = k
        n_at, lead = max(n_words, _ONE) - _ONE, np.uint64(BASE)
        for n in range(_SHORTEST_TOP, np.uint64(_LAST + 1)):
            lead *= BASE
            if n <= _LAST_TOP and n_words >= n:
                top[text, n - _SHORTEST_TOP] = ends[n] + np.int64(n) - 1
            if n_at == _ZERO:
                continue
            n_kinds = _numbered(sums, lead, n, at, n_at, table, keys, counts, kind)
            if n <= _LAST_TOP:
                most, which = _most(counts, n_kinds)
                if most > 1:
                    start = np.uint64(at[_first(kind, which)])
                    n_chars = ends[start + n] - ends[start] + np.int64(n) - 1
                    top[text, n - _SHORTEST_TOP] = most * n_chars
            if n >= _SHORTEST_COPIED:
                copied[text, n - _SHORTEST_COPIED] = _copies(at, kind, n_at, counts, ends, n)
            n_at = _both_repeat(at, kind, n_at, counts)


@njit(cache=True, nogil=True)
def _numbered(sums, lead, n, at, n_at, table, keys, counts, kind):  # type: ignore[no-untyped-def]
    """Number the n-grams at the places `at`, the first one 0; how many different ones there are."""
    shift = emptied(table, n_at)
    counts[:n_at] = 0
    n_kinds = np.uint64(0)
    for k in range(n_at):
        place = np.uint64(at[k])
        which = number(table, shift, keys, n_kinds, sums[place + n] - sums[place] * lead)
        n_kinds += np.uint64(which == n_kinds)
        counts[which] += _ONCE
        kind[k] = which
    return n_kinds


@njit(cache=True, nogil=True)
def _most(counts, n_kinds):  # type: ignore[no-untyped-def]
    """The highest count, and the first n-gram that has it."""
    which = np.uint64(0)
    for k in range(n_kinds):
        if counts[k] > counts[which]:
            which = np.uint64(k)
    return np.int64(counts[which]), which


@njit(cache=True, nogil=True)
def _first(kind, which):  # type: ignore[no-untyped-def]
    """Where `which` stands first in `kind`."""
    k = np.uint64(0)
    while kind[k] != which:
        k += _ONE
    return k


@njit(cache=True, nogil=True)
def _copies(at, kind, n_at, counts, ends, n):  # type: ignore[no-untyped-def]
    """The code points of n-grams that stood before; their count becomes 0 when they first stand."""
    copied = 0
    free = np.uint64(0)
    for k in range(n_at):
        count = counts[kind[k]]
        place = np.uint64(at[k])
        if count != _ONCE and place >= free:
            if count:
                counts[kind[k]] = 0
            else:
                copied += ends[place + n] - ends[place]
                free = place + n
    return copied


@njit(cache=True, nogil=True)
def _both_repeat(at, kind, n_at, counts):  # type: ignore[no-untyped-def]
    """Keep the places where an n-gram that repeats is followed by one; how many they are."""
    n = np.uint64(0)
    before, repeats = at[0], counts[kind[0]] != _ONCE
    for k in range(_ONE, n_at):
        place, repeats_too = at[k], counts[kind[k]] != _ONCE
        at[n] = before
        n += np.uint64(repeats & repeats_too & (place == before + _ONCE))
        before, repeats = place, repeats_too
    return n
