"""`kormo eval judged`: an endpoint that fails as it is told to, kills, and real models."""

import json
import re
import signal
import subprocess
import time

import pytest

import lake
from tests.conftest import ENVIRONMENT
from tests.eval.judged.asked import file, lines, question_rows

RUN = ("kormo", "eval", "judged", "logickor", "questions.jsonl", "judge=judge", "--lake", "lake")
ASK = (*RUN, "model=model", "strategy=[default,1-shot]", "max_tokens=64", "judge_max_tokens=64")
JUDGING = {"fault": "say", "contains": "채점하세요", "text": "맞는 답입니다.\n점수: 6"}


def prepared(folder, url, **more):
    lake.create(folder / "lake")
    file(folder)
    said = {
        "model": {"url": url, "model": "small", "in_flight": 4},
        "judge": {"url": url, "model": "large", "in_flight": 4, "synthesizer": "Large-1"} | more,
    }
    (folder / "endpoints.yaml").write_text(json.dumps(said))


def evals(folder):
    relation = lake.open(folder / "lake").sql(
        "select run, metric, split_part(task, '/', 2) as strategy, value, n_documents from evals "
        "where task not like '%/%/%' order by all"
    )
    return relation.fetchall()


SCORES = [
    ("small", metric, strategy, value, 11)
    for metric, value in (("score", 6.0), ("unreadable", 0.0))
    for strategy in ("1-shot", "default")
]


def rows(folder):
    named = "Large-1:judge_turn_ko@1:zero"
    return [(run, m.removesuffix(f":{named}"), *rest) for run, m, *rest in evals(folder)]


