"""Markers: what they stand for, and what may become of them."""

import pytest

from kormo_ds.generate.translate.protect import Changed, protect
from tests.text.kept.bilingual import PAIRS

TEXT = "See [a](b.md) and $x^2$, `code` too:\n\n```\n1\n```"
MARKED = "See [a](⟦K1⟧) and ⟦K2⟧, `code` too:\n\n⟦K3⟧"


def test_code_formulas_and_addresses_are_marked():
    assert protect(TEXT).text == MARKED
    assert protect(TEXT).kept == ("b.md", "$x^2$", "```\n1\n```")
    assert protect(TEXT, on=False).text == TEXT


@pytest.mark.parametrize("text", [TEXT, *PAIRS[0], *PAIRS[1], "⟦K1⟧ $x$", "⟦K⟧ ⟦KK3⟧ $y$"])
def test_what_comes_back_as_it_went_is_the_text(text):
    for on in (True, False):
        assert protect(text, on).restored(protect(text, on).text) == text


def test_a_marker_may_move_and_have_white_space_in_it():
    assert protect(TEXT).restored("⟦ K2 ⟧와 [가](⟦K1⟧) ⟦K3⟧") == "$x^2$와 [가](b.md) ```\n1\n```"


def test_what_a_marker_stands_for_is_not_looked_at_again():
    kept = r"$\g<1> \1 x$"
    assert protect(f"{kept} and ⟦L1⟧").restored("⟦L1⟧ ⟦K1⟧") == f"⟦L1⟧ {kept}"


@pytest.mark.parametrize(
    ("answer", "reason", "detail"),
    [
        ("⟦K1⟧ ⟦K3⟧", "marker_lost", "$x^2$"),
        ("⟦K1⟧ ⟦K2⟧ ⟦K3⟧ ⟦K2⟧", "marker_doubled", "$x^2$"),
        ("⟦K1⟧ ⟦K2⟧ ⟦K3⟧ ⟦K4⟧", "marker_unknown", "marker 4"),
        ("[K1] ⟦K2⟧ ⟦K3⟧", "marker_lost", "b.md"),
    ],
)
def test_a_marker_that_did_not_come_back_once(answer, reason, detail):
    with pytest.raises(Changed) as raised:
        protect(TEXT).restored(answer)
    assert (raised.value.reason, raised.value.detail) == (reason, detail)


@pytest.mark.parametrize(
    ("text", "empty"),
    [("", True), ("```\na\n```", True), ("$x$ 1.", True), (TEXT, False), ("가", False)],
)
def test_nothing_is_left_to_translate(text, empty):
    assert protect(text).is_empty is empty
