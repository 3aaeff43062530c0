"""Self-BLEU: how well each excerpt of a sample is made of n-grams of the others.

The mean over excerpts of BLEU-4 with all other excerpts as references (Zhu et al. 2018, "Texygen"):
100 where each is a copy of another one, near 0 where no two share a phrase. The words are ours
(UAX #29; a Korean eojeol is one), the score is sacrebleu's `sentence_score` with
`tokenize='none'`, exponential smoothing and effective order, to the last digit.

sacrebleu reads all references again for each excerpt. Here the two largest counts of each n-gram
over all excerpts are found once by sorting: the largest count among the *others* is one of the two.
So the cost is a sort of the sample's n-grams, and no excerpt need be left out.
"""

import numpy as np
from sacrebleu.metrics.bleu import BLEU

from kormo_ds.diversity.sample import Sample

ORDER = 4
"""Words of the longest n-grams."""


def self_bleu(sample: Sample) -> float:
    """From 0 to 100, lower is more diverse; 0 for a sample of one excerpt."""
    if sample.n_documents < 2:
        return 0.0
    matched = np.stack([_matched(*sample.ngrams(n)) for n in range(1, ORDER + 1)], axis=1)
    lengths = np.diff(sample.words.offsets.to_numpy())
    scores = [
        BLEU.compute_bleu(
            correct=correct.tolist(),
            total=[max(int(length) - n, 0) for n in range(ORDER)],
            sys_len=int(length),
            ref_len=_closest(lengths, place),
            smooth_method="exp",
            effective_order=True,
        ).score
        for place, (correct, length) in enumerate(zip(matched, lengths, strict=True))
    ]
    return float(np.mean(scores))


def _matched(ngrams: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """N-grams of each excerpt that another one has, each as often as that one has it: int64 [n]."""
    n = len(counts)
    excerpts = np.repeat(np.arange(n), counts)
    order = np.lexsort((excerpts, ngrams))
    grams, places = ngrams[order], excerpts[order]
    first = np.flatnonzero(
        np.r_[True, (grams[1:] != grams[:-1]) | (places[1:] != places[:-1])][: len(grams)]
    )
    times = np.diff(np.r_[first, len(grams)])
    grams, places = grams[first], places[first]  # one row an n-gram and excerpt

    order = np.lexsort((-times, grams))
    grams, places, times = grams[order], places[order], times[order]
    is_first = np.r_[True, grams[1:] != grams[:-1]][: len(grams)]
    group = np.cumsum(is_first) - 1
    most = np.flatnonzero(is_first)
    sizes = np.diff(np.r_[most, len(grams)])
    second = np.where(sizes > 1, times[np.minimum(most + 1, len(times) - 1)], 0)
    of_others = np.where(places == places[most][group], second[group], times[most][group])
    matched = np.minimum(times, of_others)
    return np.bincount(places, weights=matched, minlength=n).astype(np.int64)


def _closest(lengths: np.ndarray, place: int) -> int:
    """The length of another excerpt that is nearest to this one's, of two the shorter."""
    others = np.delete(lengths, place)
    apart = np.abs(others - lengths[place])
    return int(others[apart == apart.min()].min())
