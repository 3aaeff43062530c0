"""The difficulty filter: recorded answers of real models, real servers, kills and bad input."""

import json
import re
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard

import lake
from kormo_ds.errors import BadConfig, BadInput, UnknownName
from kormo_ds.generate.client import ask
from kormo_ds.generate.difficulty import Difficulty, Settings
from kormo_ds.generate.difficulty_columns import COLUMNS, Solver, verdict
from kormo_ds.generate.difficulty_label import label
from kormo_ds.generate.endpoint import Endpoint
from lake import BadContract, BadQuery, ColumnTaken
from tests.conftest import ENVIRONMENT

CORPUS = Path(__file__).parents[2] / "../shared/corpus"
ENDPOINTS = {
    name: Endpoint(name, "http://127.0.0.1:9/v1", model)
    for name, model in (("large", "gpt3-175b"), ("small", "gpt3-6b"), ("judge", "judge"))
}
BOTH = Settings(large="large", small="small")


def lake_of(folder, questions, first=0):
    """A lake of (question, answer, domain) and a document without; or more of them in a lake."""
    lk = lake.create(folder)
    facts = [{"question": q, "answer": a, "domain": d} for q, a, d in questions]
    rows = {
        "doc_id": [f"{i:032x}" for i in range(first, first + len(facts) + 1)],
        "text": ["t"] * (len(facts) + 1),
        "lang": ["en"] * (len(facts) + 1),
        "meta": [*(json.dumps(fact) for fact in facts), None],
    }
    lk.append("documents", pa.table(rows))
    return lk


def record(lk, work, said, finish_reason="stop"):
    """Rows of `generations` for all requests of `work`; `said` gives each text, None for no row."""
    rows = []
    for name, make in work.items():
        for request in make():
            text = said(name, request)
            if text is not None:
                request_id = ENDPOINTS[name].id_of(request)
                rows.append(
                    {
                        "generation_id": f"{name} {request_id} {len(rows)}",
                        "request_id": request_id,
                        "endpoint": name,
                        "error": "refused" if text == "REFUSED" else "",
                        "text": text,
                        "finish_reason": finish_reason,
                    }
                )
    if rows:
        lk.append("generations", pa.Table.from_pylist(rows, lk.schema("generations")))


def columns(lk, *names):
    relation = lk.sql(f"select {', '.join(names)} from documents order by doc_id")
    return relation.fetchall()


def filtered(lk, said, labels=lambda name, request: "Difficulty: hard", settings=BOTH):
    """Run the filter on recorded answers."""
    difficulty = Difficulty(lk, ENDPOINTS, settings)
    for purpose, work in difficulty.stages():
        record(lk, work, labels if purpose == "difficulty:label" else said)
    return difficulty.fill()


@pytest.mark.parametrize(
    ("large", "small", "cut_is_wrong", "word"),
    [
        (Solver("right"), Solver("right"), False, "solved_by_both"),
        (Solver("right"), Solver("wrong"), False, "solved_by_large"),
        (Solver("unsure"), Solver("right"), False, "solved_by_small"),
        (Solver("right"), Solver("unanswered"), False, "solved_by_large"),
        (Solver("wrong"), Solver("unanswered"), False, "unanswered"),
        (Solver("wrong"), Solver("unsure"), False, "unsure"),
        (Solver("wrong"), Solver("cut"), False, "unsure"),
        (Solver("wrong", "", "hard"), Solver("cut", "", "hard"), True, "hard"),
        (Solver("wrong", "", "hard"), Solver("wrong", "", "hard"), False, "hard"),
        (Solver("wrong", "", "hard"), Solver("wrong", "", "medium"), False, "not_hard"),
        (Solver("wrong", "", "easy"), Solver("wrong", "", "unparsed"), False, "not_hard"),
        (Solver("wrong", "", "hard"), Solver("wrong", "", "unparsed"), False, "unlabelled"),
        (Solver("wrong", "", "hard"), Solver("wrong", "", "unanswered"), False, "unlabelled"),
    ],
)
def test_what_follows_from_grades_and_labels(large, small, cut_is_wrong, word):
    assert verdict(large, small, cut_is_wrong) == word


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("여러 단계가 필요하다.\n난이도: 보통", "medium"),
        ("**난이도: 어려움**", "hard"),
        ("Difficulty: Hard.", "hard"),
        ("Difficulty: easy\nNo.\nDifficulty: medium", "medium"),
        ("<think>Difficulty: easy</think>Difficulty: hard", "hard"),
        ("<think>Difficulty: easy", "unparsed"),
        ("Difficulty: easy, medium or hard", "unparsed"),
        ("It is hard.", "unparsed"),
        ("", "unparsed"),
    ],
)
def test_labels(text, found):
    assert label(text) == found


