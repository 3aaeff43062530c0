"""The kernel that counts terms, beside a few lines of Python on random words."""

import numpy as np
import pyarrow as pa

from kormo_ds.text import hashes, words
from kormo_ds.text.terms import Terms

FIRST, SECOND = ["a1", "가나", "z"], ["b2", "z", "다"]


def naive(text, near):
    parts = text.split()
    kinds = [(part in FIRST, part in SECOND) for part in parts]
    beside = sum(
        is_first
        and any(
            kinds[j][1] for j in range(max(0, i - near), min(len(parts), i + near + 1)) if j != i
        )
        for i, (is_first, _) in enumerate(kinds)
    )
    return [sum(k[0] for k in kinds), sum(k[1] for k in kinds), beside]


def test_counts_are_those_of_python():
    draw = np.random.default_rng(11)
    every = [*FIRST, *SECOND, "x", "y", "한글", "w", "v", "u", "t"]
    texts = [" ".join(draw.choice(every, draw.integers(0, 40))) for _ in range(300)]
    column = pa.array(texts)
    found = hashes.of_words(column, words.boundaries(column))
    terms = Terms.of(FIRST, SECOND)
    for near in (1, 3, 10):
        assert terms.count(found, near).tolist() == [naive(text, near) for text in texts]
    assert terms.count(found.slice(5, 7), 3).tolist() == [naive(t, 3) for t in texts[5:12]]


def test_no_terms_and_no_texts():
    column = pa.array(["a b"])
    found = hashes.of_words(column, words.boundaries(column))
    assert Terms.of([], []).count(found, 5).tolist() == [[0, 0, 0]]
    assert Terms.of(FIRST, []).count(found.slice(0, 0), 5).tolist() == []
