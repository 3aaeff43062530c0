"""Lengths of words are Python's `len` of them."""

import random

import numpy as np
import pyarrow as pa
import pytest

from kormo_ds.text import code_points, words


def lengths(*texts, kind=None):
    column = pa.array(texts, kind or pa.string())
    return code_points.of_words(column, words.boundaries(column)).to_pylist()


def test_words():
    assert lengths("한국어는, 재미있다.\n\u3000끝 don't 👨‍👩‍👧") == [[4, 1, 4, 1, 1, 5, 5]]
    assert lengths("", " \n", None, "a") == [[], [], None, [1]]
    assert lengths("가 b", None, kind=pa.large_string()) == [[1, 1], None]


def test_a_sliced_column():
    column = pa.array(["xx", "가나다 a", "bbb"])[1:]
    assert code_points.of_words(column, words.boundaries(column)).to_pylist() == [[3, 1], [3]]


@pytest.mark.parametrize("n", range(0, 20))
def test_count_is_len(n):
    draw = random.Random(n)
    text = "".join(draw.choice("aé가😀") for _ in range(n))
    encoded = text.encode()
    inside = np.frombuffer(b"\x80" + encoded + b"\x80" * 9, np.uint8)
    assert code_points.count(inside, 1, 1 + len(encoded)) == n
    alone = np.frombuffer(encoded + b"a", np.uint8)[: len(encoded)]
    assert code_points.count(alone, 0, len(encoded)) == n


@pytest.mark.parametrize(("text", "place"), [("", 0), ("a", 0), ("ab가", 2), ("😀", 0)])
def test_the_last_character(text, place):
    data = np.frombuffer(text.encode() + b"xx", np.uint8)
    assert code_points.last(data, 0, len(text.encode())) == place
