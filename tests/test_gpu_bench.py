"""bench/gpu_train.py has no GPU here: its cases run on a CPU, and its rows are what they say."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

BENCH = Path(__file__).resolve().parents[1] / "bench"


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCH))
    import gpu_train

    return gpu_train


def test_without_a_gpu_it_says_so_and_ends_well(run):
    done = run([sys.executable, str(BENCH / "gpu_train.py")], BENCH.parent)
    told = "not run, as it needs a CUDA GPU; --tiny runs the same cases on a CPU\n"
    assert (done.returncode, done.stdout) == (0, told) or "CUDA" in done.stderr


def test_every_case_runs_on_a_cpu_or_says_why_not(run, monkeypatch, tmp_path):
    command = ["env", f"KORMO_PEERS={tmp_path}", sys.executable, str(BENCH / "gpu_train.py")]
    done = subprocess.run([*command, "--tiny"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    cases = {case.pop("case"): case for case in json.loads(done.stdout)["cases"]}
    cuda = {"error": "it has kernels for cuda only, this is cpu"}
    for size in ("tiny, rows of 128", "tiny slice, 1 layers, rows of 512"):
        assert cases[f"{size}, xformers"] == cases[f"{size}, torch_varlen"] == cuda
        for kind in ("sdpa", "causal"):
            told = cases[f"{size}, {kind}"]
            assert set(told) == {"seconds", "tokens_per_s", "mfu_palm", "mfu_documents", "rss_gib"}
            assert 0 < told["mfu_documents"] < told["mfu_palm"]
    assert len(cases) == 10


def test_rows_are_whole_and_hold_documents_of_the_histogram(bench):
    rows = bench.lengths(np.random.default_rng(0), 4096, 2000, [])
    assert [int(row.sum()) for row in rows] == [4096] * 2000
    sizes = np.concatenate(rows)
    assert 4 < len(sizes) / 2000 < 5.5 and sizes.min() >= 1  # 4,096 / 1,115, and one cut a row
    counts = bench.DOCUMENTS
    assert sum(counts.values()) == 85_052


def test_lengths_of_real_rows_are_taken_in_their_order(bench, tmp_path):
    import pyarrow as pa

    from kormo_ds.sequences.schema import Pieces, batch
    from kormo_ds.sequences.write import Writer

    names = pa.array(["a", "b"])
    pieces = Pieces(
        rows=np.zeros(2, np.int64),
        lengths=np.array([20, 12], np.int32),
        doc_ids=names,
        offsets=np.zeros(2, np.int32),
        components=names,
        languages=names,
    )
    writer = Writer(str(tmp_path / "one"), 32, {"fingerprint": "x", "command": "kormo pack"})
    writer.append([(batch(np.zeros((1, 32), np.int32), pieces), {})])
    writer.finish({})
    rows = bench.lengths(np.random.default_rng(0), 48, 2, [str(tmp_path / "one")])
    assert [row.tolist() for row in rows] == [[20, 12, 16], [4, 12, 20, 12]]
