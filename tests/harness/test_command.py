"""`kormo eval tasks` on a real lake: what is written, what is left out, what is refused."""

import json
import signal
import subprocess
import sys
import time

import pytest

import lake
from kormo_ds.cli.eval_tasks import tasks
from kormo_ds.errors import BadConfig, BadInput, KormoError, UnknownName

NAMES = "tasks=kobest_boolq,kobest_copa,arc_easy"


@pytest.fixture
def lk(tmp_path):
    return lake.create(str(tmp_path / "lake"))


@pytest.fixture
def ask(lk, run_folder, data):
    def ask(*words, folder=run_folder):
        tasks([str(folder), f"data={data}", *words], lake=lk.root)

    return ask


def evals(lk):
    about = "run, checkpoint, task, metric, lang, n_documents"
    return lk.sql(f"select {about} from evals order by created_at, task, metric").fetchall()


def test_scores_with_their_protocol_are_written(ask, lk, capsys):
    ask(NAMES, "num_fewshot=1", "limit=2")
    ask("tasks=arc_easy", "weights=init")
    boolq, copa, arc = (
        f"{name} (1-shot, local data, first 2)"
        for name in ("kobest_boolq", "kobest_copa", "arc_easy")
    )
    assert evals(lk) == [
        ("small", "step-000007", arc, "acc", "en", 2),
        ("small", "step-000007", arc, "acc_norm", "en", 2),
        ("small", "step-000007", boolq, "acc", "ko", 2),
        ("small", "step-000007", boolq, "f1", "ko", 2),
        ("small", "step-000007", copa, "acc", "ko", 2),
        ("small", "step-000007", copa, "f1", "ko", 2),
        ("small", "init", "arc_easy (0-shot, local data)", "acc", "en", 3),
        ("small", "init", "arc_easy (0-shot, local data)", "acc_norm", "en", 3),
    ]
    errors = lk.sql("select stderr from evals where metric = 'acc'").fetchall()
    assert all(error is not None for (error,) in errors)
    assert "tasks of run small, step-000007" in capsys.readouterr().out


def test_code_is_run_only_where_that_is_allowed(ask, wide, lk):
    with pytest.raises(BadConfig, match="task humaneval runs code .*allow_code=true"):
        ask("tasks=humaneval", folder=wide)
    assert not lk.exists("evals")
    ask("tasks=humaneval", "allow_code=true", folder=wide)
    assert [row[3:] for row in evals(lk)] == [("pass@1", "en", 1)]


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ([], BadInput, "name tasks, e.g. tasks=kobest_boolq,arc_easy, or a suite"),
        (["tasks=arc_easy", "limit=0"], BadInput, "limit=0 wants 1 or more"),
        (["tasks=arc_easy", "limit=-3"], BadInput, "limit=-3 wants 1 or more"),
        (["tasks=arc_easy", "num_fewshot=-1"], BadInput, "num_fewshot=-1 wants 0 or more"),
        (["tasks=arc_easy", "length=9999"], BadInput, "length=9999 wants 0 to the model's 256"),
        (["tasks=arc_easy", "batch_tokens=0"], BadInput, "batch_tokens=0 wants 1 or more"),
        (["tasks=arc_easy", "weights=last"], UnknownName, "unknown weights 'last'"),
        (["tasks=arc_easy", "data=nowhere"], BadInput, "data=nowhere is not a folder"),
        (["suite=papre"], UnknownName, "unknown suite 'papre'; did you mean 'paper'"),
        (["task=arc_easy"], UnknownName, "unknown setting 'task'; did you mean 'tasks'"),
        (["tasks=arc_easy", "num_fewshot=9"], BadInput, "a task cannot be asked .ValueError"),
    ],
)
def test_words_that_are_refused(ask, lk, words, error, message):
    with pytest.raises(error, match=message):
        ask(*words)
    assert not lk.exists("evals")


def test_a_task_wants_more_tokens_than_the_model_has(ask):
    with pytest.raises(BadInput, match="wants 256 new tokens, and the model has 256 positions"):
        ask("tasks=gsm8k", "num_fewshot=0")


def test_a_file_that_is_no_such_file(ask, tmp_path):
    (tmp_path / "arc_easy_test.jsonl").write_text('{"question": 1')
    with pytest.raises(KormoError, match="task arc_easy cannot read its file"):
        ask("tasks=arc_easy", f"data={tmp_path}")
    (tmp_path / "arc_easy_test.jsonl").write_text('{"title": "no question"}\n')
    with pytest.raises(KormoError, match="a task cannot be asked|cannot read its file"):
        ask("tasks=arc_easy", f"data={tmp_path}")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(BadInput, match="has no file of a task; known: arc_challenge_test, "):
        ask("tasks=arc_easy", f"data={empty}")


def journal(folder):
    return list((folder / "evals").glob("step-000007-*.jsonl"))


def test_what_was_scored_is_not_asked_again(ask, lk, run_folder, capsys):
    ask(NAMES)
    [path] = journal(run_folder)
    before = path.read_bytes()
    path.write_bytes(before[:-20])
    ask(NAMES)
    n_lines = before.count(b"\n")
    assert f"{path} has {n_lines - 1} answers; they are not asked again" in capsys.readouterr().err
    lines = path.read_bytes().splitlines()
    assert len(lines) == n_lines + 1, "the one that was cut off, and it anew"
    assert lines[-1] == before.splitlines()[-1]
    values = lk.sql(
        "select count(distinct value) from evals group by task, metric having count(*) = 2"
    ).fetchall()
    assert values == [(1,)] * 6


def test_a_killed_evaluation_goes_on(lk, run_folder, data):
    """SIGKILL after the first answers; those lines are never written a second time."""
    words = ["eval", "tasks", str(run_folder), f"data={data}", "tasks=kobest_hellaswag,arc_easy"]
    command = [
        sys.executable,
        "-m",
        "kormo_ds.cli.app",
        *words,
        "batch_tokens=1",
        "--lake",
        lk.root,
    ]
    code = "from kormo_ds.cli.app import main; import sys; sys.argv[0] = 'kormo'; main()"
    command[1:3] = ["-c", code]
    job = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        while not (journal(run_folder) and journal(run_folder)[0].stat().st_size):
            assert job.poll() is None, job.stderr.read()
            time.sleep(0.001)
    finally:
        job.send_signal(signal.SIGKILL)
        job.wait()
    assert not lk.exists("evals") or job.returncode == 0
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "answers; they are not asked again" in done.stderr
    found = [json.loads(line)["key"] for line in journal(run_folder)[0].open()]
    assert len(found) == len(set(found)) == 2 * 4 + 3 * 4
    assert lk.dataset("evals").count_rows() == 5
