"""Paragraphs, units and n-grams: where they begin, and which texts are the same in which unit."""

import unicodedata

import numpy as np
import pyarrow as pa
import pytest

from kormo_ds.text import paragraphs


def found(text, unit="word", **more):
    return paragraphs.of(pa.array([text], pa.string()), unit, **more)


def identities(text, unit):
    return paragraphs.identities(pa.array([text]), unit, found(text, unit)).tolist()


@pytest.mark.parametrize("unit", paragraphs.UNITS)
@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("가\n나", [3, 7]),
        ("\n\na\n", [1, 3, 4]),
        ("a\r\nb", [2, 4]),
        ("a\n\u0301b", [1, 5]),
        ("\n", [1]),
        ("", []),
        (None, []),
    ],
)
def test_a_newline_begins_a_paragraph(unit, text, ends):
    assert found(text, unit).ends.tolist() == ends
    assert found(text, unit, whole=True).ends.tolist() == ends[-1:]


@pytest.mark.parametrize(
    ("text", "words", "syllables"),
    [
        ("학교에서 밥을 먹었다.", 4, 7),  # 학교서밥먹었다
        ("The cat, the mat", 5, 4),
        ("2024년 3.14를", 2, 4),  # 2024 년 3 14
        ("漢字는 ㅋㅋ", 4, 4),
        ("  \u3000", 0, 0),
        ("🙂🙂", 2, 0),
    ],
)
def test_units(text, words, syllables):
    assert found(text).units.tolist() == [words]
    assert found(text, "syllable").units.tolist() == [syllables]


MEAL = "학교에서 Café 밥을 먹었다"
SAME = {
    "NFD": (MEAL, unicodedata.normalize("NFD", MEAL), False, True),
    "dropped spaces": ("학교에서 밥을 먹었다", "학교에서 밥을먹었다", False, True),
    "particles": ("학교는 밥을 준다", "학교가 밥은 준다", False, True),
    "particle left out": ("학교는 밥을 준다", "학교 밥 준다", False, True),
    "punctuation": ("가나, 다라!", "가나 다라", False, True),
    "case and width": ("ABC １２", "abc 12", False, True),
    "more white space": ("가나  다라", "가나 다라", False, True),
    "white space around": (" 가나 다라\t", "가나 다라", True, True),
    "a year": ("2019년 예산", "2020년 예산", False, False),
    "a word": ("모델을 학습한다", "모델을 평가한다", False, False),
    "order": ("가나 다라", "다라 가나", False, False),
    "words run together": ("the cat", "thecat", False, False),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other", "word", "syllable"), SAME.values(), ids=SAME)
def test_which_paragraphs_are_the_same(one, other, word, syllable):
    for unit, expected in (("word", word), ("syllable", syllable)):
        assert (identities(one, unit)[0] == identities(other, unit)[0]) == expected


def test_a_paragraph_without_units_has_no_identity():
    for unit in paragraphs.UNITS:
        assert [bool(x) for x in identities("\n \n\na", unit)] == [False, False, True]


def test_ngrams_stay_inside_their_paragraph():
    text = pa.array(["a b c\nd e\nf", None, "a b c"])
    both = paragraphs.of(text, "word")
    grams = paragraphs.ngrams(both, 2, 3)
    counts = paragraphs.n_ngrams(both.units, 2, 3)
    assert counts.tolist() == [1, 1, 0, 1]
    assert len(grams) == 3 and grams[0] == grams[2] != grams[1]
    assert len(np.unique(paragraphs.ngrams(both, 1, 1))) == 6
