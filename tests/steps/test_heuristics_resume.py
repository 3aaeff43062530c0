"""The four heuristic steps in one run, killed at random moments, end as if left alone."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

import lake
from kormo_ds.steps import C4, Clean, FineWeb, GopherQuality, GopherRepetition
from kormo_ds.steps.run import run

ROOT = Path(__file__).parents[2]
STEPS = Clean(), GopherQuality(), GopherRepetition(), C4(), FineWeb()
REASONS = "gopher_quality_reason", "gopher_repetition_reason", "c4_reason", "fineweb_reason"
# Runs the steps and prints how long that took, unless it is killed after so many seconds.
RUN = """
import os, signal, sys, threading, time
import lake
from kormo_ds.steps import C4, Clean, FineWeb, GopherQuality, GopherRepetition
from kormo_ds.steps.run import run

lk = lake.open(sys.argv[1])
if len(sys.argv) > 2:
    threading.Timer(float(sys.argv[2]), os.kill, (os.getpid(), signal.SIGKILL)).start()
start = time.monotonic()
run(lk, [Clean(), GopherQuality(), GopherRepetition(), C4(), FineWeb()])
print(time.monotonic() - start, flush=True)
os._exit(0)
"""
N_FRAGMENTS, N_ROWS, N_KILLS = 48, 30, 6
VOCABULARY = [
    *("바다는", "마을을", "깨운다.", "2024년", "‘인용’은", "…", "#", "\n", "\n\n", "\n- "),
    *("the", "harbour", "wakes", "of", "café", "lorem ipsum", "javascript", "{", "}.", "[1]"),
]


def made(root):
    """A lake of many fragments, with the same texts every time."""
    lk = lake.create(root)
    choice = np.random.default_rng(11)
    for fragment in range(N_FRAGMENTS):
        texts = [
            " ".join(choice.choice(VOCABULARY, choice.integers(0, 400))) for _ in range(N_ROWS)
        ]
        ids = [f"{fragment}-{row}" for row in range(N_ROWS)]
        lk.append("documents", pa.table({"doc_id": ids, "text": texts, "lang": ["ko"] * N_ROWS}))
    return lk


def test_killed_at_random_moments(tmp_path):
    left_alone, killed = made(tmp_path / "alone"), made(tmp_path / "killed")
    command = [sys.executable, "-c", RUN]
    alone = subprocess.run(
        [*command, left_alone.root], cwd=ROOT, capture_output=True, text=True, check=True
    )
    draw = random.Random(int(float(alone.stdout) * 1e6))  # other moments every time
    n_killed = 0
    for _ in range(N_KILLS):
        after = draw.uniform(0.1, 0.8) * float(alone.stdout)
        code = subprocess.run([*command, killed.root, str(after)], cwd=ROOT).returncode
        assert code in (0, -signal.SIGKILL)
        n_killed += code == -signal.SIGKILL
        dataset = killed.dataset("documents")
        there = {name: dataset.count_rows(f"{name} is not null") for name in REASONS if
                 name in dataset.schema.names}  # fmt: skip
        assert len(set(there.values())) <= 1, "a fragment has the columns of all steps or of none"
    assert n_killed
    run(killed, STEPS)

    expected, found = (lk.dataset("documents").to_table() for lk in (left_alone, killed))
    assert found.schema.equals(expected.schema, check_metadata=True)
    assert found.equals(expected)
    for name in REASONS:
        assert found.column(name).null_count == 0
        assert len(found.column(name).unique()) > 1
