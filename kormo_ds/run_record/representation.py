"""Is a source, synthesizer or language over-represented in a step, against all that is trained on?

A step's rows are drawn by a permutation, so of its n pieces those of a group are binomial with the
group's share p in all pieces. The chance of k or more, P(X ≥ k), times the number of groups asked
about (Bonferroni) must be below 1 %, and k at least 5: in a step of few pieces, chance alone puts
some rare source in, and that says nothing.

Pure; O(n) a group at worst.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

LEAST = 5
"""Pieces of a group that a step must have."""
CHANCE = 0.01


@dataclass(frozen=True)
class Share:
    """One group in a step and in all rows."""

    group: str
    in_step: int
    """Pieces."""
    of_step: float
    """Share of the step's pieces."""
    of_all: float
    """Share of all pieces."""
    chance: float
    """P(X ≥ in_step), times the groups asked about, at most 1."""

    @property
    def over(self) -> bool:
        """Over-represented, beyond chance."""
        return self.in_step >= LEAST and self.chance < CHANCE


def tail(k: int, n: int, p: float) -> float:
    """P(X ≥ k) of a binomial X with n draws of probability p.

    >>> tail(1, 2, 0.5)
    0.75
    """
    if k <= 0 or p >= 1:
        return 1.0
    if k > n or p <= 0:
        return 0.0
    if k <= n * p:
        return 1 - tail(n - k + 1, n, 1 - p)
    rest = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    term = math.exp(rest + k * math.log(p) + (n - k) * math.log1p(-p))
    total = 0.0
    for i in range(k, n + 1):
        total += term
        term *= (n - i) / (i + 1) * p / (1 - p)
        if term < total * 1e-17:
            break
    return min(1.0, total)


def shares(step: Mapping[str, int], everything: Mapping[str, int], asked: int) -> list[Share]:
    """The groups of a step, the least likely first.

    Args:
        step: pieces of the step by group.
        everything: pieces of all rows by group.
        asked: groups that are asked about, over all ways to group.
    """
    n, n_all = sum(step.values()), sum(everything.values())
    found = []
    for group, count in step.items():
        share = everything[group] / n_all
        chance = min(1.0, asked * tail(count, n, share))
        found.append(Share(group, count, count / n, share, chance))
    return sorted(found, key=lambda one: (one.chance, -one.of_step, one.group))
