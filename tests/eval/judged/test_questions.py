import json
from collections import Counter
from pathlib import Path

import pytest

from kormo_ds.errors import BadConfig, BadInput, UnknownName
from kormo_ds.eval.judged import form as forms
from kormo_ds.eval.judged import given, questions
from kormo_ds.generate import prompt
from tests.eval.judged.asked import file, lines, question_rows

CORPUS = Path(__file__).parents[3] / "../shared/corpus/ko/synth_logickor.jsonl.zst"
FORM = forms.read("logickor")
ENGLISH = forms.read("mt_bench")
MT = {"question_id": 81, "category": "writing", "turns": ["Write.", "Again."]}
TEXT = {
    "id": "set-A/one/1-shot.jsonl-3",
    "text": "질문: 하나?\n질문: 둘?\n답변: 예.\n\n질문: 왜?\n답변:",
    "synthesizer": "A/one",
}


def test_the_published_shapes(tmp_path):
    logickor = questions.read(FORM, [file(tmp_path)])
    assert [one.domain for one in logickor] == ["math", "math", "writing", "grammar", "reasoning"]
    assert logickor[1] == ("2", "math", ("12를 4로 나누면?", "그 값에 10을 곱하면?"), ("3", ""))
    rows = [MT, MT | {"question_id": 101, "category": "math", "reference": ["4"]}]
    (first, second) = questions.read(ENGLISH, [file(tmp_path, rows)])
    assert first == ("81", "writing", ("Write.", "Again."), ("", ""))
    assert second.references == ("4", "")
    (third,) = questions.read(FORM, [file(tmp_path, [TEXT])])
    assert third == ("3", "reasoning", ("하나?\n질문: 둘?", "왜?"), ("", ""))


def test_a_file_of_answers_holds_questions_as_most_rows_have_them(tmp_path):
    odd = TEXT | {"text": TEXT["text"] + " 음.\n\n질문: 또?\n답변: 아니."}
    rows = [odd, TEXT, TEXT | {"id": "set-B/default.jsonl-3"}]
    (one,) = questions.read(FORM, [file(tmp_path, rows)])
    assert one.turns == ("하나?\n질문: 둘?", "왜?")


def test_the_corpus_has_logickors_questions_and_no_scores():
    if not CORPUS.exists():
        pytest.skip(f"no corpus at {CORPUS}")
    found = questions.read(FORM, [str(CORPUS)])
    assert Counter(len(one.turns) for one in found) == {2: 41, 3: 1}
    assert Counter(one.domain for one in found) == dict.fromkeys(FORM.domains, 7)
    form = forms.read("logickor", [f"recorded={CORPUS}"])
    recorded = given.read(form, found)
    assert Counter(strategy for _, strategy in recorded) == dict.fromkeys(form.strategies, 65)
    assert not any(said.scores for of_model in recorded.values() for said in of_model.values())


def test_the_fingerprint_knows_questions_and_references_and_no_order(tmp_path):
    rows = question_rows()
    first = questions.fingerprint(questions.read(FORM, [file(tmp_path, rows)]))
    assert questions.fingerprint(questions.read(FORM, [file(tmp_path, rows[::-1])])) == first
    rows[0]["references"] = ["8개", "5개"]
    assert questions.fingerprint(questions.read(FORM, [file(tmp_path, rows)])) != first


def test_other_numbers_of_questions_are_said(tmp_path):
    asked = questions.read(FORM, [file(tmp_path)])
    assert questions.described(FORM, asked) == (
        "5 questions: 4 of 2 turns, 1 of 3 turns; logickor was published with 42, so these numbers "
        "stand beside no published ones"
    )
    assert questions.described(forms.read("logickor", ["n_questions=0"]), asked[:4]) == (
        "4 questions: 4 of 2 turns"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no question in"),
        ('{"id": 1', r"questions.jsonl:1: broken_json"),
        ("[1]", r"questions.jsonl:1: not_an_object"),
        ('{"questions": ["q"]}', "questions.jsonl:1: it has no id or question_id"),
        ('{"id": 1}', "it has neither questions, turns"),
        ('{"id": 1, "questions": "q"}', "questions must be a list of texts"),
        ('{"id": 1, "questions": ["q", " "], "category": "math"}', "question 1 has an empty turn"),
        ('{"id": "x", "questions": ["q"]}', "question x has no category"),
        ('{"id": 43, "questions": ["q"]}', "question 43 has no category"),
        ('{"id": 1, "questions": ["q"], "category": "maths"}', "did you mean 'math'.*domains="),
        ('{"id": 1, "questions": ["q"], "references": ["a", "b"]}', "more references than turns"),
        ('{"id": 1, "questions": ["q"]}\n{"id": 1, "questions": ["r"]}', "two questions of the id"),
        ('{"id": "a-1", "text": "질문: q"}', "must have an id that ends in"),
        ('{"id": "a/b.jsonl-1", "text": "q"}', "'질문: …' and '답변: …' in the text"),
    ],
)
def test_files_that_hold_no_questions(tmp_path, text, message):
    path = tmp_path / "questions.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=message):
        questions.read(FORM, [str(path)])
    with pytest.raises(BadInput, match="no file .*gone"):
        questions.read(FORM, [str(tmp_path / "gone")])


