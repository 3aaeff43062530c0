"""Pieces: where a text is cut, where never, and that they make it again."""

import random

import pytest

from kormo_ds.generate.translate.pieces import cut, join
from kormo_ds.text.kept.parts import parts
from tests.text.kept.bilingual import PAIRS

CODE = "```py\na = 1\n\nb = 2\n```"


def texts(text, chars):
    return [piece.text for piece in cut(text, chars)]


@pytest.mark.parametrize(
    ("text", "chars", "expected"),
    [
        ("", 9, [""]),
        ("\n \n", 9, [""]),
        ("one\n\ntwo", 20, ["one\n\ntwo", ""]),
        ("one\n\ntwo", 7, ["one", "two", ""]),
        ("  one \n \n\n two\n", 6, ["one", "two", ""]),
        ("one\ntwo\n\nthree", 8, ["one\ntwo", "three", ""]),
        ("one\ntwo", 5, ["one", "two", ""]),
        ("One two. Three? 네. 다섯", 9, ["One two.", "Three? 네.", "다섯", ""]),
        ("unbroken_and_long", 5, ["unbroken_and_long", ""]),
        (f"before\n\n{CODE}\n\nafter", 10, ["before", CODE, "after", ""]),
        ("$$\nx\n\ny\n$$ is\n\nit", 8, ["$$\nx\n\ny\n$$ is", "it", ""]),
    ],
)
def test_where_a_text_is_cut(text, chars, expected):
    assert texts(text, chars) == expected


def codes(text):
    return [text[p.start : p.end] for p in parts(text) if p.kind in ("code", "formula")]


@pytest.mark.parametrize("seed", range(30))
def test_pieces_make_the_text_again(seed):
    draw = random.Random(seed)
    some = ["\n", "\n\n", " ", "\t", "A sentence. ", "한 문장이다.\n", CODE, "`a`", "$x$", "# H\n"]
    text = "".join(draw.choices([*some, *PAIRS[0], *PAIRS[1]], k=40))
    pieces = cut(text, draw.choice([5, 50, 500]))
    assert join(pieces) == text
    assert all(piece.text == piece.text.strip() and piece.text for piece in pieces[:-1])
    assert pieces[-1].text == ""
    of_pieces = [code for piece in pieces for code in codes(piece.text)]
    assert of_pieces == codes(text), "no piece ends inside of code"
