"""`length` and `words` on literal texts."""

import pyarrow as pa
import pytest

from kormo_ds.errors import BadConfig
from kormo_ds.steps.length import Length
from kormo_ds.steps.words import NAME, Words


def measured(text, **settings):
    texts = pa.RecordBatch.from_pydict({"text_clean": [text]})
    words = Words()(texts)
    both = pa.RecordBatch.from_arrays(
        [texts.column(0), words.column(0)], names=["text_clean", NAME]
    )
    (row,) = Length(**settings)(both).to_pylist()
    return row


@pytest.mark.parametrize(
    ("text", "chars", "size", "words", "lines"),
    [
        ("", 0, 0, 0, 0),
        ("\n", 1, 1, 0, 1),
        ("a", 1, 1, 1, 1),
        ("a\n", 2, 2, 1, 1),
        ("a\n\nb", 4, 4, 2, 3),
        ("안녕하세요, 세계!", 10, 24, 4, 1),
        ("👨‍👩‍👧", 5, 18, 1, 1),
    ],
    ids=ascii,
)
def test_counts(text, chars, size, words, lines):
    row = measured(text)
    assert (row["n_chars"], row["n_bytes"], row["n_words"], row["n_lines"]) == (
        chars,
        size,
        words,
        lines,
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no_text"),
        (" \n ", "no_text"),
        ("하나", "too_short"),
        ("하나 둘", "kept"),
        ("하나 둘 셋", "kept"),
        ("하나 둘 셋 넷", "too_long"),
    ],
)
def test_reason(text, reason):
    assert measured(text, min_words=2, max_words=3)["length_reason"] == reason


def test_without_a_lower_bound_an_empty_text_is_still_none():
    assert measured("", min_words=0)["length_reason"] == "no_text"


def test_words_are_byte_offsets():
    batch = Words()(pa.RecordBatch.from_pydict({"text_clean": ["가 b", ""]}))
    assert batch.to_pydict() == {NAME: [[0, 3, 4, 5], []]}


def test_bounds_the_wrong_way_round():
    with pytest.raises(BadConfig, match="length.min_words=5 and length.max_words=4 leave no"):
        Length(min_words=5, max_words=4)


def test_settings_and_nothing_else_are_the_fingerprint():
    assert Length().fingerprint == Length(min_words=50).fingerprint
    assert Length().fingerprint != Length(min_words=51).fingerprint
