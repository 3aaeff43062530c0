"""Killed while it asks and while it writes, then run again: as if nothing had happened."""

import multiprocessing
import os
import random
import signal
import time
from dataclasses import dataclass

import pytest

import lake
from kormo_ds.generate.translate import run
from tests.generate.translate.given import documents, translate

N = 40


@dataclass(frozen=True)
class Server:
    """What `translate` needs of one."""

    url: str


def dying(root, url, where, at):
    """The whole command; before or after its commit number `at` of documents it kills itself."""
    run.CHUNK_ROWS = 10
    append, n = lake.Lake.append, 0

    def dying_append(self, name, rows, *rest):
        nonlocal n
        n += name == "documents"
        if (name, where, n) == ("documents", "before", at):
            os.kill(os.getpid(), signal.SIGKILL)
        added = append(self, name, rows, *rest)
        if (name, where, n) == ("documents", "after", at):
            os.kill(os.getpid(), signal.SIGKILL)
        return added

    lake.Lake.append = dying_append
    translate(lake.open(root), Server(url), in_flight=4, piece=200)


def fill(lk):
    """Documents of one and of two pieces; one in eight has nothing to translate."""
    texts = {f"d{i}": f"Text {i}.\n\n{'x' * 190} {i % 5}." for i in range(N)}
    documents(lk, **texts | {f"d{i}": "1 2 3" for i in range(0, N, 8)})


def content(lk):
    found = [lk.dataset(name).to_table() for name in ("documents", "rejects")]
    return [table.drop_columns(["ingest_run"]) for table in found]


def start(lk, faulty, where="never", at=0):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["kormo_ds.generate.translate.run", "openai"])
    job = context.Process(target=dying, args=(lk.root, faulty.url, where, at))
    job.start()
    return job


@pytest.fixture
def undisturbed(tmp_path, faulty):
    lk = lake.create(tmp_path / "undisturbed")
    fill(lk)
    translate(lk, faulty, piece=200)
    return content(lk)


@pytest.mark.parametrize(
    ("where", "at", "kept"), [("before", 1, 0), ("after", 2, 18), ("after", 4, 35)]
)
def test_killed_while_it_writes(lk, faulty, undisturbed, where, at, kept):
    fill(lk)
    job = start(lk, faulty, where, at)
    job.join()
    assert job.exitcode == -signal.SIGKILL
    assert lk.dataset().count_rows("origin = 'translated'") == kept
    asked = faulty.counts()["requests"]
    done = translate(lk, faulty, piece=200)
    assert faulty.counts()["requests"] == asked, "nothing is asked twice"
    assert (done.n_read, done.n_present, done.n_added) == (N, kept, 35 - kept)
    assert content(lk) == undisturbed


def test_killed_while_it_asks(lk, faulty, undisturbed):
    fill(lk)
    faulty.reset()
    faulty.faults({"fault": "slow", "seconds": 0.1})
    drawn = random.Random(3)
    for _ in range(2):
        before = faulty.counts()["requests"]
        job = start(lk, faulty)
        until = before + drawn.randint(2, 12)
        while faulty.counts()["requests"] < until:
            assert job.is_alive(), "it was done before it was killed"
            time.sleep(0.005)
        job.kill()
        job.join()
    assert lk.dataset().count_rows("origin = 'translated'") == 0
    translate(lk, faulty, piece=200)
    assert content(lk) == undisturbed
