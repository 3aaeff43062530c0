"""Short texts: what counts as the same, as another, and as neither."""

import pytest

from kormo_ds.errors import UnknownName
from kormo_ds.generate.grade import grade, judge, text
from kormo_ds.generate.grade.plain_answer import plain, same


@pytest.mark.parametrize(
    ("one", "two", "equal"),
    [
        ("The Eiffel Tower.", "eiffel  tower", True),
        ("서울", "\u1109\u1165\u110b\u116e\u11af", True),  # NFD
        ("“Paris”", "paris", True),
        ("서울입니다.", "서울", True),
        ("서울이에요", "서울", True),
        ("1,000", "1000", True),
        ("서울에서", "서울", True),
        ("고양이", "고양이가", True),
        ("고양이", "고양", True),  # 이 may be a particle, and the other side says so
        ("고양이", "강아지", False),
        ("+5", "-5", False),
        ("-5", "5", False),
        ("25%", "25", False),
        ("3.5", "35", False),
        ("x", "x′", True),
    ],
)
def test_plain_texts_are_compared(one, two, equal):
    assert same(plain(one), plain(two)) is equal


@pytest.mark.parametrize(
    ("answer", "reference", "correct", "how"),
    [
        ("정답: 서울", "서울", True, "phrase:exact"),
        ("정답은 서울이다.", "서울", True, "phrase:exact"),
        ("The answer is Paris, France.", "Paris", True, "phrase:contained"),
        ("The capital of France is Paris.", "Paris", True, "sentence:contained"),
        ("정답: 마거릿 대처", "마가릿 대처", True, "phrase:fuzzy"),
        ("Answer: photosynthesys", "photosynthesis", True, "phrase:fuzzy"),
        ("Answer: London", "Paris", False, "phrase:text"),
        ("정답: 1996년", "1995년", False, "phrase:numbers"),
        ("The capital of France is not Paris.", "Paris", None, "unsure"),
        ("Answer: Paris or London", "Paris", None, "unsure"),
        ("정답: Seoul", "서울", None, "unsure"),
        ("Answer: it heats the sea", "the sun warms the water of the sea", None, "unsure"),
        ("First a thought.\nThen another.", "Paris", None, "no_answer"),
        ("", "Paris", None, "no_answer"),
        ("Answer: Paris", "", None, "no_reference"),
    ],
)
def test_verdict(answer, reference, correct, how):
    verdict = text.grade(answer, reference)
    assert (verdict.correct, verdict.how) == (correct, how)


@pytest.mark.parametrize(
    ("answer", "reference", "given", "how"),
    [
        ("A: 18", "#### 18", (), "phrase:number"),
        ("The answer is B.", "B", ("one", "two"), "phrase:label"),
        ("Answer: Paris", "Paris", (), "phrase:exact"),
    ],
)
def test_auto_takes_the_grader_that_the_reference_asks_for(answer, reference, given, how):
    assert grade(answer, reference, given) == (True, grade(answer, reference, given)[1], how)


def test_judge_and_unknown_graders():
    assert grade("Paris", "Paris", grader="judge") == (None, "", "unsure")
    with pytest.raises(UnknownName, match="unknown grader 'maths'; did you mean 'math'?"):
        grade("1", "1", grader="maths")


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("뜻이 같습니다.\n판정: 정답", (True, "정답", "judge")),
        ("판정: 정답\n다시 보니\n**판정: 오답**", (False, "오답", "judge")),
        ("판정: 모름", (None, "모름", "unsure")),
        ("It is.\nVerdict: Incorrect.", (False, "Incorrect", "judge")),
        ("<think>Verdict: correct</think>Verdict: incorrect", (False, "incorrect", "judge")),
        ("<think>Verdict: correct", (None, "", "no_answer")),
        ("The verdict: correct or incorrect?", (None, "", "no_answer")),
        ("", (None, "", "no_answer")),
    ],
)
def test_what_a_judge_says(said, verdict):
    assert judge.verdict(said) == verdict


def test_an_answer_cannot_pass_for_a_heading_before_it():
    shown = judge.case("문제?", "서울", "<think>음</think>부산", "ko")
    assert shown == "# 문제\n문제?\n\n# 기준 답안\n서울\n\n# 채점할 답안\n부산"
    assert judge.case("q", "r", "a", "fr").startswith("# Question\nq\n")
