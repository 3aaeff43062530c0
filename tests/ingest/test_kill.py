"""Killed in the middle, then run again: the lake is as if nothing had happened."""

import json
import signal
import subprocess
import sys

import pytest

import lake
from kormo_ds.ingest import Source, ingest

# An ingest that kills itself before or after its n-th commit of documents.
DYING = """
import os, signal, sys
import lake
from kormo_ds.ingest import Source, ingest

path, root, where, at = sys.argv[1:]
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
ingest(lake.create(root), [Source(path=path, lang="ko", source="test", origin="crawled",
    chunk_rows=50)])
"""
N_ROWS, N_BROKEN = 700, 100


@pytest.fixture
def path(tmp_path):
    """One row in seven is broken."""
    lines = [
        json.dumps({"text": f"문서 {i} " * 50}) if i % 7 else f"broken {i}" for i in range(N_ROWS)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    return tmp_path / "a.jsonl"


def content(lk):
    documents = lk.dataset("documents").to_table().drop_columns(["ingest_run"])
    rejects = lk.dataset("rejects").to_table().drop_columns(["ingest_run"])
    return documents, rejects


@pytest.mark.parametrize(
    ("where", "at", "kept", "rejects_kept"),
    [("before", 1, 0, 8), ("before", 3, 85, 22), ("after", 3, 128, 22), ("after", 14, 600, 100)],
)
def test_a_killed_ingest_keeps_what_it_committed_and_a_repeat_adds_the_rest(
    tmp_path, path, where, at, kept, rejects_kept
):
    source = Source(path=str(path), lang="ko", source="test", origin="crawled", chunk_rows=50)
    undisturbed = lake.create(tmp_path / "undisturbed")
    ingest(undisturbed, [source])

    root = tmp_path / "killed"
    killed = subprocess.run([sys.executable, "-c", DYING, str(path), str(root), where, str(at)])
    assert killed.returncode == -signal.SIGKILL

    lk = lake.open(root)
    held = {name: lk.dataset(name).count_rows() for name in lk.tables()}
    assert held == {"rejects": rejects_kept} | ({"documents": kept} if kept else {})
    done = ingest(lk, [source])
    assert (done.n_read, done.n_present, done.n_rejected) == (N_ROWS, kept, N_BROKEN)
    assert content(lk) == content(undisturbed)
