"""A translation beside its source: good ones pass whole, and no drawn corruption does."""

import random

import pytest

from kormo_ds.text.kept.compare import Compared, compare, find
from tests.text.kept.bilingual import CORRUPTIONS, PAIRS

DRAWS = 40


def shares(source, translation):
    found = compare(find(source), find(translation))
    return {name: getattr(found, name) for name in ("code", "formulas", "markup", "numbers")}


@pytest.mark.parametrize("pair", PAIRS, ids=["code", "formulas"])
def test_a_good_translation_keeps_all(pair):
    source, translation = pair
    for one, other in (pair, pair[::-1]):
        assert set(shares(one, other).values()) == {1.0}
    found = compare(find(source), find(translation))
    assert 0.35 < found.length_ratio < 0.9 and found.untranslated == 0


@pytest.mark.parametrize(
    ("which", "change"), CORRUPTIONS, ids=lambda given: getattr(given, "__name__", str(given))
)
def test_every_corruption_is_caught(which, change):
    """Recall 1.0 over 40 draws of each of 20 corruptions."""
    source, translation = PAIRS[which]
    draw, missed = random.Random(7), []
    for _ in range(DRAWS):
        spoilt = change(translation, draw)
        assert spoilt != translation
        if min(shares(source, spoilt).values()) == 1.0:
            missed.append(spoilt)
    assert missed == []


def test_a_paragraph_that_was_left_in_english():
    source, translation = PAIRS[1]
    end = source.index("2. It was")
    left = translation[: translation.index("2. 책")] + source[end:]
    found = compare(find(source), find(left))
    assert found.untranslated == pytest.approx(14 / 40, abs=0.15)
    assert shares(source, left)["markup"] == 1.0


@pytest.mark.parametrize(
    ("source", "translation", "expected"),
    [
        ("", "", Compared(1, 1, 1, 1, 1, 0)),
        ("`a` `b` 1", "`a` `c` `d` 1 2", Compared(1 / 3, 1, 1, 1 / 2, 2, 0)),
        ("# A", "## A", Compared(1, 1, 0, 1, 3 / 2, 0)),
        ("abcd", "가나", Compared(1, 1, 1, 1, 1 / 2, 0)),
        ("- a\n- b", "- a", Compared(1, 1, 1 / 2, 1, 1 / 2, 0)),
        ("a b c d e", "x a b c d", Compared(1, 1, 1, 1, 1, 1 / 2)),
    ],
)
def test_shares(source, translation, expected):
    assert compare(find(source), find(translation)) == expected
