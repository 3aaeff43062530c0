"""Where a final answer stands in free text."""

import pytest

from kormo_ds.generate.grade import final


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        ("48 + 24 = 72\n#### 72", "hashes", "72"),
        (r"So \boxed{\frac{1}{2}} it is.", "boxed", r"\frac{1}{2}"),
        (r"\boxed{3}, no, \boxed{4}", "boxed", "4"),
        ("A: 26", "phrase", "26"),
        ("Q: how many?\nA: 26\n", "phrase", "26"),
        ("Therefore, the answer is 26.", "phrase", "26."),
        ("**Answer:** 26", "phrase", "26"),
        ("The final answer to the question is **26**", "phrase", "26"),
        ("Answer:\n\n26", "phrase", "26"),
        ("The correct choice is (C).", "phrase", "(C)."),
        ("정답: 18", "phrase", "18"),
        ("정답은 ③", "phrase", "③"),
        ("정답 ③", "phrase", "③"),
        ("[정답] 18", "phrase", "18"),
        ("답: B", "phrase", "B"),
        ("따라서 답은 18입니다.", "phrase", "18입니다."),
        ("**최종 답**: 18개", "phrase", "18개"),
        ("The answer is 5. Wait: the answer is 6", "phrase", "6"),
    ],
)
def test_the_surest_is_first(text, where, found):
    assert next(final.marked(text)) == (found, where)


@pytest.mark.parametrize(
    "text", ["그 대답은 길었다", "응답: 없음", "answering is hard", "### 3", "", "보답은 3"]
)
def test_what_marks_no_answer(text):
    assert list(final.marked(text)) == []


def test_letter_a_may_be_a_choice():
    text = "A: a marsh\nB: a desert"
    assert [found.text for found in final.marked(text)] == ["a marsh"]
    assert list(final.marked(text, letter_a=False)) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<think>The answer is 3.</think>The answer is 4.", "The answer is 4."),
        ("no opening tag: 3</think> 4", "4"),
        ("<think>cut off; the answer is 3", ""),
        ("<think>a</think>x<think>b</think>y", "xy"),
        ("  plain ", "plain"),
    ],
)
def test_thought_is_no_answer(text, left):
    assert final.without_thought(text) == left


def test_an_open_box_is_no_box():
    assert list(final.marked(r"\boxed{\frac{1}{2")) == []
