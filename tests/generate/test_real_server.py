"""A real model behind a real server, of which the server and the client are killed in mid-work."""

import json
import multiprocessing
import os
import signal
import subprocess
import time
import urllib.request
from collections import Counter
from contextlib import contextmanager

import lake
from kormo_ds.generate import journal
from kormo_ds.generate.answers import answered
from kormo_ds.generate.client import ask
from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.request import Request, Sampling
from kormo_ds.train import port
from tests.conftest import ENVIRONMENT
from tests.sample import ENGLISH, KOREAN

N = 36


def requests():
    sampling = Sampling(temperature=0.9, max_tokens=32)
    starts = [" ".join(sentence.split()[:2]) for sentence in [*KOREAN, *ENGLISH]]
    for i in range(N):
        yield Request((("user", starts[i % len(starts)]),), sampling, "go_on@1", f"{i:032x}", i)


def put(root, endpoint):
    work = {endpoint.name: requests}
    (asked,) = ask(lake.open(root), {endpoint.name: endpoint}, work, "test")
    return asked


def reported(root, endpoint, path):
    """`put` in a process of its own, which tells what came of it."""
    asked = put(root, endpoint)
    path.write_text(json.dumps([asked.n_answered, asked.n_failed, dict(asked.errors)]))


def lines_of(path):
    try:
        return path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:  # it was committed in this moment
        return []


def in_journal(lk):
    """Runs that the journal has whole rows of, with their number."""
    lines = [line for path in journal.folder(lk).glob("0*.jsonl") for line in lines_of(path)]
    return Counter(json.loads(line)["run"] for line in lines if line.endswith(b"\n"))


def four_of_a_run(lk, but=()):
    return lambda: any(n >= 4 for run, n in in_journal(lk).items() if run not in but)


@contextmanager
def serving(server, at):
    words = ["transformers", "serve", server.folder.name, "--device=cpu", f"--port={at}"]
    process = subprocess.Popen(
        words,
        cwd=server.folder.parent,
        env=ENVIRONMENT | {"HF_HUB_OFFLINE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(there, seconds=120):
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end
        time.sleep(0.01)


def healthy(at):
    def there():
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{at}/health", timeout=5):
                return True
        except OSError:
            return False

    return there


def test_server_and_client_are_killed_and_nothing_is_lost(servers, tmp_path):
    lk, at = lake.create(tmp_path / "lake"), port.free()
    endpoint = Endpoint("real", f"http://127.0.0.1:{at}/v1", servers[0].model, in_flight=4)
    report = tmp_path / "report.json"
    context = multiprocessing.get_context("spawn")

    with serving(servers[0], at) as first:
        until(healthy(at))
        client = context.Process(target=reported, args=(lk.root, endpoint, report))
        client.start()
        until(four_of_a_run(lk))
        os.kill(client.pid, signal.SIGKILL)
        client.join()
        left = in_journal(lk)

        client = context.Process(target=reported, args=(lk.root, endpoint, report))
        client.start()
        until(four_of_a_run(lk, but=left))
        os.kill(first.pid, signal.SIGKILL)
    with serving(servers[0], at):
        client.join(240)
    n_answered, n_failed, errors = json.loads(report.read_text())
    assert 4 <= n_answered < N and n_failed == 0
    assert set(errors) == {"broken", "unreachable"}, "the server's end, and its absence"

    again = put(lk.root, endpoint)
    assert (again.n_settled, again.n_answered) == (N, 0)
    counts = lk.sql(
        "select error, count(distinct request_id), count(*) from generations group by all"
    ).fetchall()
    assert ("", N, N) in counts
    assert {error for error, *_ in counts} <= {"", "broken", "interrupted"}
    texts = [answer.text for _, answer in answered(lk, endpoint, requests())]
    assert any(text.strip() in {*KOREAN, *ENGLISH} for text in texts), "it says what it has learned"
