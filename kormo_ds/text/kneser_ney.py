"""Interpolated modified Kneser-Ney smoothing (Chen and Goodman 1999, 4.1.6) over hashed n-grams.

An n-gram is a 64-bit polynomial of its pieces' hashes, so counting is sorting integers: each order
is one `np.unique` over the positions of the order above, a few seconds for ten million pieces.
Rare n-grams of three and more pieces are pruned; the mass that they had goes to the shorter
context, so the probabilities after any context sum to one. The result depends on the texts and
their order only. Costs 8 bytes a piece and order, and about twice that while an order is sorted.
"""

from dataclasses import dataclass

import numpy as np

from kormo_ds.text.ngram_model import NgramModel, joined
from kormo_ds.text.pieces import BEGIN, END

DISCOUNTS = (0.5, 1.0, 1.5)
"""What is taken from counts of 1, 2, and 3 and more where the counts of counts give none."""


@dataclass(frozen=True)
class Grams:
    """The n-grams of one order, each at one place where it occurs."""

    keys: np.ndarray
    """uint64, ascending."""
    places: np.ndarray
    """int64: an index of the sequence whose piece ends the n-gram."""
    counts: np.ndarray
    """int64: occurrences of the longest n-grams, different pieces before all others."""


def train(pieces: np.ndarray, offsets: np.ndarray, order: int, min_count: int) -> NgramModel:
    """The model of some texts.

    Args:
        pieces: uint64, those of all texts.
        offsets: int64 [n + 1], where each text begins and ends.
        order: pieces of the longest n-grams, 1 or more.
        min_count: an n-gram of three and more pieces with a lower count is left out.
    """
    sequence, predicted = padded(pieces, offsets, order)
    hashes = rolled(sequence, order)
    found = [count(hashes[order], predicted)]
    for n in range(order - 1, 0, -1):
        found.insert(0, count(hashes[n], found[0].places))
    n_types = len(found[0].keys)
    model = NgramModel.empty(order, n_types, sum(len(grams.keys) for grams in found))
    for n, grams in enumerate(found, start=1):
        contexts = hashes[n - 1][grams.places - 1]
        names, context = np.unique(contexts, return_inverse=True)
        taken = _discounts(grams.counts)[np.minimum(grams.counts, 3) - 1]
        total = np.bincount(context, weights=grams.counts)
        share = (grams.counts - taken) / total[context]
        kept = (grams.counts >= min_count) | (n < 3)
        left = 1 - np.bincount(context, weights=share * kept, minlength=len(names))
        used = np.unique(context[kept])
        model.add_contexts(names[used], np.clip(left[used], 0, 1))
        keys, places = grams.keys[kept], grams.places[kept]
        lower = model.after_each(sequence, places, n - 1)
        model.add_grams(keys, share[kept] + left[context[kept]] * lower)
    return model


def padded(pieces: np.ndarray, offsets: np.ndarray, order: int) -> tuple[np.ndarray, np.ndarray]:
    """All texts as one sequence, each with order - 1 BEGIN before it and one END after it.

    Returns:
        The sequence uint64, and the places int64 of what is predicted: all but BEGIN.
    """
    lengths, before = np.diff(offsets), order - 1
    starts = offsets[:-1] + np.arange(len(lengths)) * order
    sequence = np.full(len(pieces) + len(lengths) * order, BEGIN, np.uint64)
    inside = np.arange(len(pieces)) + np.repeat(starts - offsets[:-1], lengths) + before
    sequence[inside] = pieces
    ends = starts + before + lengths
    sequence[ends] = END
    return sequence, np.sort(np.concatenate([inside, ends]))


def rolled(sequence: np.ndarray, order: int) -> list[np.ndarray]:
    """The hashes of the last n pieces at each place, for n = 0 … order; `joined` of one more."""
    hashes = [np.zeros(len(sequence), np.uint64)]
    for _ in range(order):
        longer = sequence.copy()
        longer[1:] = joined(hashes[-1][:-1], sequence[1:])
        hashes.append(longer)
    return hashes


def count(hashes: np.ndarray, places: np.ndarray) -> Grams:
    """The different n-grams at `places`, and how many places each has.

    Given the places of all n + 1-grams, these are the different pieces that stand before it.
    """
    keys, first, counts = np.unique(hashes[places], return_index=True, return_counts=True)
    return Grams(keys, places[first], counts)


def _discounts(counts: np.ndarray) -> np.ndarray:
    """What is taken from counts of 1, 2, and 3 and more; from the counts of counts if they can."""
    n = np.bincount(np.minimum(counts, 5), minlength=6)[1:5].astype(float)
    if n.min() == 0:
        return np.array(DISCOUNTS)
    y = n[0] / (n[0] + 2 * n[1])
    taken = np.array([k - (k + 1) * y * n[k] / n[k - 1] for k in (1, 2, 3)])
    fits = np.all((taken >= 0) & (taken <= (1, 2, 3)))
    return taken if fits else np.array(DISCOUNTS)
