"""The ladder on the demo's lake: killed while it trains, run again, and once more."""

import os
import re
import signal
import subprocess
import time

import pytest

import lake
from kormo_ds.cli.ladder import RUNGS, Settings
from kormo_ds.compose import load_run
from kormo_ds.train.batches import plan
from tests.conftest import ENVIRONMENT

LADDER = ("kormo", "ladder", "--input", "own", "vocab_size=512", "length=128", "long_length=1024")
LADDER += ("long_tokens=1000", "questions=24", "needles=false", "train.steps=2")
LADDER += ("train.tokens_per_step=2048", "train.micro_batch_rows=1", "checkpoint.every=1")


@pytest.mark.timeout(1200)
def test_all_rungs_after_a_kill(demo, copy, run, tmp_path):
    folder = copy(demo, tmp_path)
    with (folder / "killed.txt").open("w") as said:
        process = subprocess.Popen(
            LADDER, cwd=folder, env=ENVIRONMENT, stdout=said, stderr=said, start_new_session=True
        )
        until = time.monotonic() + 400
        while not list(
            folder.glob("data/runs/ladder_stage2/checkpoints/step-000001/manifest.json")
        ):
            assert process.poll() is None and time.monotonic() < until, said.name
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    done = run(LADDER, folder, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "step-000002 is evaluated already" in done.stdout, "of stage 1"
    assert "sequences ladder_stage2 are there already" in done.stdout
    shown = re.findall(r"^(\w+) +2 +4,096 +\S+ +(\S+) +(\S+) +(\S+) +(\S+)", done.stdout, re.M)
    assert [row[0] for row in shown] == list(RUNGS)
    assert all(0 < float(number) < 20 for row in shown for number in row[1:])
    lk = lake.open(folder / "data/lake")
    runs = lk.sql("select run from runs where run like 'ladder%' order by created_at").fetchall()
    assert [run for (run,) in runs] == [f"ladder_{rung}" for rung in RUNGS]
    tasks = lk.sql("select distinct task from evals where run like 'ladder%'").fetchall()
    assert len(tasks) == 1, "all rungs are measured on the same documents"
    chain = run(["kormo", "lineage", "data/runs/ladder_sft"], folder).stdout
    assert all(f"ladder_{rung}" in chain for rung in RUNGS), chain

    before = lk.dataset("evals").count_rows(), lk.version()
    again = run(LADDER, folder, timeout=400)
    assert again.returncode == 0, again.stderr
    assert (
        again.stdout[again.stdout.rindex("rung ") :] == done.stdout[done.stdout.rindex("rung ") :]
    )
    assert (lk.dataset("evals").count_rows(), lake.open(folder / "data/lake").version()) == before


@pytest.mark.parametrize("rung", RUNGS)
def test_shipped_numbers_fit_two_processes(rung):
    run, settings = load_run(f"ladder_{rung}"), Settings()
    is_short = rung in ("stage1", "stage2")
    length = settings.length if is_short else settings.long_length
    assert plan(run.train, length, 2).tokens(run.train.steps) == 4096 * run.train.steps
    before = RUNGS[: RUNGS.index(rung)][-1:]
    assert run.handover.run == "".join(f"ladder_{name}" for name in before)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["own"], "'own' is not a setting; own documents are given by --input DIR"),
        (["--input", "gone"], "--input gone is not a folder"),
        (["questions=many"], "questions: Value 'many'"),
    ],
)
def test_words_that_it_refuses(tmp_path, run, words, message):
    done = run(["kormo", "ladder", *words], tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
