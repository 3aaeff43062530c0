"""What is asked of whom, what becomes of each turn, and the rows that follow."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from kormo_ds.errors import BadConfig, BadInput, UnknownName
from kormo_ds.eval.judged import numbers
from tests.eval.judged.asked import judged, question_rows, record

DEFAULT = "strategy=[default]"


def evaluate(folder, said, *words, rows=None, form="logickor"):
    """All stages on what `said` answers; the evaluation and the requests of each stage."""
    one = judged(folder, *words, rows=rows, form=form)
    asked = []
    for purpose, work in one.stages():
        asked.append((purpose, [r for make in work.values() for r in make()]))
        record(one._lake, work, said)
    return one, asked


def test_turns_follow_each_other_and_each_answer_is_judged_in_its_context(tmp_path):
    def said(name, request):
        n = sum(role == "user" for role, _ in request.messages)
        return "점수: 8" if name == "judge" else f"<{n}번째 답>"

    one, asked = evaluate(tmp_path, said, "strategy=[default,cot-1-shot]")
    assert [(purpose, len(requests)) for purpose, requests in asked] == [
        ("judged:logickor:turn_1", 10),
        ("judged:logickor:turn_2", 10),
        ("judged:logickor:turn_3", 2),
        ("judged:logickor:judge", 22),
    ]
    second = asked[1][1]
    assert second[0].messages == (
        ("user", "사과 3개와 배 4개는 모두 몇 개야?"),
        ("assistant", "<1번째 답>"),
        ("user", "거기서 2개를 먹으면?"),
    )
    roles = [role for role, _ in second[5].messages]
    assert roles == ["user", "assistant", "user", "assistant", "user"]
    assert "차례대로" in second[5].messages[1][1]
    shown = asked[3][1][1].messages[-1][1]
    assert shown[shown.index("# 앞선 대화") :] == (
        "# 앞선 대화\n[사용자]\n사과 3개와 배 4개는 모두 몇 개야?\n\n[모델]\n<1번째 답>\n\n"
        "# 질문\n거기서 2개를 먹으면?\n\n# 기준 답안\n5개\n\n# 채점할 답변\n<2번째 답>"
    )
    assert "# 기준 답안" not in asked[3][1][3].messages[-1][1]
    judgements = one.judgements()
    assert Counter(found.word for found in judgements) == {"scored": 22}
    assert {found.score for found in judgements} == {8.0}
    assert one._lake.read_bytes("prompts", "judge_turn_ko@1.md").startswith(b"---\nid: judge_turn")


def turns(one):
    return [
        (f.question.id, f.turn, f.word, f.score, f.is_foreign, f.is_empty, f.is_cut)
        for f in one.judgements()
    ]


def answers(name, request):
    """Each turn of the first three questions meets another fate."""
    text = request.messages[-1][1]
    if name == "judge":
        told = text[text.index("# 채점할 답변") :]
        return {"거절": "REFUSED", "모호": "점수: 3\n점수: 4"}.get(told.split()[-1], "점수: 4")
    return {
        "사과 3개와 배 4개는 모두 몇 개야?": "일곱 개",
        "거기서 2개를 먹으면?": "Five of them.",
        "12를 4로 나누면?": "",
        "그 값에 10을 곱하면?": ("서른, 왜냐하면", "length"),
        "가을을 소재로 한 문장을 써 줘.": "모호",
        "그 문장을 편지처럼 고쳐 줘.": "거절",
        "'나는학교에간다'를 띄어 써 줘.": "REFUSED",
    }[text]


FATES = [
    ("1", 1, "scored", 4.0, False, False, False),
    ("1", 2, "scored", 0.0, True, False, False),
    ("2", 1, "scored", 0.0, False, True, False),
    ("2", 2, "scored", 4.0, False, False, True),
    ("3", 1, "unreadable", None, False, False, False),
    ("3", 2, "unjudged", None, False, False, False),
    ("4", 1, "unanswered", None, False, False, False),
    ("4", 2, "unanswered", None, False, False, False),
]


@pytest.mark.parametrize(
    ("words", "foreign", "empty", "n_judged"),
    [
        (["exempt=[]"], (0.0, True), 0.0, 4),
        (["exempt=[1]"], (4.0, False), 0.0, 5),
        (["exempt=[1/2]"], (4.0, False), 0.0, 5),
        (["exempt=[1/1,2]"], (0.0, True), 0.0, 4),
        (["exempt=[]", "rule=square_root"], (2.0, True), 1.0, 5),
        (["rule=none"], (4.0, False), 1.0, 5),
    ],
)
def test_what_becomes_of_a_turn(tmp_path, words, foreign, empty, n_judged):
    one, asked = evaluate(tmp_path, answers, DEFAULT, *words, rows=question_rows(4))
    found = turns(one)
    assert (found[1][3:5], found[2][3]) == (foreign, empty)
    assert [fate for at, fate in enumerate(found) if at not in (1, 2)] == FATES[:1] + FATES[3:]
    assert len(asked[-1][1]) == n_judged


def test_means_and_errors_by_domain_and_turn_with_the_judge_named(tmp_path):
    words = (DEFAULT, "exempt=[]", "checkpoint=step-000100")
    one, _ = evaluate(tmp_path, answers, *words, rows=question_rows(4))
    at = datetime(2026, 1, 2, tzinfo=UTC)
    rows = numbers.rows(one.judgements(), one._form, "Judge-1", "abcd0123", at)
    task = "logickor@abcd0123/default"
    # 4 0 | 0 4: each question deviates from the mean of 2 by 0
    assert [(row["task"], row["value"], row["stderr"], row["n_documents"]) for row in rows] == [
        (task, 2.0, 0.0, 4),
        (f"{task}/math", 2.0, 0.0, 4),
        (f"{task}/writing", None, None, 0),
        (f"{task}/grammar", None, None, 0),
        (f"{task}/turn_1", 2.0, 2.0, 2),
        (f"{task}/turn_2", 2.0, 2.0, 2),
        (task, 0.2, None, 5),
    ]
    metrics = ["score:Judge-1:judge_turn_ko@1:zero"] * 6
    assert [row["metric"] for row in rows] == [*metrics, "unreadable:Judge-1:judge_turn_ko@1:zero"]
    assert {(row["run"], row["checkpoint"], row["lang"]) for row in rows} == {
        ("Answers", "step-000100", "ko")
    }
    assert rows[0]["n_bytes"] == sum(map(len, map(str.encode, ("일곱 개", "Five of them.")))) + len(
        "서른, 왜냐하면".encode()
    )
    assert {row["created_at"] for row in rows} == {datetime(2026, 1, 2)}


def test_the_error_of_a_mean_counts_questions(tmp_path):
    def said(name, request):
        if name == "model":
            return "네"
        return "점수: 10" if "사과" in request.messages[-1][1] else "점수: 4"

    one, _ = evaluate(tmp_path, said, DEFAULT, rows=question_rows(3))
    # questions of two turns: 10 10 | 4 4 | 4 4 have the mean 6 and deviations 8, -4, -4
    assert numbers.mean(one.judgements()) == (6.0, pytest.approx((96 * 3 / 2) ** 0.5 / 6))
    assert numbers.mean(one.judgements()[:2]) == (10.0, None)


def test_nothing_is_read_while_answers_are_missing(tmp_path):
    def said(name, request):
        return None if "12를" in request.messages[-1][1] else "점수: 5" if name == "judge" else "네"

    one, _ = evaluate(tmp_path, said, DEFAULT, rows=question_rows(3))
    with pytest.raises(BadInput, match="2 of 6 turns have no answer .* give_up=true"):
        one.judgements()
    one = judged(tmp_path, DEFAULT, "give_up=true", rows=question_rows(3))
    assert Counter(found.word for found in one.judgements()) == {"scored": 4, "waiting": 2}
    assert numbers.mean([f for f in one.judgements() if f.word == "scored"])[0] == 5.0


def test_temperatures_by_domain(tmp_path):
    rows = [
        {"question_id": 1, "category": "writing", "turns": ["Write."]},
        {"question_id": 2, "category": "math", "turns": ["1 + 1?"]},
    ]
    said = {"model": "Yes.", "judge": "Score: 2"}
    one, asked = evaluate(tmp_path, lambda name, _: said[name], rows=rows, form="mt_bench")
    drawn = [request.sampling.temperature for request in asked[0][1] + asked[1][1]]
    assert drawn == [0.7, 0.0, 0.0, 0.0]
    assert [found.score for found in one.judgements()] == [2.0, 2.0]


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["model=''"], BadConfig, "either model=ENDPOINT or recorded=FILE"),
        (["recorded=a.jsonl"], BadConfig, "either model=ENDPOINT or recorded=FILE"),
        (["judge=''"], BadConfig, "nobody judges; name an endpoint with judge="),
        (["judge=jugde"], UnknownName, "unknown endpoint 'jugde'; did you mean 'judge'"),
        (["exempt=[9]", "n_questions=5"], UnknownName, "unknown question or turn '9'.*of exempt"),
        (["exempt=[4/3]", "n_questions=0"], UnknownName, "unknown question or turn '4/3'"),
    ],
)
def test_who_answers_and_who_judges_is_checked_before_anybody_is_asked(
    tmp_path, words, error, message
):
    with pytest.raises(error, match=message):
        judged(tmp_path, *words)


def test_an_estimate_knows_what_was_answered(tmp_path):
    one = judged(tmp_path, DEFAULT)
    known = {name: len(list(make())) for name, make in one.known_work().items()}
    assert (known, one.n_unknown()) == ({"model": 5, "judge": 0}, (6, 11))
    (_, work), *_ = one.stages()
    record(one._lake, work, lambda name, request: "네")
    known = {name: len(list(make())) for name, make in one.known_work().items()}
    assert (known, one.n_unknown()) == ({"model": 10, "judge": 5}, (1, 6))
