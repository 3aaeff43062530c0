"""The recipe's steps in one run that is killed and run again: as one that was left alone."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

import lake
from kormo_ds.perplexity import Settings, train
from kormo_ds.steps import STEPS
from kormo_ds.steps.run import run

ROOT = Path(__file__).parents[2]
NAMES = ("clean", "url", "dclm_lines", "extraction", "fineweb2_ko", "perplexity")
# A run that kills itself after its first commit, eight fragments.
DYING = """
import os, signal, sys
import lake, lake.fill
from kormo_ds.steps import STEPS
from kormo_ds.steps.run import run

commit = lake.fill._commit

def dying_commit(*given):
    commit(*given)
    os.kill(os.getpid(), signal.SIGKILL)

lake.fill._commit = dying_commit
model, names = sys.argv[2], sys.argv[3:]
steps = [STEPS[n](**({"model": model} if n == "perplexity" else {})) for n in names]
run(lake.open(sys.argv[1]), steps)
"""
N_FRAGMENTS, N_ROWS = 12, 20
LINES = ["바다는 아침마다 다른 빛깔로 마을을 깨운다.", "댓글 3", "READ MORE", "The sea is blue.",
         "", "", "```\nx\n```", "깨진 \ufffd 글자", "ㅋㅋㅋ", "하나"]  # fmt: skip
URLS = [None, "https://a.kr/xxx", "https://b.kr/글"]


def made(root):
    lk = lake.create(root)
    choice = np.random.default_rng(7)
    for fragment in range(N_FRAGMENTS):
        columns = {
            "doc_id": [f"{fragment}-{row}" for row in range(N_ROWS)],
            "text": ["\n".join(choice.choice(LINES, 12)) for _ in range(N_ROWS)],
            "lang": ["ko", "en"] * (N_ROWS // 2),
            "origin": ["crawled", "curated"] * (N_ROWS // 2),
            "url": [URLS[n] for n in choice.integers(0, 3, N_ROWS)],
        }
        lk.append("documents", pa.table(columns))
    return lk


def test_killed_and_run_again(tmp_path):
    left_alone, killed = made(tmp_path / "alone"), made(tmp_path / "killed")
    query = "select doc_id, lang, text as text_clean from documents"
    train(left_alone, "web", Settings(query=query))
    model = left_alone.path("perplexity", "web")
    steps = [STEPS[name](**({"model": model} if name == "perplexity" else {})) for name in NAMES]
    run(left_alone, steps)
    died = subprocess.run([sys.executable, "-c", DYING, killed.root, model, *NAMES], cwd=ROOT)
    assert died.returncode == -signal.SIGKILL
    again = run(killed, steps)
    assert (again.rows, again.rows_before) == (4 * N_ROWS, 8 * N_ROWS)
    expected, found = (lk.dataset("documents").to_table() for lk in (left_alone, killed))
    assert found.schema.equals(expected.schema, check_metadata=True)
    assert found.equals(expected)
    for name in ("url", "dclm_lines", "extraction", "fineweb2_ko", "perplexity_web"):
        reasons = found.column(f"{name}_reason")
        assert reasons.null_count == 0 and len(reasons.unique()) > 1, name
