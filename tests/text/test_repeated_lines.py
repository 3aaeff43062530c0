"""Repeated lines and paragraphs against literal counts and a naive split."""

import random
import re

import pyarrow as pa
import pytest

from kormo_ds.text import repeated_lines


def counted(texts):
    found = repeated_lines.of(pa.array(texts, pa.string()))
    return [tuple(map(int, row)) for row in zip(*found, strict=True)]


def copies(parts):
    later = [part for place, part in enumerate(parts) if part in parts[:place]]
    return len(parts), len(later), sum(map(len, later))


def naive(text):
    if not text:
        return (0,) * 7
    return len(text), *copies(re.split(r"\n{2,}", text.strip())), *copies(re.split(r"\n+", text))


@pytest.mark.parametrize(
    ("text", "paragraphs", "lines"),
    [
        ("", (0, 0, 0), (0, 0, 0)),
        ("가", (1, 0, 0), (1, 0, 0)),
        ("가나\n가나", (1, 0, 0), (2, 1, 2)),
        ("가나\n\n가나\n가나", (2, 0, 0), (3, 2, 4)),
        ("a\n\n\n\na\n\na", (3, 2, 2), (3, 2, 2)),
        ("a\n \nb", (1, 0, 0), (3, 0, 0)),  # a line of white space is a line
        ("\na\n", (1, 0, 0), (3, 1, 0)),  # the empty ones at the ends are the same
        (" \n\n ", (1, 0, 0), (2, 1, 1)),
        ("\n\n", (1, 0, 0), (2, 1, 0)),
    ],
    ids=ascii,
)
def test_literal(text, paragraphs, lines):
    assert naive(text)[1:] == (*paragraphs, *lines)
    assert counted([text])[0][1:] == (*paragraphs, *lines)


def test_null_and_nothing():
    assert counted([None, "a\na"]) == [(0,) * 7, (3, 1, 0, 0, 2, 1, 1)]
    assert counted([]) == []


def test_random_texts():
    draw = random.Random(2)
    pieces = ["a", "가나", "\n", "\n\n", " ", "\u3000"]
    texts = ["".join(draw.choices(pieces, k=draw.randrange(25))) for _ in range(2000)]
    assert counted(texts) == [naive(text) for text in texts]


def test_real_texts(real_texts):
    assert counted(real_texts) == [naive(text) for text in real_texts]
