"""Marks against literal counts and Python's string methods."""

import random

import pyarrow as pa
import pytest

from kormo_ds.text import marks


def counted(texts):
    found = marks.of(pa.array(texts, pa.string()))
    return [tuple(map(int, row)) for row in zip(*found, strict=True)]


def naive(text):
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return (
        text.count("#"),
        text.count("...") + text.count("…"),
        len(lines),
        sum(line.lstrip().startswith(("•", "-")) for line in lines),
        sum(line.rstrip().endswith(("...", "…")) for line in lines),
    )


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("", (0, 0, 0, 0, 0)),
        ("\n", (0, 0, 1, 0, 0)),
        ("## 제목 #1\n\n본문", (3, 0, 3, 0, 0)),
        ("• 하나\n - 둘\n* 셋\n-", (0, 0, 4, 3, 0)),
        ("음...\n음… \n음..\n.......", (0, 4, 4, 0, 3)),
        ("...", (0, 1, 1, 0, 1)),
        ("…", (0, 1, 1, 0, 1)),
        ("••", (0, 0, 1, 1, 0)),
        ("\u2025\u20a6\u2022", (0, 0, 1, 0, 0)),  # neighbours of … and • in UTF-8
    ],
    ids=ascii,
)
def test_literal(text, counts):
    assert naive(text) == counts
    assert counted([text]) == [counts]


def test_null_and_a_slice():
    assert counted([None, "#"]) == [(0,) * 5, (1, 0, 1, 0, 0)]
    found = marks.of(pa.array(["##", "…", "a"])[1:])
    assert found.ellipses.tolist() == [1, 0]


def test_random_texts():
    draw = random.Random(4)
    pieces = ["a", "가", "\n", ".", "..", "…", "•", "-", "#", " ", "\u3000"]
    texts = ["".join(draw.choices(pieces, k=draw.randrange(25))) for _ in range(2000)]
    assert counted(texts) == [naive(text) for text in texts]


def test_real_texts(real_texts):
    assert counted(real_texts) == [naive(text) for text in real_texts]
