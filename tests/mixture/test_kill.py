"""A run killed at any point leaves no mixture, and the next run is not misled by what it left."""

import signal
import subprocess
import sys

import pytest

import lake
from kormo_ds import mixture, recorded

# Argument 1: the lake's root; 2: before which write the process kills itself.
KILLED = """
import os, signal, sys
import lake
from kormo_ds import mixture

root, before = sys.argv[1:]
lk = lake.open(root)

def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

if before == "rows are committed":
    advance = kill
else:
    advance = lambda n=1, *, total=None: None
    append = lk.append
    table = {"totals": "mixture_totals", "the record": "mixtures"}[before]
    lk.append = lambda name, rows: kill() if name == table else append(name, rows)
mixture.run(lk, lake.Query.read("sql/mixtures/demo.sql"), {"seed": 1}, advance)
"""


@pytest.mark.parametrize("before", ["rows are committed", "totals", "the record"])
def test_a_killed_run_leaves_no_mixture(lk, before):
    killed = subprocess.run([sys.executable, "-c", KILLED, lk.root, before], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert recorded.mixtures(lk) == []
    assert lk.sql("select count(*) from recorded_totals").fetchall() == [(0,)]

    asked = lake.Query.read("sql/mixtures/demo.sql")
    made = mixture.run(lk, asked, {"seed": 7}).mixture  # other rows than the killed run's
    assert made.name == "demo@1"
    assert lk.tags("documents") == {"mixture-demo-1": 1}
    totals = lk.sql("select sum(n_documents), count(*) from mixture_totals")
    assert totals.fetchall() == [(5, 3)]
    mixture.verify(lk, made)