def test_gpt3_as_solvers_of_gsm8k(tmp_path):
    """GPT-3's recorded solutions, right and wrong, are what two sizes of one model answered."""
    there = CORPUS / "en/synth_gsm8k_gpt3_solutions.jsonl.zst"
    if not there.exists():
        pytest.skip(f"no corpus at {there}")

    def rows(name):
        with zstandard.open(CORPUS / f"{name}.jsonl.zst", "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def last(text):
        return float(re.findall(r"-?\d[\d,]*(?:\.\d+)?", text)[-1].replace(",", ""))

    golds = rows("evals/gsm8k_test")[:400]
    solutions = {}
    for row in rows("en/synth_gsm8k_gpt3_solutions"):
        question, _, solution = row["text"].partition("\n\n")
        solutions[question, row["synthesizer"].split("_")[0]] = solution
    lk = lake_of(tmp_path, [(row["question"], row["answer"], "math") for row in golds])

    def said(name, request):
        asked = request.messages[-1][1]
        question = next(row["question"] for row in golds if row["question"] in asked)
        return solutions[question, ENDPOINTS[name].model]

    filled = filtered(lk, said)
    right = [
        tuple(
            last(solutions[row["question"], model]) == last(row["answer"])
            for model in ("gpt3-175b", "gpt3-6b")
        )
        for row in golds
    ]
    words = {
        (True, True): "solved_by_both",
        (True, False): "solved_by_large",
        (False, True): "solved_by_small",
        (False, False): "hard",
    }
    found = [row[0] for row in columns(lk, "difficulty_verdict")]
    assert found == [*(words[pair] for pair in right), "not_a_question"]
    assert len(set(found)) == 5 and filled.rows == 401
    (row,) = lk.sql("select * from documents where doc_id = $first", first="0" * 32).fetchall()
    assert None not in row[-len(COLUMNS) :]


QUESTIONS = [("1 + 1?", "2", "math"), ("2 + 2?", "4", "math"), ("Capital?", "Seoul", "law")]


def test_columns_of_every_document(tmp_path):
    lk = lake_of(tmp_path, QUESTIONS)
    answers = {"1 +": "Answer: 2", "2 +": "Answer: 5", "Cap": "Answer: Busan"}

    def said(name, request):
        return next(text for key, text in answers.items() if key in request.messages[-1][1])

    def labels(name, request):
        is_sum = "2 + 2" in request.messages[-1][1]
        return "Difficulty: hard" if is_sum or name == "large" else "no idea"

    filtered(lk, said, labels)
    names = [column.name for column in COLUMNS]
    solved = ("2", "right", "not_asked")
    hard = ("5", "wrong", "hard")
    none = ("", "not_asked", "not_asked")
    assert columns(lk, *names) == [
        ("math", *solved, *solved, "solved_by_both", 0),
        ("math", *hard, *hard, "hard", 3),
        ("law", "Busan", "wrong", "hard", "Busan", "wrong", "unparsed", "unlabelled", 2),
        ("", *none, *none, "not_a_question", -1),
    ]


def test_new_documents_alone_are_asked_and_judged(tmp_path):
    lk = lake_of(tmp_path, QUESTIONS[:1])
    filtered(lk, lambda name, request: "Answer: 2")
    before = columns(lk, "difficulty_verdict")
    lake_of(tmp_path, QUESTIONS[1:2], first=2)
    asked = []

    def said(name, request):
        asked.append(request.parent_id)
        return "Answer: 4"

    filled = filtered(lk, said)
    assert asked == [f"{2:032x}"] * 2
    assert (filled.rows, filled.rows_before) == (2, 2)
    after = columns(lk, "difficulty_verdict")
    assert after == [*before, ("solved_by_both",), ("not_a_question",)]


def test_a_judge_settles_what_rules_cannot(tmp_path):
    lk = lake_of(tmp_path, [("Capital?", "서울", "geography"), ("Why?", "서울", "geography")])

    def said(name, request):
        if name == "judge":
            return "Verdict: correct" if "Capital" in request.messages[-1][1] else "Hm."
        return "Answer: Seoul"

    filtered(lk, said, settings=Settings(large="large", small="small", judge="judge"))
    assert columns(lk, "difficulty_large_grade", "difficulty_verdict") == [
        ("right", "solved_by_both"),
        ("unsure", "unsure"),
        ("not_asked", "not_a_question"),
    ]


@pytest.mark.parametrize(("cut_is_wrong", "word"), [(False, "unsure"), (True, "hard")])
def test_an_answer_that_was_cut_off(tmp_path, cut_is_wrong, word):
    lk = lake_of(tmp_path, QUESTIONS[:1])
    settings = Settings(large="large", small="small", cut_is_wrong=cut_is_wrong)
    difficulty = Difficulty(lk, ENDPOINTS, settings)
    for purpose, work in difficulty.stages():
        is_label = purpose == "difficulty:label"
        text = "Difficulty: hard" if is_label else "First, 1 + 1 is 2, so"
        record(lk, work, lambda name, request, text=text: text, "length")
    difficulty.fill()
    assert columns(lk, "difficulty_small_grade", "difficulty_verdict")[0] == ("cut", word)


def test_nothing_is_written_while_answers_are_missing(tmp_path):
    lk = lake_of(tmp_path, QUESTIONS)

    def said(name, request):
        return None if name == "small" and "1 + 1" in request.messages[-1][1] else "Answer: 2"

    with pytest.raises(BadInput, match="1 answers are missing, .* give_up=true"):
        filtered(lk, said)
    assert "difficulty_verdict" not in lk.schema().names
    settings = Settings(large="large", small="small", give_up=True)
    Difficulty(lk, ENDPOINTS, settings).fill()
    assert Counter(columns(lk, "difficulty_verdict")) == {
        ("solved_by_large",): 1,
        ("hard",): 1,
        ("unsure",): 1,
        ("not_a_question",): 1,
    }


def test_missing_labels_and_judgements_are_waited_for_too(tmp_path):
    lk = lake_of(tmp_path, QUESTIONS[:1])
    with pytest.raises(BadInput, match="2 answers are missing"):
        filtered(lk, lambda name, request: "Answer: 3", lambda name, request: None)
    settings = Settings(large="large", small="small", judge="judge")
    lk = lake_of(tmp_path / "judged", QUESTIONS[2:])
    with pytest.raises(BadInput, match="2 answers are missing"):
        filtered(lk, lambda name, _: None if name == "judge" else "Answer: 서울", settings=settings)


def test_what_a_server_refuses_is_unanswered(tmp_path):
    lk = lake_of(tmp_path, QUESTIONS[:1])
    filtered(lk, lambda name, request: "REFUSED")
    assert columns(lk, "difficulty_verdict", "difficulty_bin")[0] == ("unanswered", -1)


def test_questions_of_the_same_words_have_their_own_answers(tmp_path):
    lk = lake_of(tmp_path, [("x?", "1", "math"), ("x?", "2", "math")])
    filtered(lk, lambda name, request: "Answer: 2")
    found = [row[0] for row in columns(lk, "difficulty_verdict")]
    assert found == ["hard", "solved_by_both", "not_a_question"]


QUERY = """\
-- Questions.
-- One row per question.
select
    doc_id,
    lang,
    {domain} as domain,
    {question} as question,
    '1' as reference,
    {grader} as grader,
    {choices}::varchar[] as choices
from documents {more}
"""
GOOD = {"domain": "'math'", "question": "text", "grader": "'auto'", "choices": "[]", "more": ""}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"question": "1"}, BadContract, "must return"),
        ({"question": "''"}, BadContract, "without question"),
        ({"domain": "null::varchar"}, BadContract, "without domain"),
        ({"grader": "'maths'"}, BadContract, "grader 'maths'.*known: auto"),
        ({"choices": "range(11)"}, BadContract, "11 choices .* at most 10"),
        ({"more": ", range(2)"}, BadContract, "twice"),
        ({"question": "nothing"}, BadQuery, "nothing"),
        ({"question": "error(text)::varchar"}, BadQuery, "t"),
    ],
)
def test_queries_that_cannot_be_used(tmp_path, change, error, message):
    lk = lake_of(tmp_path, QUESTIONS)
    path = tmp_path / "own.sql"
    path.write_text(QUERY.format(**GOOD | change))
    difficulty = Difficulty(lk, ENDPOINTS, Settings("large", "small", query=str(path)))
    with pytest.raises(error, match=message):
        difficulty.fill()


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"large": ""}, BadConfig, "no large solver; name an endpoint with large="),
        ({"small": "large"}, BadConfig, "are the same model, gpt3-175b"),
        ({"small": "smal"}, UnknownName, "unknown endpoint 'smal'; did you mean 'small'"),
        ({"judge": "me"}, UnknownName, "unknown endpoint 'me'"),
        ({"query": "no"}, UnknownName, "unknown question query 'no'"),
        ({"parameters": {"last": 1}}, BadQuery, "has no parameter 'last'"),
        ({"parameters": {"first_choice": "x"}}, BadQuery, "first_choice=x"),
        ({"temperature": 3.0}, BadConfig, "temperature=3.0"),
        ({"max_tokens": 0}, BadConfig, "max_tokens=0"),
    ],
)
def test_settings_that_cannot_be_used(tmp_path, settings, error, message):
    lk = lake_of(tmp_path, QUESTIONS)
    with pytest.raises(error, match=message):
        Difficulty(lk, ENDPOINTS, Settings(**{"large": "large", "small": "small"} | settings))


