"""The index of items and its look-up, on letters and against a naive search."""

import random

import numpy as np
import pyarrow as pa
import pytest

from kormo_ds.text import overlap, plain_words, words

ITEMS = ["a b c d e f", "k l m n", "x y", "a b c d", "p q p q p q p q"]


def found(items, docs, ngram=5, min_words=3, max_items=9):
    """Hits and items of each document."""
    index = overlap.build(pa.array(items, pa.string()), ngram, min_words, max_items)
    column = pa.array(docs, pa.string())
    got = overlap.overlaps(index, plain_words.hashes(column, words.boundaries(column)))
    pairs = list(zip(got.texts.tolist(), got.items.tolist(), strict=True))
    assert [text for text, _ in pairs] == sorted(text for text, _ in pairs)
    return [
        (int(hits), [item for text, item in pairs if text == number])
        for number, hits in enumerate(got.hits)
    ]


@pytest.mark.parametrize(
    ("doc", "hits", "items"),
    [
        ("z a b c d e z", 2, [0, 3]),  # one 5-gram of item 0; item 3 as a whole
        ("A, B; c — d (e) f!", 3, [0, 3]),  # two 5-grams
        ("a b c z d e f", 0, []),
        ("k l m", 0, []),  # not all of item 1
        ("k l m n k l m n", 2, [1]),  # one item, met twice
        ("x y x y", 0, []),  # too short an item
        ("p q p q p", 1, [4]),
        ("", 0, []),
        ("b c d e f", 1, [0]),
        ("k l m n a b c d", 2, [1, 3]),
    ],
)
def test_literal(doc, hits, items):
    assert found(ITEMS, ["other words here", doc, "x"])[1] == (hits, items)


def test_what_many_items_hold_is_left_out_and_counted():
    items = [f"the same five words here {name}" for name in "abc"]
    index = overlap.build(pa.array(items), 5, 3, 2)
    assert index.n_common == 1
    assert index.is_found.tolist() == [True, True, True]  # by the n-gram that ends in its name
    assert found(items, ["the same five words here", "same five words here b"], max_items=2) == [
        (0, []),
        (1, [1]),
    ]
    only = overlap.build(pa.array(["a b c d e"] * 3), 5, 3, 2)
    assert (only.n_common, only.is_found.tolist()) == (1, [False] * 3)


def test_items_are_composed_first():
    assert found(["한국어 문서 하나 둘 셋"], ["한국어 문서 하나 둘 셋"]) == [(1, [0])]
    decomposed = "\u1112\u1161\u11ab a b c d"
    assert found([decomposed], ["한 a b c d"]) == [(1, [0])]


def test_nothing_at_all():
    assert found([], ["a b c d e f"]) == [(0, [])]
    assert found(["a"], ["a b c d e f"]) == [(0, [])]
    assert found(ITEMS, []) == []


def test_more_pairs_than_there_was_room_for():
    items = [f"w{n} a b c d" for n in range(600)]
    doc = " ".join(items)
    assert found(items, ["x", doc], max_items=600)[1][1] == list(range(600))


def test_random_texts_as_a_naive_search_has_them():
    draw = random.Random(5)
    for _ in range(40):
        ngram, min_words, max_items = draw.choice([(5, 3, 2), (4, 4, 1), (3, 1, 9)])
        items = [draw.choices("abcd", k=draw.randint(0, 9)) for _ in range(12)]
        docs = [draw.choices("abcde", k=draw.randint(0, 30)) for _ in range(12)]
        holders: dict[tuple[str, ...], set[int]] = {}
        for number, item in enumerate(items):
            for at in range(len(item) - ngram + 1):
                holders.setdefault(tuple(item[at : at + ngram]), set()).add(number)
        expected = []
        for doc in docs:
            hits, met = 0, set()
            for at in range(len(doc)):
                of = holders.get(tuple(doc[at : at + ngram]), set())
                if 0 < len(of) <= max_items:
                    hits, met = hits + 1, met | of
                whole = {
                    number
                    for number, item in enumerate(items)
                    if min_words <= len(item) < ngram and doc[at : at + len(item)] == item
                }
                hits, met = hits + bool(whole), met | whole
            expected.append((hits, sorted(met)))
        texts = [" ".join(doc) for doc in docs]
        got = found([" ".join(item) for item in items], texts, ngram, min_words, max_items)
        assert [(hits, sorted(met)) for hits, met in got] == expected


def test_the_bitmap_of_no_key_is_empty():
    keys = overlap.build(pa.array(["a"]), 5, 3, 9).long
    assert not keys.bitmap.any() and len(keys.hashes) == 0 and keys.offsets.tolist() == [0]
    assert keys.items.dtype == np.int32
