"""Near-duplicates among excerpts: of the same group, and of different groups.

Two excerpts are near-duplicates from a Jaccard similarity of `SIMILAR` of their word 5-grams on.
Candidates are those that agree in a band of their MinHash signatures (`kormo_ds.text.minhash`); 32
bands of 4 rows find a pair at 0.8 all but surely (1 - 5e-8) and one at 0.5 in 87 of 100 cases.
Candidates are then compared by their n-grams, so a pair that is found is one. A sample finds fewer
of them than the whole: the chance that a pair is in it falls with its square.

Costs a sort of each excerpt's n-grams and 8 bytes a candidate; no more than `AT_ONCE` of them wait.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from kormo_ds.diversity.sample import Sample
from kormo_ds.text import minhash

NGRAM, BANDS, ROWS = 5, 32, 4
SIMILAR = 0.8
"""Similarity from which two excerpts are near-duplicates."""
AT_ONCE = 2_000_000
"""Candidates that are compared at a time."""


def rates(samples: Sequence[Sample]) -> list[tuple[float, float]]:
    """Of each sample, the share of excerpts with a near-duplicate in it, and in another sample."""
    words = pa.concat_arrays([sample.words for sample in samples])
    sizes = [sample.n_documents for sample in samples]
    group = np.repeat(np.arange(len(samples)), sizes)
    within, across = np.zeros(len(words), bool), np.zeros(len(words), bool)
    for pairs in _candidates(words):
        alike = pairs[minhash.jaccard(words, pairs, NGRAM) >= SIMILAR]
        same = group[alike[:, 0]] == group[alike[:, 1]]
        within[alike[same].ravel()] = True
        across[alike[~same].ravel()] = True
    found = (np.bincount(group, flags, len(sizes)) for flags in (within, across))
    shares = [counts / np.maximum(sizes, 1) for counts in found]
    return [(float(a), float(b)) for a, b in zip(*shares, strict=True)]


def _candidates(words: pa.ListArray) -> Iterator[np.ndarray]:
    """int64 [m, 2]: pairs that agree in a band, each once but for those of an earlier array."""
    n_ngrams, signed = minhash.signatures(words, NGRAM, BANDS, ROWS)
    compared = np.flatnonzero(n_ngrams)
    waiting: list[np.ndarray] = []
    n_waiting = 0
    for keys in minhash.band_keys(signed):
        for codes in _agreeing(keys, compared, len(words)):
            waiting.append(codes)
            n_waiting += len(codes)
            if n_waiting > AT_ONCE:
                yield _decoded(waiting, len(words))
                waiting, n_waiting = [], 0
    if waiting:
        yield _decoded(waiting, len(words))


def _agreeing(keys: np.ndarray, compared: np.ndarray, n: int) -> Iterator[np.ndarray]:
    """Pairs of equal keys, each excerpt with those behind it, as the number a * n + b."""
    order = compared[np.argsort(keys[compared], kind="stable")]
    ordered = keys[order]
    edges = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1], True])
    for group in np.flatnonzero(np.diff(edges) > 1):
        members = order[edges[group] : edges[group + 1]]
        for place, one in enumerate(members[:-1], start=1):
            yield one * n + members[place:]


def _decoded(codes: list[np.ndarray], n: int) -> np.ndarray:
    return np.stack(np.divmod(np.unique(np.concatenate(codes)), n), axis=1)
