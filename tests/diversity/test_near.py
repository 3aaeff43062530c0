"""Near-duplicates that were planted are found, in their own group and in another one."""

import random

import pyarrow as pa
import pytest

from kormo_ds.diversity import near
from kormo_ds.diversity.sample import Sample


def page(seed, changed=()):
    """60 words that no other page has, but for those that were `changed`."""
    words = [f"p{seed}w{i}" for i in range(60)]
    for place in changed:
        words[place] = f"other{random.Random(place).random()}"
    return " ".join(words)


def sample(*texts):
    return Sample.of(pa.array(texts, pa.string()))


def test_within_and_across():
    # A word that is changed at the end takes one 5-gram of 56, one in the middle takes five.
    first = sample(page(1), page(1, changed=(59,)), page(2), page(3))
    second = sample(page(2, changed=(0,)), page(4), page(5), page(6), page(6))
    third = sample(page(7), page(2, changed=(10, 20, 30, 40)))
    assert near.rates([first, second, third]) == [(0.5, 0.25), (0.4, 0.2), (0.0, 0.0)]


@pytest.mark.parametrize(("changed", "found"), [((0, 30), 1.0), ((10, 20, 30, 40), 0.0)])
def test_the_threshold(changed, found):
    # 6 of 56 5-grams differ on each side: 50 / 62 = 0.81; 20 differ: 36 / 76 = 0.47.
    assert near.rates([sample(page(1), page(1, changed))]) == [(found, 0.0)]


def test_excerpts_without_a_5_gram_are_like_nothing():
    assert near.rates([sample("a b c", "a b c"), sample("a b c")]) == [(0.0, 0.0), (0.0, 0.0)]


def test_a_cluster_is_compared_in_parts(monkeypatch):
    monkeypatch.setattr(near, "AT_ONCE", 50)
    copies = [page(1) for _ in range(40)]
    assert near.rates([sample(*copies), sample(page(1), page(2))]) == [(1.0, 1.0), (0.0, 0.5)]
