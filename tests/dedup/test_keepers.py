"""Who is kept: one table for the rule, one for what earlier runs said."""

import numpy as np
import pyarrow as pa
import pytest

from kormo_ds.dedup.keepers import Members, choose, worth
from kormo_ds.errors import BadInput


def chosen(rows):
    """{doc_id: (dup_of, size)} from rows (doc_id, cluster, worth, reason, dup_of)."""
    columns = list(zip(*rows, strict=True))
    found = choose(
        Members(
            doc_id=pa.array(columns[0]),
            cluster=np.array(columns[1]),
            worth=pa.array(columns[2]),
            reason=pa.array(columns[3], pa.string()),
            dup_of=pa.array(columns[4], pa.string()),
        )
    )
    ids = [text.decode() for text in found.doc_id]
    assert ids == sorted(ids)
    return {
        i: (d, int(n)) for i, d, n in zip(ids, found.dup_of.to_pylist(), found.size, strict=True)
    }


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]])
def test_the_best_and_of_equal_ones_the_first_doc_id(order):
    rows = [
        ("c", 7, 10, None, None),
        ("b", 7, 10, None, None),
        ("a", 7, 9, None, None),
        ("y", 3, 1, None, None),
        ("x", 3, 2, None, None),
    ]
    assert chosen([rows[i] for i in order]) == {
        "a": ("b", 3), "b": ("", 3), "c": ("b", 3), "x": ("", 2), "y": ("x", 2),
    }  # fmt: skip


def test_an_earlier_keeper_stays_before_a_better_one():
    rows = [("old", 0, 1, "kept", ""), ("new", 0, 9, None, None)]
    assert chosen(rows) == {"new": ("old", 2)}


def test_of_two_earlier_keepers_that_a_new_one_joins_the_better_one_is_named():
    rows = [
        ("k1", 0, 5, "kept", ""),
        ("k2", 0, 6, "kept", ""),
        ("dup", 0, 99, "near_duplicate", "k1"),
        ("new", 0, 9, None, None),
    ]
    assert chosen(rows) == {"new": ("k2", 4)}


def test_whoever_is_named_by_an_earlier_verdict_is_kept():
    """As after a kill that left `a` judged and its keeper `b` not, with `c` come since."""
    rows = [
        ("a", 0, 1, "near_duplicate", "b"),
        ("b", 0, 5, None, None),
        ("c", 0, 9, None, None),
        ("d", 0, 2, "near_duplicate", "e"),
        ("e", 0, 3, None, None),
    ]
    assert chosen(rows) == {"b": ("", 5), "c": ("b", 5), "e": ("", 5)}


def test_a_keeper_that_is_gone_is_followed_by_the_best_new_one():
    rows = [("a", 0, 9, "near_duplicate", "gone"), ("b", 0, 1, None, None), ("c", 0, 2, None, None)]
    assert chosen(rows) == {"b": ("c", 3), "c": ("", 3)}


def test_worth_is_higher_for_the_better():
    values = pa.array([3, 1, 2], pa.int8())
    assert worth("longest", values).to_pylist() == [3, 1, 2]
    assert worth("score desc", values).to_pylist() == [3, 1, 2]
    assert worth("score asc", values).to_pylist() == [-3, -1, -2]
    assert worth("first_doc_id", values).to_pylist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (pa.array(["x"]), "column 'score' is string; choose one of numbers"),
        (pa.array([1.0, None, float("nan")]), "2 documents with duplicates have no 'score'"),
    ],
)
def test_what_cannot_be_ordered(values, message):
    with pytest.raises(BadInput, match=message):
        worth("score desc", values)
