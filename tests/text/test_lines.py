"""Where lines end, and what is left of them without white space."""

import random

import numpy as np
import pytest

from kormo_ds.text import characters, lines

TABLES = characters.tables()


def encoded(text):
    return np.frombuffer(b"\nx" + text.encode() + b"x\n", np.uint8), 2, 2 + len(text.encode())


@pytest.mark.parametrize("text", ["", "\n", "a", "a\nb", "abcdefgh\n", "가나다라\n마", "\x8a" * 3])
def test_find_and_count(text):
    data, start, end = encoded(text)
    place = text.encode().find(b"\n")
    assert lines.find(data, start, end) == (end if place < 0 else start + place)
    assert lines.count(data, start, end, lines.NEWLINE) == text.count("\n")


def test_find_anywhere():
    draw = random.Random(1)
    for _ in range(500):
        text = "".join(draw.choices("\t\x0b가é\n", [9, 9, 9, 9, 1], k=draw.randrange(30)))
        data, start, end = encoded(text)
        place = text.encode().find(b"\n")
        assert lines.find(data, start, end) == (end if place < 0 else start + place)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a",
        " a ",
        "\u3000가\u3000",
        "\t\n 가 나 \u00a0",
        "\u2003",
        "é",
        "...",
        "😀 ",
        "\x7f",
    ],
    ids=ascii,
)
def test_white_space_at_the_ends(text):
    data, start, end = encoded(text)
    inner = lines.left(data, start, end, *TABLES)
    assert bytes(data[inner:end]).decode() == text.lstrip()
    outer = lines.right(data, start, end, *TABLES)
    assert bytes(data[start:outer]).decode() == text.rstrip()