def test_other_settings_are_refused_before_anybody_is_asked(tmp_path):
    lk = lake_of(tmp_path, QUESTIONS)
    filtered(lk, lambda name, request: "Answer: 2")
    other = Settings(large="large", small="small", max_tokens=9)
    with pytest.raises(ColumnTaken, match="kormo lake drop difficulty_domain"):
        Difficulty(lk, ENDPOINTS, other)


def endpoints_file(folder, large, small=""):
    path = folder / "endpoints.yaml"
    said = {
        "large": {"url": large, "model": "big", "in_flight": 4},
        "small": {"url": small or large, "model": "tiny", "in_flight": 4},
    }
    path.write_text(json.dumps(said))
    return path


RULES = (
    {"fault": "say", "contains": "Decide how hard", "text": "Difficulty: hard"},
    {"fault": "say", "contains": "1 + 1?", "text": "Answer: 2"},
)
RUN = ("kormo", "difficulty", "run", "large=large", "small=small")
RUN += ("max_tokens=64", "--lake", "lake")


def test_the_command(tmp_path, faulty, run):
    sums = [(f"{i} + {i}?", str(2 * i), "math") for i in range(1, 41)]
    lk = lake_of(tmp_path / "lake", sums)
    endpoints_file(tmp_path, faulty.url)
    wrong = {"fault": "say", "text": "Answer: 1"}
    faulty.faults(*RULES, wrong)
    said = run([*RUN, "--dry-run"], tmp_path)
    assert re.search(r"large\s+40\s+0\s+40", said.stdout), said.stdout + said.stderr
    done = run(RUN, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "41 documents judged, 0 were there already" in done.stdout
    assert re.search(r"math\s+40\s+1\s+0\s+39\s+0\s+39\s+0\s+0\.975\s+0\.11", done.stdout)
    assert faulty.counts()["answered"] == 80 + 78
    again = run(RUN, tmp_path)
    assert "0 documents judged, 41 were there already" in again.stdout
    assert faulty.counts()["requests"] == 80 + 78
    shown = run([*RUN[:2], "retention", "--lake", "lake"], tmp_path)
    assert shown.stdout.strip() and shown.stdout.strip() in done.stdout
    assert lk.read_bytes("prompts", "solve_en@1.md").startswith(b"---\nid: solve_en\n")


def test_killed_while_asking_and_run_again(tmp_path, faulty, run):
    sums = [(f"{i} + {i}?", str(2 * i), "math") for i in range(1, 41)]
    lk = lake_of(tmp_path / "lake", sums)
    endpoints_file(tmp_path, faulty.url)
    slow = [{**rule, "fault": "slow", "seconds": 0.02} for rule in RULES]
    faulty.faults(*slow, {"fault": "slow", "text": "Answer: 1", "seconds": 0.02})
    for least in (30, 100):  # while solvers answer, and while they label
        process = subprocess.Popen(RUN, cwd=tmp_path, env=ENVIRONMENT)
        until = time.monotonic() + 60
        while faulty.counts()["answered"] < least and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert "difficulty_verdict" not in lk.schema().names
    done = run(RUN, tmp_path)
    assert done.returncode == 0, done.stderr
    counts = faulty.counts()
    assert counts["answered"] == 80 + 78
    assert counts["asked_again"] <= 2 * 8, "what was in flight when it was killed"
    found = Counter(row[0] for row in columns(lk, "difficulty_verdict"))
    assert found == {"solved_by_both": 1, "hard": 39, "not_a_question": 1}


def test_an_endpoint_that_stops_is_said_and_nothing_is_written(tmp_path, faulty, run):
    lk = lake_of(tmp_path / "lake", QUESTIONS)
    endpoints_file(tmp_path, faulty.url)
    faulty.faults({"fault": "401"})
    done = run(RUN, tmp_path)
    assert done.returncode == 2
    assert "run it again to go on" in done.stderr
    assert "difficulty_verdict" not in lk.schema().names


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "no large solver"),
        (["endpoints.yaml"], "'endpoints.yaml' is no setting"),
        (["--endpoints", "none.yaml"], "cannot read endpoints none.yaml"),
        (["big=large"], "unknown setting 'big'"),
    ],
)
def test_words_that_the_command_refuses(tmp_path, run, words, message):
    lake_of(tmp_path / "lake", QUESTIONS)
    endpoints_file(tmp_path, "http://127.0.0.1:9/v1")
    done = run(["kormo", "difficulty", "run", *words, "--lake", "lake"], tmp_path)
    assert done.returncode == 2
    assert message in done.stderr


def test_two_real_models_as_solvers(tmp_path, servers):
    """They know nothing of sums, so no question is solved; every document has its columns."""
    lk = lake_of(tmp_path / "lake", QUESTIONS[:2])
    endpoints = {
        name: Endpoint(name, server.url, server.model, in_flight=2)
        for name, server in zip(("small", "large"), servers, strict=True)
    }
    difficulty = Difficulty(lk, endpoints, Settings("large", "small", max_tokens=24))
    for purpose, work in difficulty.stages():
        for asked in ask(lk, endpoints, work, purpose):
            assert not asked.n_failed, asked
    difficulty.fill()
    found = columns(lk, "difficulty_large_grade", "difficulty_small_grade", "difficulty_bin")
    assert all(large != "unanswered" != small for large, small, _ in found)
    assert {number for *_, number in found} <= {-1, 2, 3}
    n = lk.sql("select count(*) from generations where error = '' and text != ''").fetchall()
    assert n[0][0] >= 4
