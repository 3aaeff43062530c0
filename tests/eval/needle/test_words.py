"""Templates, sentences and scores: literal tables."""

import pytest

from kormo_ds.errors import UnknownName
from kormo_ds.eval.needle import template
from kormo_ds.eval.needle.grid import Cell
from kormo_ds.eval.needle.haystack import Haystack, sentences
from kormo_ds.eval.needle.score import Accuracy, accuracies, found, is_settled, reaches


@pytest.mark.parametrize(
    ("lang", "keys", "needle", "question", "answer"),
    [
        (
            "ko",
            ["푸른 상자"],
            "푸른 상자를 여는 번호는 1234567입니다.",
            "질문: 글에 따르면 푸른 상자를 여는 번호가 무엇입니까?",
            "답: 푸른 상자를 여는 번호는",
        ),
        (
            "ko",
            ["낡은 금고", "둥근 서랍", "붉은 대문"],
            "낡은 금고를 여는 번호는 1234567입니다.",
            "질문: 글에 따르면 낡은 금고, 둥근 서랍과 붉은 대문을 여는 번호를 모두 쓰세요.",
            "답: 낡은 금고, 둥근 서랍과 붉은 대문을 여는 번호는",
        ),
        (
            "en",
            ["the blue box"],
            "The number that opens the blue box is 1234567.",
            "Question: As the text says, which number opens the blue box?",
            "Answer: The number that opens the blue box is",
        ),
        (
            "en",
            ["the worn safe", "the round drawer", "the red gate"],
            "The number that opens the worn safe is 1234567.",
            "Question: As the text says, which numbers open the worn safe, the round drawer and "
            "the red gate? Give all of them.",
            "Answer: The number that opens the worn safe, the round drawer and the red gate is",
        ),
    ],
)
def test_what_is_said(lang, keys, needle, question, answer):
    words = template.read(lang)
    assert set(keys) <= set(words.things())
    assert words.needle_of(keys[0], "1234567") == needle
    assert words.question_of(keys, len(keys)) == question
    assert words.answer_of(keys) == answer


def test_every_language_has_as_many_keys_and_each_once():
    for lang in template.languages():
        keys = template.read(lang).things()
        assert len(keys) == len(set(keys)) == 256
    with pytest.raises(UnknownName, match="unknown language of needles 'jp'; .*both, en, ko"):
        template.read("jp")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("바다다. 산이다.", ["바다다.", " 산이다."]),
        ('그는 "왜?" 하고 물었다.\n\n끝', ['그는 "왜?"', " 하고 물었다.\n\n", "끝"]),
        (
            "3.5 km from v1.2 on. Then!\n- a\n- b",
            ["3.5 km from v1.2 on.", " Then!\n", "- a\n", "- b"],
        ),
        ("。뒤", ["。뒤"]),
        ("", []),
    ],
)
def test_sentences(text, expected):
    assert sentences(text) == expected
    assert "".join(expected) == text


@pytest.mark.parametrize(
    ("depth", "place"),
    [(0, 0), (9, 0), (10, 1), (49, 1), (50, 2), (99, 2), (100, 3)],
)
def test_a_needle_goes_back_to_the_end_of_a_sentence(depth, place):
    assert Haystack(["a.", " b.", " c."], [10, 40, 50]).place(depth) == place


@pytest.mark.parametrize(
    ("needles", "text"),
    [
        ([(0, "N.")], "N.\na.\n b. c."),
        ([(1, "N.")], "a.\nN.\n b. c."),
        ([(2, "N.")], "a.\n b. N. c."),
        ([(3, "N."), (2, "M."), (3, "O.")], "a.\n b. M. c. N. O."),
    ],
)
def test_a_needle_is_a_sentence_of_its_own(needles, text):
    assert Haystack(["a.\n", " b.", " c."], [1, 1, 1]).with_needles(needles) == text


@pytest.mark.parametrize(
    ("answer", "values", "score"),
    [
        ("1234567입니다.", ["1234567"], 1.0),
        ("1,234,567", ["1234567"], 1.0),
        ("123 456 7 입니다", ["1234567"], 1.0),
        ("1\u00b7234\u00b7567", ["1234567"], 1.0),
        ("12345678", ["1234567"], 0.0),
        ("01234567", ["1234567"], 0.0),
        ("1234567, 7654321", ["7654321", "1234567"], 1.0),
        ("1234567 7654321", ["5677654"], 0.0),
        ("1234567", ["1234567", "7654321", "1111111", "2222222"], 0.25),
        ("일이삼", ["1234567"], 0.0),
        ("", ["1234567"], 0.0),
    ],
)
def test_numbers_are_found_exactly(answer, values, score):
    assert found(answer, values) == score


@pytest.mark.parametrize(
    ("answer", "settled"),
    [("1234567", False), ("1234567 ", False), ("1234567,", False), ("1234567입", True)],
)
def test_an_answer_is_settled_when_nothing_can_make_its_numbers_longer(answer, settled):
    assert is_settled(answer, ["1234567"]) == settled
    assert not is_settled(answer, ["1234567", "7654321"])


def test_accuracy_and_reach():
    def cell(length, depth, lang="ko"):
        return Cell(lang, "single", length, depth)

    scores = [(cell(64, 0), 1.0), (cell(64, 0), 0.5), (cell(64, 50), 1.0), (cell(128, 0), 0.5)]
    scores += [(cell(256, 0), 1.0), (cell(64, 0, "en"), 0.0)]
    cells = accuracies(scores)
    assert cells[cell(64, 0)] == Accuracy(0.75, 0.25, 2)
    assert cells[cell(64, 50)] == Accuracy(1.0, None, 1)
    en, ko = reaches(cells, 0.6)
    assert (en.lang, en.length, en.falls_at, en.by_length) == ("en", 0, 64, {64: 0.0})
    assert (ko.lang, ko.length, ko.falls_at) == ("ko", 64, 128)
    assert ko.by_length == {64: 0.875, 128: 0.5, 256: 1.0}
    assert [reach.falls_at for reach in reaches(cells, 0.5)] == [64, None]
    assert reaches(cells, 0.5)[1].length == 256


@pytest.mark.parametrize(
    ("by_length", "length", "falls_at"),
    [
        ([0.9, 0.8, 0.7], 300, None),
        ([0.9, 0.5, 0.4], 100, 200),
        ([0.9, 0.5, 0.8], 100, 200),
        ([0.5, 0.9, 0.9], 0, 100),
        ([0.6, 0.6, 0.59], 200, 300),
    ],
)
def test_reach_ends_before_the_first_length_that_is_under_the_threshold(
    by_length, length, falls_at
):
    cells = {
        Cell("ko", "single", 100 * n, 50): Accuracy(value, None, 1)
        for n, value in enumerate(by_length, 1)
    }
    (reach,) = reaches(cells, 0.6)
    assert (reach.length, reach.falls_at) == (length, falls_at)
