"""Where texts end when they are cut after some words."""

import pyarrow as pa
import pytest

from kormo_ds.text import first_words, words

TEXTS = ["a b c", "  a\n b.", "데이터를 본다", "", None, "   ", "a"]


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (1, [1, 3, 12, -1, -1, -1, 1]),
        (2, [3, 6, 19, -1, -1, -1, -1]),
        (3, [5, 7, -1, -1, -1, -1, -1]),  # the full stop is a word
        (4, [-1] * 7),
    ],
)
def test_the_byte_after_the_last_word(n, expected):
    texts = pa.array(["cut off", *TEXTS])[1:]  # a slice, too
    assert first_words.ends(texts, words.boundaries(texts), n).tolist() == expected
