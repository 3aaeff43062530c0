"""How a judge's scores go with published ones of the same answers."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Agreement(NamedTuple):
    """Two judges on the same answers."""

    n: int
    pearson: float | None
    """None where one of them gives a single score to all."""
    spearman: float | None
    """Pearson of the ranks, equal scores sharing their mean rank."""
    exact: float
    """Share of answers with the very same score."""
    within_one: float
    """Share of answers whose scores differ by one at most."""
    difference: float
    """Mean of first minus second."""


def agreement(first: Sequence[float], second: Sequence[float]) -> Agreement:
    """Compare two judges' scores, given in the same order; two at least.

    >>> agreement([1, 5, 9], [2, 5, 10])
    Agreement(n=3, pearson=0.9897, spearman=1.0, exact=0.3333, within_one=1.0, difference=-0.6667)
    """
    if len(first) != len(second) or len(first) < 2:
        raise ValueError(f"{len(first)} and {len(second)} scores cannot be compared")
    x, y = np.asarray(first, np.float64), np.asarray(second, np.float64)
    apart = x - y
    return Agreement(
        len(x),
        _pearson(x, y),
        _pearson(_ranks(x), _ranks(y)),
        _rounded(float(np.mean(apart == 0))),
        _rounded(float(np.mean(np.abs(apart) <= 1))),
        _rounded(float(np.mean(apart))),
    )


def _pearson(x: np.ndarray, y: np.ndarray) -> float | None:
    x, y = x - x.mean(), y - y.mean()
    scale = np.sqrt((x @ x) * (y @ y))
    return _rounded(float(x @ y / scale)) if scale > 0 else None


def _ranks(values: np.ndarray) -> np.ndarray:
    _, group, n = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(n)
    return (last - (n - 1) / 2)[group]


def _rounded(value: float) -> float:
    return round(value, 4)
