"""Shares of a step against all rows: exact binomials, and small counts that stay quiet."""

import math
from collections import Counter

import numpy as np
import pytest

from kormo_ds.run_record.representation import Share, shares, tail


def reference(k, n, p):
    return math.fsum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))


@pytest.mark.parametrize("p", [0.001, 0.03, 0.5, 0.97])
@pytest.mark.parametrize(("k", "n"), [(0, 5), (1, 1), (3, 8), (8, 8), (30, 200), (120, 200)])
def test_a_tail_is_the_sum_of_its_terms(k, n, p):
    assert tail(k, n, p) == pytest.approx(reference(k, n, p), rel=1e-9, abs=1e-14)


@pytest.mark.parametrize(
    ("k", "n", "p", "expected"), [(3, 2, 0.5, 0.0), (1, 9, 0.0, 0.0), (9, 9, 1.0, 1.0)]
)
def test_ends(k, n, p, expected):
    assert tail(k, n, p) == expected


def test_a_large_step_is_no_trouble():
    assert tail(2000, 100_000, 0.01) < 1e-150
    assert tail(900, 100_000, 0.01) == pytest.approx(1, abs=1e-3)


def test_what_stands_out_comes_first():
    found = shares({"noise": 8, "web": 12}, {"noise": 30, "web": 970}, asked=2)
    assert found[0] == Share("noise", 8, 0.4, 0.03, 2 * tail(8, 20, 0.03))
    assert [(one.group, one.over) for one in found] == [("noise", True), ("web", False)]
    assert found[1].chance == 1.0


@pytest.mark.parametrize(
    ("step", "over"),
    [
        ({"rare": 1, "web": 19}, []),
        ({"rare": 4, "web": 16}, []),
        ({"rare": 5, "web": 15}, ["rare"]),
        ({"web": 20}, []),
    ],
)
def test_small_counts_do_not_shout(step, over):
    found = shares(step, {"rare": 10, "web": 99_990}, asked=2)
    assert [one.group for one in found if one.over] == over


def test_chance_alone_names_nobody():
    """Steps of 64 pieces from 40 sources, 2,000 times: 1 % may be named wrongly, at most."""
    random = np.random.default_rng(0)
    weights = random.dirichlet(np.ones(40))
    everything = {str(i): int(1e7 * weight) + 1 for i, weight in enumerate(weights)}
    wrong = 0
    for _ in range(2000):
        step = Counter(str(i) for i in random.choice(40, 64, p=weights))
        wrong += any(one.over for one in shares(step, everything, asked=40))
    assert wrong <= 20
