"""Killed by a real SIGKILL, at every commit and at moments of chance: the columns are the same."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import lake
from kormo_ds.dedup import METHODS
from kormo_ds.dedup.run import run

ROOT = Path(__file__).parents[2]
N_PARTS = 24
# A run that kills itself after the n-th commit of a process, of sketches or of verdicts.
DYING = """
import os, signal, sys
import lake, lake.fill
from kormo_ds.dedup import METHODS
from kormo_ds.dedup.run import run

commit, left = lake.fill._commit, int(sys.argv[3])

def dying_commit(*given):
    global left
    version = commit(*given)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return version

lake.fill._commit = dying_commit
run(lake.open(sys.argv[1]), METHODS[sys.argv[2]]())
"""


@pytest.fixture
def parts(article):
    """24 fragments in which each document has copies, some changed a little, in other fragments."""
    draw = random.Random(11)
    texts = [article(f"d{n % 90}", replaced=draw.choice([0, 0, 0, 2])) for n in range(N_PARTS * 10)]
    draw.shuffle(texts)
    ids = [f"{draw.getrandbits(64):016x}" for _ in texts]
    pairs = list(zip(ids, texts, strict=True))
    return [dict(pairs[part::N_PARTS]) for part in range(N_PARTS)]


def table(lk, name):
    return lk.dataset("documents").to_table(
        ["doc_id", f"{name}_sketch", *(column.name for column in METHODS[name].columns)]
    )


@pytest.mark.parametrize("name", METHODS)
def test_killed_at_every_commit(lake_of, parts, name):
    alone, killed = lake_of(*parts, name="alone"), lake_of(*parts, name="killed")
    run(alone, METHODS[name]())
    reason = f"{name}_reason"
    seen = []
    for n in (1, 1, 2, 1):  # three commits of sketches, three of verdicts
        died = subprocess.run([sys.executable, "-c", DYING, killed.root, name, str(n)], cwd=ROOT)
        assert died.returncode == -signal.SIGKILL
        columns = killed.schema().names
        seen.append(
            killed.dataset().count_rows(f"{reason} is not null") if reason in columns else 0
        )
    assert seen == [0, 0, 80, 160]
    assert run(killed, METHODS[name]()).rows == 80
    assert table(killed, name).equals(table(alone, name))


def test_killed_at_moments_of_chance(lake_of, parts):
    alone, killed = lake_of(*parts, name="alone"), lake_of(*parts, name="killed")
    run(alone, METHODS["minhash"]())
    kormo = [sys.executable, "-c", "from kormo_ds.cli.app import main; main()"]
    command = [*kormo, "dedup", "minhash", "--lake", killed.root]
    draw, kills, longest = random.Random(1), 0, 2.0
    while True:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + draw.uniform(0.5, longest)
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        process.kill()
        if process.wait() == 0:
            break
        assert process.returncode == -signal.SIGKILL
        kills, longest = kills + 1, longest * 1.3
    assert kills, "it was never killed"
    assert table(killed, "minhash").equals(table(alone, "minhash"))


def test_documents_that_come_after_a_kill_name_keepers_that_are_kept(lake_of, add, article):
    """Half of the verdicts are there when a better document comes: nobody's keeper is replaced."""
    part = {f"{i:02}": article("x") + " more" * (i == 9) for i in range(10)}
    lk = lake_of(*[{doc_id: text} for doc_id, text in part.items()])
    died = subprocess.run([sys.executable, "-c", DYING, lk.root, "minhash", "3"], cwd=ROOT)
    assert died.returncode == -signal.SIGKILL
    assert lk.dataset().count_rows("minhash_dup_of = '09'") == 8
    assert lk.dataset().count_rows("minhash_reason is null") == 2
    add(lk, {"10": article("x") + " more by far"})
    run(lk, METHODS["minhash"]())
    rows = lk.dataset().to_table(["doc_id", "minhash_dup_of"]).to_pylist()
    assert {row["minhash_dup_of"] for row in rows if row["doc_id"] != "09"} == {"09"}
    assert lk.dataset().count_rows("doc_id = '09' and minhash_reason = 'kept'") == 1
    assert isinstance(lk, lake.Lake)
