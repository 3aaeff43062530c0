"""A run killed at random moments and started again gives the columns of one left alone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import lake
from kormo_ds.dedup.bff import COLUMNS, Settings
from kormo_ds.dedup.run_bff import run

ROOT = Path(__file__).parents[2]
# Commits and saves often, so that kills fall between the two; slow, so that there is a between.
WORK = """
import sys, time
import lake, lake.fill
from kormo_ds.dedup import run_bff
from kormo_ds.dedup.bff import Settings
run_bff.SECONDS_PER_SAVE = 0.0
commit = lake.fill._commit
def slow(*given):
    time.sleep(0.02)
    done = commit(*given)
    time.sleep(0.02)
    return done
lake.fill._commit = slow
fill = lake.Lake.fill
def ready(self, *given, **more):
    print("ready", flush=True)
    return fill(self, *given, commit_every=1, **more)
lake.Lake.fill = ready
run_bff.run(lake.open(sys.argv[1]), Settings(mode=sys.argv[2], min_ngram=5, max_ngram=5))
"""
N_FRAGMENTS, N_ROWS = 30, 20


def made(root):
    lk = lake.create(root)
    choice = np.random.default_rng(11)
    lines = [" ".join(choice.choice([f"낱말{i}" for i in range(200)], 12)) for _ in range(900)]
    for fragment in range(N_FRAGMENTS):
        texts = ["\n".join(choice.choice(lines, 4)) for _ in range(N_ROWS)]
        ids = [f"{fragment}-{row}" for row in range(N_ROWS)]
        lk.append("documents", pa.table({"doc_id": ids, "text": texts}))
    return lk


@pytest.mark.parametrize("mode", ["old-both", "keep_one"])
def test_killed_ten_times(tmp_path, mode):
    alone, killed = made(tmp_path / "alone"), made(tmp_path / "killed")
    expected = run(alone, Settings(mode=mode, min_ngram=5, max_ngram=5))
    moment = np.random.default_rng(int(time.time()))
    kills, states = 0, set()
    while kills < 10:
        job = subprocess.Popen(
            [sys.executable, "-c", WORK, killed.root, mode], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert job.stdout.readline() == b"ready\n"
        time.sleep(moment.uniform(0.0, 0.25))
        if job.poll() is not None:
            assert job.returncode == 0
            break
        os.kill(job.pid, signal.SIGKILL)
        job.wait()
        kills += 1
        names = killed.dataset().schema.names
        if "bff_reason" in names:
            states.add(killed.dataset().count_rows("bff_reason is not null"))
    assert len(states) > 2, "kills fell at different moments"
    last = run(killed, Settings(mode=mode, min_ngram=5, max_ngram=5))
    assert last.seen.rows == N_FRAGMENTS * N_ROWS
    columns = ["doc_id", *COLUMNS]
    found = killed.dataset().to_table(columns)
    assert found.equals(alone.dataset().to_table(columns))
    assert last.seen.n_added == expected.seen.n_added
    assert np.array_equal(last.seen.words, expected.seen.words)
    assert found["bff_contained"].to_numpy().sum() > 0
