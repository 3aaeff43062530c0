"""Kinds of words and stop words against literal counts and a naive loop."""

import random
from itertools import pairwise

import pyarrow as pa
import pytest
import regex

from kormo_ds.text import code_points, stop_words, word_kinds, words
from kormo_ds.text.stop_words import BEFORE, ENGLISH, KOREAN, STEMS


def counted(texts):
    column = pa.array(texts, pa.string())
    found = words.boundaries(column)
    kinds = word_kinds.of(column, found, code_points.of_words(column, found))
    return [tuple(map(int, row)) for row in zip(*kinds, strict=True)]


def pieces(text):
    encoded = text.encode()
    found = words.boundaries(pa.array([text]))[0].as_py()
    split = [encoded[left:right].decode() for left, right in pairwise(found)]
    return [piece for piece in split if not piece.isspace()]


def korean(word):
    """The stop words of an eojeol: its longest ending, and a stem before 다, 는 or 고."""
    if not "가" <= word[-1] <= "힣":
        return set()
    endings = [each for each in KOREAN if each not in STEMS and word.endswith(each)]
    found = {max(endings, key=len)} if endings else set()
    if found & set(BEFORE) and word[:-1].endswith(STEMS):
        found.add(word[-2])
    return found


def naive(text):
    known = pieces(text)
    wordlike = [word for word in known if regex.search(r"[\p{L}\p{M}\p{N}]", word)]
    return (
        len(known),
        len(wordlike),
        sum(map(len, wordlike)),
        sum(bool(regex.search(r"\p{L}", word)) for word in known),
        sum("가" <= word[-1] <= "힣" for word in known),
        len(set(known) & set(ENGLISH)),
        len(set().union(*map(korean, known))),
    )


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("", (0, 0, 0, 0, 0, 0, 0)),
        (" \n", (0, 0, 0, 0, 0, 0, 0)),
        ("a, 12!", (4, 2, 3, 1, 0, 0, 0)),
        ("x => 3.14 ...", (7, 2, 5, 1, 0, 0, 0)),
        ("😀 é 漢 ½", (4, 3, 3, 2, 0, 0, 0)),
        ("The the to To, with-that bed", (9, 7, 21, 7, 0, 4, 0)),
        ("API를 2024년 코드( `main`은", (8, 5, 16, 5, 4, 0, 3)),
    ],
    ids=ascii,
)
def test_literal(text, counts):
    assert naive(text) == counts
    assert counted([text]) == [counts]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("학교에서", {"에서"}),
        ("서", set()),
        ("독서", set()),
        ("집으로", {"으로"}),
        ("버스로", {"로"}),
        ("로", {"로"}),
        ("2024년", {"년"}),
        ("나는", {"는"}),
        ("되는", {"되", "는"}),
        ("수집했다", {"했", "다"}),
        ("있고", {"있", "고"}),
        ("하늘", set()),
        ("하", set()),
        ("하한", {"한"}),
        ("있습니다", {"다"}),
        ("재미있어요", set()),
        ("API를", {"를"}),
        ("가나다a", set()),
    ],
)
def test_korean_stop_words(word, found):
    assert korean(word) == found
    assert counted([word])[0][-1] == len(found)


def test_every_stop_word_is_found():
    endings = [f"가{each}" for each in KOREAN if each not in STEMS]
    text = " ".join([*endings, *(f"{stem}는" for stem in STEMS), *ENGLISH])
    assert counted([text])[0][5:] == (len(ENGLISH), len(KOREAN)) == (8, 21)


def test_tables_hold_each_syllable_once():
    *_, table = stop_words.tables()
    assert (table[:, :2] > 0).sum() + (table[:, 3] > 0).sum() == len(KOREAN)


def test_null_and_a_slice():
    assert counted([None, "to"]) == [(0,) * 7, (1, 1, 2, 1, 0, 1, 0)]


def test_random_texts():
    draw = random.Random(5)
    parts = [*ENGLISH, *KOREAN, "a", "가나", "\n", ".", "=", " ", " ", "\u3000", "7", "é", "😀"]
    texts = ["".join(draw.choices(parts, k=draw.randrange(25))) for _ in range(2000)]
    assert counted(texts) == [naive(text) for text in texts]


def test_real_texts(real_texts):
    assert counted(real_texts) == [naive(text) for text in real_texts]
