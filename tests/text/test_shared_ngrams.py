"""N-grams of a text that its reference has, on letters, and against plain Python."""

import random

import pyarrow as pa
import pytest

from kormo_ds.text import plain_words, shared_ngrams, words
from kormo_ds.text.hashes import HASHES


def hashes(texts):
    column = pa.array(texts, pa.string())
    return plain_words.hashes(column, words.boundaries(column))


def counts(texts, references, ngram=3):
    shared, total = shared_ngrams.counts(hashes(texts), hashes(references), ngram)
    return list(zip(shared.tolist(), total.tolist(), strict=True))


@pytest.mark.parametrize(
    ("text", "reference", "expected"),
    [
        ("a b c d", "a b c d", (2, 2)),
        ("a b c d", "x a b c y b c d", (2, 2)),
        ("A, b! c (d) e", "a b c d", (2, 3)),
        ("a b c a b c a b c", "a b c", (3, 7)),  # each place counts
        ("a b", "a b", (0, 0)),  # no n-gram
        ("a b c", "a b", (0, 1)),
        ("", "a b c", (0, 0)),
        ("a b c", "", (0, 1)),
        (None, "a b c", (0, 0)),
        ("a b c", None, (0, 1)),
        ("바다는 아침마다 다른 빛깔이다", "그 바다는 아침마다 다른 색이다", (1, 2)),
    ],
)
def test_pairs(text, reference, expected):
    assert counts([text], [reference]) == [expected]


def test_pairs_do_not_meet_each_other():
    assert counts(["a b c", "d e f", "a b c"], ["d e f", "a b c", "c a b c"]) == [
        (0, 1),
        (0, 1),
        (1, 1),
    ]
    assert counts([], []) == []


@pytest.mark.parametrize("ngram", [1, 2, 5])
def test_against_sets(ngram):
    choice = random.Random(5)
    texts, references = (
        [" ".join(choice.choices("abcde", k=choice.randrange(60))) for _ in range(300)]
        for _ in range(2)
    )

    def grams(text):
        found = text.split()
        return [tuple(found[i : i + ngram]) for i in range(len(found) - ngram + 1)]

    expected = []
    for text, reference in zip(texts, references, strict=True):
        known = set(grams(reference))
        expected.append((sum(gram in known for gram in grams(text)), len(grams(text))))
    assert counts(texts, references, ngram) == expected


def test_a_slice_of_a_column():
    column = hashes(["x y z", "a b c", "a b c d"])
    shared, total = shared_ngrams.counts(column[1:], column[1:].take(pa.array([1, 0])), 3)
    assert (shared.tolist(), total.tolist()) == ([1, 1], [1, 2])
    assert column.type == HASHES
