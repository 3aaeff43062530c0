"""FineWeb's line counts against literal ones and a naive split."""

import random

import pyarrow as pa
import pytest
import regex

from kormo_ds.text import line_ends

SHORT = 5


def counted(texts):
    found = line_ends.of(pa.array(texts, pa.string()), SHORT)
    return [tuple(map(int, row)) for row in zip(*found, strict=True)]


def naive(text):
    lines = [line for line in text.split("\n") if line.strip()]
    later = [line for place, line in enumerate(lines) if line in lines[:place]]
    return (
        text.count("\n"),
        len(text.replace("\n", "")),
        len(lines),
        sum(bool(regex.match(r"\p{Sentence_Terminal}", line[-1])) for line in lines),
        sum(len(line) <= SHORT for line in lines),
        sum(map(len, later)),
    )


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("", (0, 0, 0, 0, 0, 0)),
        (" \n\t\n", (2, 2, 0, 0, 0, 0)),
        ("끝이다.", (0, 4, 1, 1, 1, 0)),
        ("끝이다. ", (0, 5, 1, 0, 1, 0)),  # a space behind the mark
        ("여섯 글자다", (0, 6, 1, 0, 0, 0)),
        ("끝。\n끝!\n끝?\n끝…\n끝:", (4, 10, 5, 3, 5, 0)),
        ("가나\n\n가나\n가나\n", (4, 6, 3, 0, 3, 4)),
        ("가나\n 가나", (1, 5, 2, 0, 2, 0)),
    ],
    ids=ascii,
)
def test_literal(text, counts):
    assert naive(text) == counts
    assert counted([text]) == [counts]


def test_null_and_nothing():
    assert counted([None, "a."]) == [(0,) * 6, (0, 2, 1, 1, 1, 0)]
    assert counted([]) == []


def test_random_texts():
    draw = random.Random(3)
    pieces = ["ab", "가나", "\n", "\n", ".", "。", " ", "\u3000", "😀"]
    texts = ["".join(draw.choices(pieces, k=draw.randrange(25))) for _ in range(2000)]
    assert counted(texts) == [naive(text) for text in texts]


def test_real_texts(real_texts):
    assert counted(real_texts) == [naive(text) for text in real_texts]
