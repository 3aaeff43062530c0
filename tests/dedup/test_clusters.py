"""Clusters from bands, against sets of Python; pairs of a run; and rows that were deleted."""

import random

import numpy as np

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


def test_candidates_are_the_best_of_a_run_and_each_other():
    rank = np.array([3, 0, 2, 1])
    bands = [[np.array([9, 9, 9, 5], np.uint64)], [np.array([1, 2, 1, 2], np.uint64)]]
    found = verify.candidates(bands, rank)
    assert found.tolist() == [[1, 0], [1, 2], [1, 3], [2, 0]]


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
