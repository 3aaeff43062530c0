"""Text as it grows: whole characters, up to a stop, and nothing that steers a terminal."""

import pytest

from kormo_ds.cli.stream import decoded, until, visible


def test_characters_are_shown_when_they_are_whole(vocabulary):
    mark = "\N{REPLACEMENT CHARACTER}"
    sea, a = (encoding.ids for encoding in vocabulary.encode(["바", "a"]))
    ff = vocabulary.tokenizer.token_to_id("ÿ")  # the byte 0xFF, which no UTF-8 text has
    for tokens, pieces in [
        ([*sea, *a], ["바", "a", ""]),
        ([*a, *sea[:2]], ["a", mark]),
        ([ff, *a], [mark + "a", ""]),
        ([], [""]),
    ]:
        assert list(decoded(vocabulary.tokenizer, tokens)) == pieces


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (["a", "b"], "ab"),
        (["a\nUser: b"], "a"),
        (["a", "\n", "Us", "er", ":", " b"], "a"),
        (["a", "\n\nUser", ":"], "a\n"),
        (["a\nUse", " it\nU"], "a\nUse it\nU"),
        (["\nUser:"], ""),
        (["User: a"], "User: a"),
        (["가\n사용자: x\nUser:"], "가"),
        (["x\nUser: 가\n사용자:"], "x"),
        ([], ""),
    ],
)
def test_text_ends_before_the_first_stop(pieces, shown):
    assert "".join(until(pieces, ("\nUser:", "\n사용자:"))) == shown


def test_what_cannot_become_a_stop_is_shown_at_once():
    shown = until(iter(["a\nU", "b", "c"]), ("\nUser:",))
    assert [next(shown), next(shown), next(shown)] == ["a", "\nUb", "c"]


def test_after_a_stop_no_more_is_asked_for():
    def pieces():
        yield "a\nUser:"
        raise AssertionError("asked on")

    assert "".join(until(pieces(), ("\nUser:",))) == "a"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("가\tb\nc", "가\tb\nc"),
        ("\x1b]0;title\x07\r\x00\x7f", "␛]0;title␇␍␀␡"),
        ("\x9b31m\u202eabc\u2066", "\ufffd31m\ufffdabc\ufffd"),
    ],
)
def test_a_terminal_is_not_steered(text, shown):
    assert visible(text) == shown
