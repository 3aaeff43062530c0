"""How much of each text stands in another one, in n-grams of plain words: copies and leaks.

Each pair is compared by itself: the n-grams of the reference go into a small table, and those of
the text are looked up there. Costs about 10 ns a word of both.
"""

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.text.hashes import hash_ngrams
from kormo_ds.text.numbering import emptied, holds, number, places

_ONE = np.uint64(1)


def counts(
    texts: pa.ListArray, references: pa.ListArray, ngram: int
) -> tuple[np.ndarray, np.ndarray]:
    """The n-grams of each text, and those of them that its reference has too.

    Args:
        texts: hashes of words, `HASHES` [n]; NULL has none.
        references: the same of what each is compared with, `HASHES` [n].
        ngram: words of an n-gram, 1 or more.

    Returns:
        shared: int64 [n], places of the text at which an n-gram of the reference begins.
        total: int64 [n], all n-grams of the text; 0 where it has fewer words.
    """
    shared, total = (np.zeros(len(texts), np.int64) for _ in range(2))
    words, lists = _flat(texts)
    other_words, other_lists = _flat(references)
    _count(words, lists, other_words, other_lists, ngram, shared, total)
    return shared, total


def _flat(column: pa.ListArray) -> tuple[np.ndarray, np.ndarray]:
    """Values, and the offsets of each list in them; a NULL is an empty list."""
    filled = column if column.null_count == 0 else column.fill_null([])
    return filled.values.to_numpy(), filled.offsets.to_numpy()


@njit(cache=True, nogil=True)
def _count(words, lists, other_words, other_lists, ngram, shared, total):  # type: ignore[no-untyped-def]
    longest = other_longest = 0
    for text in range(len(shared)):
        longest = max(longest, lists[text + 1] - lists[text])
        other_longest = max(other_longest, other_lists[text + 1] - other_lists[text])
    grams, others = np.empty(longest, np.uint64), np.empty(other_longest, np.uint64)
    keys, table = np.empty(other_longest, np.uint64), np.empty(places(other_longest), np.uint32)
    for text in range(len(shared)):
        n = hash_ngrams(words, lists[text], lists[text + 1], ngram, grams, 0)
        first, end = other_lists[text], other_lists[text + 1]
        n_others = hash_ngrams(other_words, first, end, ngram, others, 0)
        total[text] = n
        if n == 0 or n_others == 0:
            continue
        shift = emptied(table, n_others)
        n_keys = np.uint64(0)
        for at in range(n_others):
            if number(table, shift, keys, n_keys, others[at]) == n_keys:
                n_keys += _ONE
        for at in range(n):
            shared[text] += holds(table, shift, keys, grams[at])
