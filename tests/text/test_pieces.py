"""Pieces of words: which texts have the same ones, and how many."""

import pyarrow as pa
import pytest

from kormo_ds.text import pieces, words


def cut(*texts):
    column = pa.array(texts, pa.string())
    found, offsets = pieces.of_words(column, words.boundaries(column))
    return [found[a:b].tolist() for a, b in zip(offsets, offsets[1:], strict=False)]


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("", 0),
        ("   ", 0),
        ("바다", 1),
        ("데이터를", 2),
        ("바다를", 2),
        ("2024년", 2),
        ("Word wordword", 2),
        ("don't.", 2),
        ("가 나\n\n\n다", 4),
        ("x" * 130, 3),
        ("한글ab12", 3),
    ],
)
def test_how_many(text, n):
    assert len(cut(text)[0]) == n


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Word", "word", True),
        ("2023년", "1999년", True),
        ("20년", "199년", False),
        ("가  나", "가\t나", True),
        ("가\n나", "가\n \n나", True),
        ("가 나", "가\n나", False),
        ("데이터를", "데이 터를", False),
        ("바다", "바닥", False),
    ],
)
def test_what_is_the_same(one, other, same):
    a, b = cut(one, other)
    assert (a == b) == same


def test_a_text_has_its_own_pieces_wherever_it_stands():
    assert cut("가 나\n", None, "\n가 나") == [cut("가 나\n")[0], [], cut("\n가 나")[0]]
