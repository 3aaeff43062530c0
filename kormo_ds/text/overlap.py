"""Which items of a collection share text with documents: an index of n-grams, and its look-up.

An item of at least `ngram` plain words is found by any of its n-grams. A shorter one is found as a
whole: by its first `min_words` words, and then word by word. One of fewer than `min_words` is left
out, and so is an n-gram that more than `max_items` items hold, since it says nothing of any; both
are counted. Building holds 40 bytes an n-gram. A look-up costs about 3 ns a word: most of them end
at a bit of a small bitmap.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from kormo_ds.text import plain_words, words
from kormo_ds.text.hashes import hash_ngrams

_BITS_PER_KEY = 16
_SECOND = np.uint64(32)
"""Where the bits of a hash begin that name its second place in the bitmap."""
_SIX, _SIXTY_THREE, _ONE = np.uint64(6), np.uint64(63), np.uint64(1)


@dataclass(frozen=True)
class Keys:
    """Hashes that items are found by, and the items of each."""

    hashes: np.ndarray
    """uint64 [k], ascending."""
    offsets: np.ndarray
    """int64 [k + 1]: key i is of `items[offsets[i]:offsets[i + 1]]`."""
    items: np.ndarray
    """int32: numbers of items."""
    bitmap: np.ndarray
    """uint64: two bits for each key, at the places that its low and its high bits name."""


@dataclass(frozen=True)
class Index:
    """The items of a collection by what they are found by."""

    ngram: int
    min_words: int
    long: Keys
    """Items of `ngram` words and more, by their n-grams."""
    short: Keys
    """Shorter ones, by their first `min_words` words."""
    words: np.ndarray
    """uint64: the plain words of all items."""
    ends: np.ndarray
    """int64 [n + 1]: item i is `words[ends[i]:ends[i + 1]]`."""
    n_common: int
    """N-grams that were left out, for more than `max_items` items hold them."""
    sizes: np.ndarray
    """int64 [n]: plain words of each item."""
    is_found: np.ndarray
    """bool [n]: False for an item that is too short, or of which every n-gram is common."""


@dataclass(frozen=True)
class Overlaps:
    """What texts share with the items."""

    hits: np.ndarray
    """int32 [n]: places in each text at which an n-gram, or a whole short item, begins."""
    texts: np.ndarray
    """int32: the text of each pair, ascending."""
    items: np.ndarray
    """int32: the item of each pair; each once a text, in the order in which they are met."""


def build(items: pa.Array, ngram: int, min_words: int, max_items: int) -> Index:
    """The index of the texts of items, which are composed (NFC) first.

    Args:
        items: string [n].
        ngram: words of an n-gram.
        min_words: of the shortest item that is looked for; at most `ngram`.
        max_items: an n-gram of more items is left out.
    """
    texts = pc.utf8_normalize(items, form="NFC")
    found = plain_words.hashes(texts, words.boundaries(texts))
    values, ends = found.values.to_numpy(), found.offsets.to_numpy().astype(np.int64)
    sizes = np.diff(ends)
    is_long = sizes >= ngram
    is_short = (sizes >= min_words) & ~is_long
    long, n_common = _keys(*_ngrams(values, ends, is_long, ngram, ngram), max_items)
    short, _ = _keys(*_ngrams(values, ends, is_short, min_words, 0), len(sizes))
    is_found = is_short.copy()
    is_found[long.items] = True
    return Index(ngram, min_words, long, short, values, ends, n_common, sizes, is_found)


def _ngrams(
    values: np.ndarray, ends: np.ndarray, chosen: np.ndarray, n: int, every: int
) -> tuple[np.ndarray, np.ndarray]:
    """Hashes of n-grams of the chosen items and their item numbers; the first only if not every."""
    hashes, items = [], []
    for item in np.flatnonzero(chosen):
        first, end = ends[item], ends[item + 1] if every else ends[item] + n
        out = np.empty(end - first - n + 1, np.uint64)
        hash_ngrams(values, first, end, n, out, 0)
        hashes.append(np.unique(out))
        items.append(np.full(len(hashes[-1]), item, np.int32))
    if not hashes:
        return np.empty(0, np.uint64), np.empty(0, np.int32)
    return np.concatenate(hashes), np.concatenate(items)


def _keys(hashes: np.ndarray, items: np.ndarray, max_items: int) -> tuple[Keys, int]:
    """The keys, and how many were left out for having more than `max_items` items."""
    order = np.lexsort((items, hashes))
    keys, counts = np.unique(hashes, return_counts=True)
    is_kept = counts <= max_items
    items = items[order][np.repeat(is_kept, counts)]
    keys, counts = keys[is_kept], counts[is_kept]
    bits = 1 << max(6, (_BITS_PER_KEY * len(keys)).bit_length())
    bitmap = np.zeros(bits >> 6, np.uint64)
    for place in (keys & np.uint64(bits - 1), (keys >> _SECOND) & np.uint64(bits - 1)):
        np.bitwise_or.at(bitmap, place >> _SIX, _ONE << (place & _SIXTY_THREE))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Keys(keys, offsets, items, bitmap), int((~is_kept).sum())


def overlaps(index: Index, found: pa.ListArray) -> Overlaps:
    """Look texts up.

    Args:
        index: of the items.
        found: the `plain_words.hashes` of texts, none of them NULL.
    """
    values, ends = found.values.to_numpy(), found.offsets.to_numpy().astype(np.int64)
    hits = np.zeros(len(found), np.int32)
    texts, items = _look_up(
        values,
        ends,
        (index.ngram, index.min_words),
        (index.long.hashes, index.long.offsets, index.long.items, index.long.bitmap),
        (index.short.hashes, index.short.offsets, index.short.items, index.short.bitmap),
        index.words,
        index.ends,
        hits,
    )
    return Overlaps(hits, texts, items)


@njit(cache=True, nogil=True)
def _look_up(values, ends, sizes, long, short, item_words, item_ends, hits):  # type: ignore[no-untyped-def]
    room = 256
    texts, items, n = np.empty(room, np.int32), np.empty(room, np.int32), 0
    seen_in = np.full(len(item_ends), -1, np.int32)
    most = 0
    for text in range(len(hits)):
        most = max(most, ends[text + 1] - ends[text])
    grams = np.empty(most + 1, np.uint64)
    for text in range(len(hits)):
        first, end = ends[text], ends[text + 1]
        for is_whole in range(2):
            keys, offsets, posted, bitmap = short if is_whole else long
            n_grams = hash_ngrams(values, first, end, sizes[is_whole], grams, 0)
            at = np.int64(_next(grams, np.uint64(0), np.uint64(n_grams), bitmap))
            while at < n_grams:
                key = np.searchsorted(keys, grams[at])
                is_hit = False
                if key < len(keys) and keys[key] == grams[at]:
                    for place in range(offsets[key], offsets[key + 1]):
                        item = posted[place]
                        if is_whole and not _is_there(
                            values,
                            first + at,
                            end,
                            item_words,
                            item_ends[item],
                            item_ends[item + 1],
                        ):
                            continue
                        is_hit = True
                        if seen_in[item] != text:
                            seen_in[item] = text
                            if n == room:
                                room *= 2
                                texts, items = _grown(texts, room), _grown(items, room)
                            texts[n], items[n] = text, item
                            n += 1
                hits[text] += is_hit
                at = np.int64(_next(grams, np.uint64(at + 1), np.uint64(n_grams), bitmap))
    return texts[:n], items[:n]


@njit(cache=True, nogil=True)
def _next(grams, at, end, bitmap):  # type: ignore[no-untyped-def]
    """The first place from `at` on whose two bits are set, or `end`; unsigned."""
    mask = np.uint64(len(bitmap) * 64 - 1)
    while at < end:
        place = grams[at] & mask
        if bitmap[place >> _SIX] >> (place & _SIXTY_THREE) & _ONE:
            place = grams[at] >> _SECOND & mask
            if bitmap[place >> _SIX] >> (place & _SIXTY_THREE) & _ONE:
                break
        at += _ONE
    return at


@njit(cache=True, nogil=True)
def _is_there(values, at, end, item_words, first, last):  # type: ignore[no-untyped-def]
    """Whether the words of an item stand at `at`."""
    if at + last - first > end:
        return False
    return (values[at : at + last - first] == item_words[first:last]).all()


@njit(cache=True, nogil=True)
def _grown(array, room):  # type: ignore[no-untyped-def]
    larger = np.empty(room, array.dtype)
    larger[: len(array)] = array
    return larger