def test_the_command(tmp_path, faulty, run):
    prepared(tmp_path, faulty.url)
    faulty.faults(
        {"fault": "429", "tries": 1, "every": 9, "seconds": 0.01},
        JUDGING,
    )
    said = run([*ASK, "--dry-run"], tmp_path)
    assert re.search(r"model +10 +0 +10 ", said.stdout), said.stdout + said.stderr
    assert "and at most 12 answers, 22 judgements" in said.stdout
    assert faulty.counts()["requests"] == 0
    done = run(ASK, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "logickor: 5 questions: 4 of 2 turns, 1 of 3 turns; logickor was pub" in done.stdout
    assert re.search(r"small +default/math +6 +0 +4\n", done.stdout), done.stdout
    assert "agreement" not in done.stdout and "model itself" not in done.stdout
    assert rows(tmp_path) == SCORES
    answered = faulty.counts()["answered"]
    assert answered == 2 * 11 * 2
    again = run(ASK, tmp_path)
    assert faulty.counts()["answered"] == answered, "nothing is asked again"
    assert again.stdout[again.stdout.index("score:") :] in done.stdout


def test_killed_while_asking_and_run_again(tmp_path, faulty, run):
    prepared(tmp_path, faulty.url)
    faulty.faults({**JUDGING, "fault": "slow", "seconds": 0.03}, {"fault": "slow", "seconds": 0.03})
    for least in (14, 30):  # in the second turn, while it is judged
        process = subprocess.Popen(ASK, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while faulty.counts()["answered"] < least and time.monotonic() < until:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not lake.open(tmp_path / "lake").exists("evals") or not evals(tmp_path)
    done = run(ASK, tmp_path)
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path) == SCORES
    assert faulty.counts()["answered"] == 2 * 11 * 2
    assert faulty.counts()["asked_again"] <= 2 * 4, "what was in flight when it was killed"


@pytest.mark.parametrize(
    ("fault", "more", "message"),
    [
        ({"fault": "401"}, {}, "endpoint model: "),
        (JUDGING, {"budget_tokens": 3000}, "endpoint judge: .*budget_tokens=3,?000"),
        ({"fault": "500"}, {}, "22 of 22 turns have no answer"),
    ],
)
def test_what_stops_writes_nothing(tmp_path, faulty, run, fault, more, message):
    prepared(tmp_path, faulty.url, **more)
    path = tmp_path / "endpoints.yaml"
    said = json.loads(path.read_text())
    path.write_text(json.dumps({name: one | {"attempts": 1} for name, one in said.items()}))
    faulty.faults(fault)
    done = run(ASK, tmp_path)
    assert done.returncode == 2, done.stdout
    assert re.search(message, done.stderr), done.stderr
    assert not lake.open(tmp_path / "lake").exists("evals") or not evals(tmp_path)


def test_recorded_answers_and_their_agreement_with_published_scores(tmp_path, faulty, run):
    prepared(tmp_path, faulty.url)
    file(tmp_path, question_rows(2))
    published = {"a": [[9, 3], [8, 2]], "b": [[2, 2], [1, 3]]}
    answers = [
        {"id": at + 1, "model": model, "outputs": [f"{model} 답 {at}", f"{model} 또 {at}"]}
        | {"scores": scores}
        for model, both in published.items()
        for at, scores in enumerate(both)
    ]
    (tmp_path / "default.jsonl").write_text(lines(answers), encoding="utf-8")
    good = {"fault": "say", "contains": "# 채점할 답변\na", "text": "점수: 9"}
    faulty.faults(good, JUDGING | {"text": "점수: 2"})
    done = run([*RUN, "recorded=default.jsonl"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.search(r"a +default +9 +0 +4\n", done.stdout), done.stdout
    assert re.search(r"b +default +2 +0 +4\n", done.stdout)
    # 9 9 9 9 2 2 2 2 beside 9 3 8 2 2 2 1 3: means 5.5 and 3.75
    assert re.search(r"answers +8 +0\.6\d+ +0\.6\d+ +0\.375 +0\.75 +1\.75\n", done.stdout)
    assert re.search(r"models +2 +1 +1 +0\.5 +0\.5 +1\.75", done.stdout)
    assert faulty.counts()["answered"] == 8
    alone = run([*RUN, "recorded=default.jsonl", "run=b"], tmp_path)
    assert "a " not in alone.stdout[alone.stdout.index("score:") :].partition("\n\n")[0]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["logickor"], "name a form and files of questions"),
        (["logicor", "questions.jsonl"], "unknown form 'logicor'; did you mean 'logickor'"),
        (["logickor", "gone.jsonl"], "no file gone.jsonl"),
        (["logickor", "questions.jsonl", "modl=model"], "did you mean 'model'"),
        (["logickor", "questions.jsonl"], "either model=ENDPOINT or recorded=FILE"),
        (["logickor", "questions.jsonl", "--endpoints", "none.yaml"], "cannot read endpoints none"),
    ],
)
def test_words_that_the_command_refuses(tmp_path, run, words, message):
    prepared(tmp_path, "http://127.0.0.1:9/v1")
    done = run([*RUN[:3], *words, "--lake", "lake"], tmp_path)
    assert done.returncode == 2
    assert message in done.stderr


def test_forms_are_listed(tmp_path, run):
    shown = run(RUN[:3], tmp_path).stdout
    assert re.search(r"logickor +ko +42 +default, 1-shot, cot-1-shot +zero ", shown)


def test_real_models_answer_and_judge(tmp_path, servers, run):
    """They know nothing of scores, so all of them are unreadable, and no turn is lost."""
    lake.create(tmp_path / "lake")
    file(tmp_path, question_rows(2))
    names = ("model", "judge")
    said = {
        name: {"url": server.url, "model": server.model, "in_flight": 2}
        for name, server in zip(names, servers, strict=True)
    }
    (tmp_path / "endpoints.yaml").write_text(json.dumps(said))
    words = ("model=model", "strategy=[default]", "rule=none", "max_tokens=16")
    done = run([*RUN, *words, "judge_max_tokens=16", "run=talk"], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    found = evals(tmp_path)
    assert [(row[0], row[2], row[4]) for row in found][1] == ("talk", "default", 4), done.stdout
    assert found[1][3] == 1.0, "the share of unreadable judgements"
