"""Candidates compared by their n-grams themselves: pairs of a band that are alike enough.

A run of documents with equal band keys is not compared pair by pair, which would be its square.
Round by round the document that `keep` likes best, of those not yet joined to an earlier one, is
compared with all others of its run that stand in another cluster; after `ROUNDS` the rest stays
apart, and is counted. So the pairs depend neither on the order of rows nor on threads. Costs a
random read and a segmentation of the texts for each chunk of pairs that names them; memory of one
chunk's texts, and 17 bytes for each document of a run in each band.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import lance
import numpy as np
import pyarrow.compute as pc

from kormo_ds.dedup import clusters

PAIRS_AT_ONCE = 2048
ROUNDS = 16


@dataclass
class Runs:
    """The documents of one band that share their key with others."""

    place: np.ndarray
    """int64 [m]: documents, run by run, and in a run the best first."""
    run: np.ndarray
    """int64 [m]: number of the run."""
    open: np.ndarray
    """bool [m]: not yet joined to a document that the others were compared with."""

    @classmethod
    def of(cls, keys: Sequence[np.ndarray], rank: np.ndarray) -> "Runs":
        """The runs of a band's keys; `rank` is 0 for the document that is kept the rather."""
        order = np.lexsort((rank, *keys))
        run = np.cumsum(clusters.starts(keys, order)) - 1
        several = (np.bincount(run) > 1)[run]
        numbers = np.unique(run[several], return_inverse=True)[1]
        return cls(order[several], numbers, np.ones(len(numbers), bool))

    def leaders(self) -> np.ndarray:
        """int64 [m]: for each document the first open one of its run, -1 where none is."""
        first = np.flatnonzero(self.open)
        runs, at = np.unique(self.run[first], return_index=True)
        leaders = np.full(len(self.run) + 1, -1)
        leaders[runs] = self.place[first[at]]
        leader: np.ndarray = leaders[self.run]
        return leader


def joined(
    bands: Iterable[Sequence[np.ndarray]],
    rank: np.ndarray,
    alike: Callable[[np.ndarray], np.ndarray],
    rounds: int = ROUNDS,
) -> tuple[np.ndarray, int]:
    """Clusters of documents that are alike.

    Args:
        bands: of each band the keys, int64 [n].
        rank: int64 [n]: 0 for the document that is kept the rather.
        alike: gives those of pairs (int64 [m, 2], ascending) that are alike enough.
        rounds: documents of a run at most that the others are compared with.

    Returns:
        int64 [n]: the first place of each one's cluster; and how many documents of runs were left
        that might have been alike another.
    """
    every = [Runs.of(keys, rank) for keys in bands]
    n = len(rank)
    roots = np.arange(n)
    good, asked = np.empty((0, 2), np.int64), np.empty(0, np.int64)
    for _ in range(rounds):
        leaders = [runs.leaders() for runs in every]
        pairs = [np.empty(0, np.int64)]
        for runs, leader in zip(every, leaders, strict=True):
            apart = (leader >= 0) & (roots[leader] != roots[runs.place])
            a, b = leader[apart], runs.place[apart]
            pairs.append(np.minimum(a, b) * n + np.maximum(a, b))
        new = np.setdiff1d(np.concatenate(pairs), asked)
        asked = np.union1d(asked, new)
        good = np.concatenate([good, alike(np.stack([new // n, new % n], axis=1))])
        roots = clusters.join(good, n)
        for runs, leader in zip(every, leaders, strict=True):
            runs.open &= roots[leader] != roots[runs.place]
        if not any(runs.open.any() for runs in every):
            break
    left = np.unique(np.concatenate([runs.place[runs.open] for runs in every]))
    return roots, len(left)


def alike(
    dataset: "lance.LanceDataset",
    text: str,
    rows: np.ndarray,
    ngram: int,
    min_jaccard: float,
    pairs: np.ndarray,
) -> np.ndarray:
    """Those of `pairs` (places in `rows`) whose n-grams are at least `min_jaccard` the same.

    Args:
        dataset: the table.
        text: its column of texts.
        rows: int64 [n]: places of documents in the table.
        ngram: words of an n-gram.
        min_jaccard: from 0 to 1.
        pairs: int64 [m, 2], ascending.
    """
    from kormo_ds.text import minhash

    good = np.zeros(len(pairs), bool)
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        chunk = pairs[start : start + PAIRS_AT_ONCE]
        places, inside = np.unique(chunk, return_inverse=True)
        texts = dataset.take(rows[places].tolist(), columns=[text]).column(text).combine_chunks()
        words = minhash.hash_words(pc.fill_null(texts, ""))
        similar = minhash.jaccard(words, inside.reshape(chunk.shape), ngram)
        good[start : start + len(chunk)] = similar >= min_jaccard
    return pairs[good]
