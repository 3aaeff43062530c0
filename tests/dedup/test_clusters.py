"""Clusters from bands, against sets of Python; pairs of a run; and rows that were deleted."""

import random

import numpy as np
import pytest

from kormo_ds.dedup import MinHash, clusters, verify
from kormo_ds.dedup.run import run


def components_of(pairs, n):
    """The least member of each one's component, by repeated passes."""
    least = list(range(n))
    changed = True
    while changed:
        changed = False
        for a, b in pairs:
            low = min(least[a], least[b])
            changed |= least[a] != low or least[b] != low
            least[a] = least[b] = low
    return least


def test_join_against_repeated_passes():
    draw = random.Random(2)
    for n in (1, 2, 10, 200):
        for _ in range(20):
            pairs = [(draw.randrange(n), draw.randrange(n)) for _ in range(draw.randrange(n))]
            array = np.array(pairs, np.int64).reshape(-1, 2)
            assert clusters.join(array, n).tolist() == components_of(pairs, n)


BANDS = [
    [np.array([9, 9, 9, 9, 5, 6])],  # 0 to 3 agree
    [np.array([1, 2, 3, 4, 7, 7])],  # 4 and 5
]
RANK = np.array([3, 0, 2, 1, 5, 4])  # 1 is the best, then 3, 2, 0; 5 before 4


FIRST = [(0, 1), (1, 2), (1, 3), (4, 5)]  # each run's best and all others


@pytest.mark.parametrize(
    ("alike", "rounds", "asked", "roots", "left"),
    [
        # All are like the best: one round.
        ({*FIRST}, 9, [FIRST], [0, 0, 0, 0, 4, 4], 0),
        # 0 and 2 are like the second only; nothing is asked twice.
        ({(0, 3), (2, 3)}, 9, [FIRST, [(0, 3), (2, 3)]], [0, 1, 0, 0, 4, 5], 0),
        # One round is too few for them.
        ({(0, 3), (2, 3)}, 1, [FIRST], [0, 1, 2, 3, 4, 5], 4),
        # Whoever is joined to one that was compared with all is not compared with all itself.
        ({(0, 1), (0, 2), (2, 3)}, 9, [FIRST, [(0, 3), (2, 3)]], [0, 0, 2, 2, 4, 5], 0),
    ],
)
def test_rounds_of_a_band(alike, rounds, asked, roots, left):
    seen = []

    def compare(pairs):
        if len(pairs):
            seen.append([tuple(pair) for pair in pairs.tolist()])
        return np.array([p for p in pairs.tolist() if tuple(p) in alike], np.int64).reshape(-1, 2)

    found, n_left = verify.joined(BANDS, RANK, compare, rounds)
    assert seen == asked
    assert (found.tolist(), n_left) == (roots, left)


def test_kinds_are_found_whatever_the_order():
    """Where likeness goes from one to the next, enough rounds are as good as all pairs."""
    draw = np.random.default_rng(4)
    n = 40
    for _ in range(30):
        bands = [[draw.integers(0, 8, n)] for _ in range(3)]
        kind = draw.integers(0, 12, n)
        every = [
            (a, b) for a in range(n) for b in range(a)
            if kind[a] == kind[b] and any(keys[a] == keys[b] for (keys,) in bands)
        ]  # fmt: skip

        def compare(pairs, kind=kind):
            return pairs[kind[pairs[:, 0]] == kind[pairs[:, 1]]]

        found, left = verify.joined(bands, draw.permutation(n), compare, rounds=n)
        assert (found.tolist(), left) == (components_of(every, n), 0)


def test_both_halves_of_a_key_must_agree():
    low, high = np.array([7, 7, 7], np.uint64), np.array([1, 2, 1], np.uint64)
    order = np.lexsort((low, high))
    assert order[~clusters.starts([low, high], order)].tolist() == [2]


def test_deleted_rows_are_no_documents(lake_of, verdicts, article):
    texts = {f"{i}": article("x") for i in range(6)} | {"y": article("y")}
    lk = lake_of(texts)
    lk.dataset("documents").delete("doc_id in ('0', '3')")
    run(lk, MinHash(min_jaccard=0.9))
    found = verdicts(lk, MinHash())
    assert found.pop("y") == ("", 1, "kept")
    assert found == {
        "1": ("", 4, "kept"),
        **{i: ("1", 4, "near_duplicate") for i in ("2", "4", "5")},
    }