def recorded(folder, rows, *words):
    path = folder / "answers.jsonl"
    path.write_text(lines(rows), encoding="utf-8")
    form = forms.read("logickor", [f"recorded={path}", *words])
    return given.read(form, questions.read(form, [file(folder, question_rows(1))]))


def test_recorded_answers_and_published_scores_of_each_shape(tmp_path):
    outputs = {"id": 1, "outputs": ["<think>3 + 4</think>7개", "5개"]}
    logickor = {"query_single": {"judge_score": 9.0}, "query_multi": {"judge_score": 4}}
    found = recorded(tmp_path, [outputs | logickor])
    (said,) = found["recorded", "default"].values()
    assert (said.outputs, said.scores) == (("7개", "5개"), {0: 9.0, 1: 4.0})
    rows = [outputs | {"model": "m", "strategy": "1-shot", "scores": [None, 2]}]
    assert recorded(tmp_path, rows)["m", "1-shot"]["1"].scores == {1: 2.0}
    answers = {"question_id": 1, "model_id": "m", "choices": [{"turns": ["7", "5"]}]}
    score = {"question_id": 1, "model": "m", "turn": 2, "score": 8}
    rows = [answers, score, score | {"turn": 1, "score": -1}]
    said = recorded(tmp_path, rows)["m", "default"]["1"]
    assert (said.outputs, said.scores) == (("7", "5"), {1: 8.0})


@pytest.mark.parametrize(
    ("row", "words", "error", "message"),
    [
        ({"id": 2, "outputs": ["a"]}, [], BadInput, "there is no question 2; name its file"),
        ({"id": 1, "outputs": ["a"]}, [], BadInput, "1 answers to question 1, which has 2 turns"),
        ({"id": 1, "outputs": ["a", "b"]}, ["run=x"], UnknownName, "known: recorded"),
        ({"id": 1, "scores": [1]}, [], BadInput, "no answer of recorded .default. to 1 questions"),
        ({"id": 1, "scores": ["1"]}, [], BadInput, "scores must be a list of numbers"),
        ({"id": 1, "choices": []}, [], BadInput, "choices must be a list of objects"),
        (
            {"id": 1, "outputs": ["a", "b"], "strategy": "1-shot"},
            ["strategy=[default]"],
            BadInput,
            "holds no answer to default",
        ),
    ],
)
def test_recorded_answers_that_cannot_be_used(tmp_path, row, words, error, message):
    with pytest.raises(error, match=message):
        recorded(tmp_path, [row], *words)
    twice = {"id": 1, "outputs": ["a", "b"]}
    with pytest.raises(BadInput, match="answers.jsonl:2: a second answer to question 1"):
        recorded(tmp_path, [twice, twice])


@pytest.mark.parametrize("name", forms.known())
def test_shipped_forms(name):
    form = forms.read(name)
    assert form.prompt.language == form.language
    assert all(form.before(strategy) is not None for strategy in form.asked)
    assert form.n_questions % len(form.domains) == 0


def test_the_judges_prompts_say_how_scores_are_written():
    for name, line in (("judge_turn_ko", "점수: 7"), ("judge_turn_en", "Score: 7")):
        made = prompt.read(Path(forms.PROMPTS).resolve() / f"{name}.md")
        assert line in made.body.splitlines()


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["rule=half"], UnknownName, "unknown rule 'half'.*known: none, square_root, zero"),
        (["rul=zero"], UnknownName, "unknown setting 'rul'; did you mean 'rule'"),
        (["strategy=[2-shot]"], UnknownName, "unknown strategy '2-shot'"),
        (["min_hangul=0"], BadConfig, "min_hangul=0.0 must be above 0"),
        (["language=en"], BadConfig, "rule=zero knows Korean answers"),
        (["temperatures.maths=1"], UnknownName, "unknown domain 'maths'"),
        (["temperature=3"], BadConfig, "temperature=3.0 must be from 0 to 2"),
        (["max_tokens=0"], BadConfig, "max_tokens=0 must be 1 or more"),
        (["judge_max_tokens=x"], BadConfig, "judge_max_tokens"),
        (["judge_prompt=judge"], UnknownName, "unknown judge prompt 'judge'"),
    ],
)
def test_settings_that_cannot_be(words, error, message):
    with pytest.raises(error, match=message):
        forms.read("logickor", words)


def test_forms_of_ones_own(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("language: en\njudge_prompt: judge_turn_en\nstrategies: {default: []}\n")
    assert forms.read(str(path)).name == "own"
    path.write_text("language: en\nstrategies: {default: []}\n")
    with pytest.raises(BadConfig, match=r"own.yaml: judge_prompt is not set"):
        forms.read(str(path))
    path.write_text(json.dumps({"language": "en", "judge_prompt": "p", "strategies": {}}))
    with pytest.raises(BadConfig, match="strategies hold none"):
        forms.read(str(path))
    with pytest.raises(UnknownName, match="unknown form 'logicor'; did you mean 'logickor'"):
        forms.read("logicor")
