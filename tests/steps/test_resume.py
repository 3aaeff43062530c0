"""A run killed in the middle goes on, and ends as one that was left alone."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

import lake
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.language import Language
from kormo_ds.steps.length import Length
from kormo_ds.steps.run import run

ROOT = Path(__file__).parents[2]
# A run that kills itself after its first commit, eight fragments.
DYING = """
import os, signal, sys
import lake, lake.fill
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.language import Language
from kormo_ds.steps.length import Length
from kormo_ds.steps.run import run

commit = lake.fill._commit

def dying_commit(*given):
    commit(*given)
    os.kill(os.getpid(), signal.SIGKILL)

lake.fill._commit = dying_commit
run(lake.open(sys.argv[1]), [Clean(), Length(), Language()])
"""
N_FRAGMENTS, N_ROWS = 24, 40
VOCABULARY = ["모델을", "학습하는", "데이터를", "the", "model", "café", "&amp;", "2024년", "‘인용’"]


def made(root):
    """A lake of many fragments, with the same texts every time."""
    lk = lake.create(root)
    choice = np.random.default_rng(7)
    for fragment in range(N_FRAGMENTS):
        texts = [" ".join(choice.choice(VOCABULARY, 150)) for _ in range(N_ROWS)]
        ids = [f"{fragment}-{row}" for row in range(N_ROWS)]
        lk.append("documents", pa.table({"doc_id": ids, "text": texts, "lang": ["ko"] * N_ROWS}))
    return lk


def test_killed_and_run_again(tmp_path):
    left_alone, killed = made(tmp_path / "alone"), made(tmp_path / "killed")
    done = run(left_alone, [Clean(), Length(), Language()])
    assert (done.rows, done.rows_before) == (N_FRAGMENTS * N_ROWS, 0)

    died = subprocess.run([sys.executable, "-c", DYING, killed.root], cwd=ROOT)
    assert died.returncode == -signal.SIGKILL
    n_computed = killed.dataset("documents").count_rows("lang_reason is not null")
    assert n_computed == 8 * N_ROWS
    again = run(killed, [Clean(), Length(), Language()])
    assert (again.rows, again.rows_before) == (N_FRAGMENTS * N_ROWS - n_computed, n_computed)

    expected, found = (lk.dataset("documents").to_table() for lk in (left_alone, killed))
    assert found.schema.equals(expected.schema, check_metadata=True)
    assert found.equals(expected)
    assert found.column("lang_reason").null_count == 0
