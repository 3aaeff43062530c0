import pytest

from kormo_ds.eval.judged.agreement import agreement
from kormo_ds.eval.judged.score import by_rule, is_korean, read


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("계산이 맞습니다.\n점수: 9", 9.0),
        ("점수：10점", 10.0),
        ("**점수: 8/10**", 8.0),
        ("## Score: 7.5", 7.5),
        ("Good.\n- score: 1.", 1.0),
        ("Rating: [[6]]", 6.0),
        ("[[6]]\n", 6.0),
        ("점수: 6\n다시 보니 같습니다.\n점수: 6", 6.0),
        ("<think>점수: 3</think>점수: 4", 4.0),
        ("점수: 6\n점수: 7", None),
        ("<think>점수: 3", None),
        ("점수: 11", None),
        ("점수: 0", None),
        ("점수: -3", None),
        ("점수: 7 또는 8", None),
        ("점수: 1~10", None),
        ("점수: 일곱", None),
        ("점수는 7점입니다", None),
        ("7", None),
        ("10개 가운데\n7/10\n을 맞혔다", None),
        ("In all I would give a score: 7 for this.", None),
        ("", None),
    ],
)
def test_a_score_is_read_strictly(text, score):
    assert read(text) == score


@pytest.mark.parametrize(
    ("text", "korean"),
    [
        ("답은 7개입니다.", True),
        ("ㅋㅋ", True),
        ("PyTorch의 nn.Module을 상속하고 forward를 정의합니다.", True),
        ("The answer is 7.", False),
        ("答案是七个。", False),
        ("In Korean, the number 7 is called 일곱.", False),
        ("```python\nprint('hello')\n```", True),
        ("Here it is:\n```python\nprint('안녕')\n```", False),
        ("$x^2 + y^2 = r^2$", True),
        ("7", True),
        ("f'(x) = 9x^2 + 4x", True),
        ("https://example.org/a 를 보세요", True),
    ],
)
def test_which_answers_are_korean(text, korean):
    assert is_korean(text, 0.1) is korean


@pytest.mark.parametrize(
    ("score", "rule", "left"),
    [(9.0, "none", 9.0), (9.0, "zero", 0.0), (9.0, "square_root", 3.0), (1.0, "square_root", 1.0)],
)
def test_what_another_language_costs(score, rule, left):
    assert by_rule(score, rule) == left


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ([1, 2, 3], [1, 2, 3], (3, 1.0, 1.0, 1.0, 1.0, 0.0)),
        ([1, 2, 3], [3, 2, 1], (3, -1.0, -1.0, 0.3333, 0.3333, 0.0)),
        # deviations -4 0 0 4 and -4.5 -2.5 3.5 3.5: 32 / √(32 · 51); ranks 1 2.5 2.5 4, 1 2 3.5 3.5
        ([1, 5, 5, 9], [2, 4, 10, 10], (4, 0.7921, 0.8333, 0.0, 0.75, -1.5)),
        ([5, 5], [1, 2], (2, None, None, 0.0, 0.0, 3.5)),
    ],
)
def test_agreement_of_two_judges(first, second, found):
    assert tuple(agreement(first, second)) == found


@pytest.mark.parametrize(("first", "second"), [([1, 2], [1]), ([1], [1]), ([], [])])
def test_scores_that_cannot_be_compared(first, second):
    with pytest.raises(ValueError, match="cannot be compared"):
        agreement(first, second)
