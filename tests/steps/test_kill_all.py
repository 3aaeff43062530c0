"""All steps that need no model of the user's, killed ten times at random moments in one lake."""

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
from kormo_ds.steps import STEPS
from kormo_ds.steps.run import run

ROOT = Path(__file__).parents[2]
NEED_A_MODEL = ("n_tokens", "perplexity", "quality", "toxicity", "contamination")
"""Steps of models, tokenizers or evaluation sets; each has a kill test of its own."""
NAMES = [name for name in STEPS if name not in NEED_A_MODEL]
# Slow commits of one fragment, so that kills fall before, in and after them.
WORK = """
import sys, time
import lake, lake.fill
from kormo_ds.steps import STEPS
from kormo_ds.steps.run import run
commit, fill = lake.fill._commit, lake.Lake.fill
def slow(*given):
    time.sleep(0.03)
    done = commit(*given)
    print("committed", flush=True)
    time.sleep(0.03)
    return done
lake.fill._commit = slow
lake.Lake.fill = lambda self, *given, **more: fill(self, *given, commit_every=1, **more)
run(lake.open(sys.argv[1]), [STEPS[name]() for name in sys.argv[2:]])
"""
N_FRAGMENTS, N_ROWS = 60, 12
WORDS = ["모델을", "학습하는", "데이터를", "the", "model", "2024년", "‘인용’", "&amp;", "a@b.kr"]
WORDS += ["010-1234-5678", "ㅋㅋㅋ", "조회 12", "#42", "…", "it", "is\n"]


def made(root):
    """A lake of many fragments in two languages, the same every time."""
    lk = lake.create(root)
    choice = np.random.default_rng(3)
    for fragment in range(N_FRAGMENTS):
        texts = ["".join(f"{w} " for w in choice.choice(WORDS, 120)) for _ in range(N_ROWS)]
        columns = {
            "doc_id": [f"{fragment}-{row}" for row in range(N_ROWS)],
            "text": texts,
            "lang": ["ko", "en"] * (N_ROWS // 2),
            "url": ["https://example.org/a", None] * (N_ROWS // 2),
            "origin": ["crawled", "curated", "crawled"] * (N_ROWS // 3),
        }
        lk.append("documents", pa.table(columns))
    return lk


@pytest.mark.timeout(600)
def test_killed_ten_times(tmp_path):
    alone, killed = made(tmp_path / "alone"), made(tmp_path / "killed")
    run(alone, [STEPS[name]() for name in NAMES])
    moment, states = np.random.default_rng(int(time.time())), []
    for _ in range(10):
        words = [sys.executable, "-c", WORK, killed.root, *NAMES]
        job = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE)
        assert job.stdout.readline() == b"committed\n"
        time.sleep(moment.uniform(0.0, 0.3))
        assert job.poll() is None, "it was killed before it ended"
        os.kill(job.pid, signal.SIGKILL)
        job.wait()
        names = killed.dataset().schema.names
        done = killed.dataset().count_rows("url_reason is not null") if "url_reason" in names else 0
        states.append(done)
    assert len(set(states)) > 2, f"kills fell at different moments, not {states}"
    assert states == sorted(states) and states[-1] < N_FRAGMENTS * N_ROWS
    run(killed, [STEPS[name]() for name in NAMES])
    expected, found = (lk.dataset().to_table() for lk in (alone, killed))
    assert found.schema.equals(expected.schema, check_metadata=True)
    assert found.equals(expected)
    for name in NAMES:
        column = STEPS[name]().writes[-1].name
        assert found[column].null_count == 0, column
