"""Killed in the middle, then run again: the lake is as if nothing had happened."""

import json
import subprocess
import sys
import time

import pytest

import lake
from kormo_ds.ingest import Source, ingest

INGEST = """
import sys
import lake
from kormo_ds.ingest import Source, ingest
ingest(lake.create(sys.argv[2]), [Source(path=sys.argv[1], lang="ko", source="test",
    origin="crawled", chunk_rows=50)])
"""
N_ROWS = 5_000


@pytest.fixture
def path(tmp_path):
    lines = [
        json.dumps({"text": f"문서 {i} " * 50}) if i % 7 else f"broken {i}" for i in range(N_ROWS)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    return tmp_path / "a.jsonl"


def content(lk):
    documents = lk.dataset("documents").to_table().drop_columns(["ingest_run"])
    rejects = lk.dataset("rejects").to_table().drop_columns(["ingest_run"])
    return documents, rejects


@pytest.mark.parametrize("wait_for", [3, 20])
def test_a_killed_ingest_keeps_what_it_committed_and_a_repeat_adds_the_rest(
    tmp_path, path, wait_for
):
    source = Source(path=str(path), lang="ko", source="test", origin="crawled", chunk_rows=50)
    undisturbed = lake.create(tmp_path / "undisturbed")
    ingest(undisturbed, [source])

    root = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-c", INGEST, str(path), str(root)])
    manifests = root / "documents.lance" / "_versions"
    while not manifests.exists() or len(list(manifests.iterdir())) < wait_for:
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.002)
    process.kill()
    assert process.wait() == -9

    lk = lake.open(root)
    kept = lk.dataset("documents").count_rows()
    assert 0 < kept < N_ROWS * 6 // 7 - 50
    assert not lk.exists("ingests")
    done = ingest(lk, [source])
    n_broken = -(-N_ROWS // 7)
    assert (done.n_read, done.n_present, done.n_rejected) == (N_ROWS, kept, n_broken)
    assert content(lk) == content(undisturbed)
