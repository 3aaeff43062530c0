"""Candidates compared by their n-grams themselves: pairs of a band that are alike enough.

In each run of equal band keys every document is compared with the one that the rule `keep` likes
best, so the pairs do not depend on the order of rows and their number grows with the documents, not
with their squares. Two that are both unlike that one are joined only if another band brings them
together. Costs one random read and one segmentation of the texts for each chunk of pairs that names
them; memory of one chunk's texts.
"""

from collections.abc import Iterable, Sequence

import lance
import numpy as np
import pyarrow.compute as pc

from kormo_ds.dedup import clusters
from kormo_ds.progress import Advance, silent

PAIRS_AT_ONCE = 2048


def candidates(bands: Iterable[Sequence[np.ndarray]], rank: np.ndarray) -> np.ndarray:
    """int64 [m, 2]: pairs (best of its run, another of it), each once, ascending.

    Args:
        bands: of each band the keys, int64 [n].
        rank: int64 [n]: 0 for the document that is kept the rather.
    """
    found = [np.empty((0, 2), np.int64)]
    for keys in bands:
        order = np.lexsort((rank, *keys))
        begins = clusters.starts(keys, order)
        places = np.flatnonzero(begins)
        best = np.repeat(order[places], np.diff(np.append(places, len(order))))
        found.append(np.stack([best, order], axis=1)[~begins])
    return np.unique(np.concatenate(found), axis=0)


def alike(
    dataset: "lance.LanceDataset",
    text: str,
    rows: np.ndarray,
    pairs: np.ndarray,
    ngram: int,
    min_jaccard: float,
    advance: Advance = silent,
) -> np.ndarray:
    """Those of `pairs` (places in `rows`) whose n-grams are at least `min_jaccard` the same.

    Args:
        dataset: the table.
        text: its column of texts.
        rows: int64 [n]: places of documents in the table.
        pairs: int64 [m, 2], ascending.
        ngram: words of an n-gram.
        min_jaccard: from 0 to 1.
        advance: told of pairs that are done.
    """
    from kormo_ds.text import minhash

    advance(0, total=len(pairs))
    good = np.zeros(len(pairs), bool)
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        chunk = pairs[start : start + PAIRS_AT_ONCE]
        places, inside = np.unique(chunk, return_inverse=True)
        texts = dataset.take(rows[places].tolist(), columns=[text]).column(text).combine_chunks()
        words = minhash.hash_words(pc.fill_null(texts, ""))
        similar = minhash.jaccard(words, inside.reshape(chunk.shape), ngram)
        good[start : start + len(chunk)] = similar >= min_jaccard
        advance(len(chunk))
    return pairs[good]
