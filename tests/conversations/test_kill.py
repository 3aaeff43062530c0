"""Killed in the middle, then run again: the lake is as if nothing had happened."""

import signal
import subprocess
import sys

import pytest

import lake
from kormo_ds.conversations import Settings, make

# Makes variants ten a commit, and kills itself before or after its n-th commit of documents.
DYING = """
import os, signal, sys
import lake
from kormo_ds.conversations import run
from kormo_ds.conversations import Settings

root, where, at = sys.argv[1:]
append, n = lake.Lake.append, 0

def dying_append(self, name, rows, *rest):
    global n
    n += name == "documents"
    if (name, where, n) == ("documents", "before", int(at)):
        os.kill(os.getpid(), signal.SIGKILL)
    added = append(self, name, rows, *rest)
    if (name, where, n) == ("documents", "after", int(at)):
        os.kill(os.getpid(), signal.SIGKILL)
    return added

lake.Lake.append = dying_append
run.CHUNK_ROWS = 10
run.make(lake.open(root), Settings())
"""
GIVEN = {
    f"{i}": ("ko", [{"role": "user", "content": f"{i}?"},
                    {"role": "assistant", "content": f"{i}.", "reasoning": "r"}])
    for i in range(30)
}  # fmt: skip


def content(lk):
    documents = lk.dataset("documents").to_table().drop_columns(["ingest_run"])
    runs = [run["n_read"] for run in lk.dataset("ingests").to_table().to_pylist()]
    return documents, runs


@pytest.mark.parametrize(
    ("where", "at", "kept"),
    [("before", 1, 0), ("before", 3, 20), ("after", 4, 40), ("after", 6, 60)],
)
def test_killed_variants_are_kept_by_commits_and_a_repeat_makes_the_rest(
    filled, tmp_path, where, at, kept
):
    undisturbed = filled("undisturbed", GIVEN)
    make(undisturbed, Settings())

    filled("killed", GIVEN)
    root = tmp_path / "killed"
    killed = subprocess.run([sys.executable, "-c", DYING, str(root), where, str(at)])
    assert killed.returncode == -signal.SIGKILL

    lk = lake.open(root)
    assert lk.dataset("documents").count_rows() == 31 + kept
    done = make(lk, Settings())
    assert (done.drawn.total(), done.n_present) == (60, kept)
    assert content(lk) == content(undisturbed)
