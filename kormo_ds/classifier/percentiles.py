"""Percentiles of a model's scores in its language, frozen when it was trained.

A document's bin is the percent of the language's documents that score lower, so "bin 90 and above"
is the best tenth of that language whatever the model's scores look like, and the number stays what
it was when documents come later.
"""

import numpy as np


def edges(scores: np.ndarray) -> np.ndarray:
    """float32 [99]: edge k is the smallest score that k percent of all do not exceed.

    Args:
        scores: of at least one document.
    """
    ordered = np.sort(scores.astype(np.float32))
    places = np.ceil(np.arange(1, 100) * len(ordered) / 100).astype(int) - 1
    found: np.ndarray = ordered[places]
    return found


def bins(scores: np.ndarray, at: np.ndarray) -> np.ndarray:
    """int8 [n] from 0 to 99: how many of the edges `at` lie below each score."""
    below: np.ndarray = np.searchsorted(at, scores.astype(np.float32), side="left")
    return below.astype(np.int8)
