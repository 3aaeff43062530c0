"""Two language models behind real OpenAI-compatible servers, once for all workers of a session."""

import fcntl
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ENVIRONMENT
from tests.generate.endpoint import Faulty, running
from tests.generate.planned import plan_file, seeds_of

__all__ = ["faulty", "faulty_model", "plan_file", "seeds_of", "servers"]

SECONDS_TO_START = 120


@dataclass(frozen=True)
class Server:
    """`transformers serve` on a model that this project has trained and exported."""

    url: str
    """Where its API begins: http://127.0.0.1:PORT/v1."""
    model: str
    folder: Path
    """The exported model."""


@pytest.fixture(scope="session")
def servers(tmp_path_factory) -> list[Server]:
    """Two servers, of a model that knows its sentences less well, and of a later checkpoint of it.

    Under pytest-xdist the first worker that asks trains and starts them (25 s); they end with the
    session, not with the worker.
    """
    base, session = tmp_path_factory.getbasetemp(), os.getpid()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base, session = base.parent, os.getppid()
    folder = base / "servers"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        there = folder / "servers.json"
        if not there.exists():
            there.write_text(json.dumps(_start(folder, session)))
        entries = json.loads(there.read_text())
    return [Server(entry["url"], entry["model"], Path(entry["folder"])) for entry in entries]


@pytest.fixture(scope="session")
def _alone() -> Iterator[Faulty]:
    with running() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def _before_a_model(servers) -> Iterator[Faulty]:
    with running(servers[1].url.removesuffix("/v1")) as endpoint:
        yield endpoint


@pytest.fixture
def faulty(_alone) -> Faulty:
    """An endpoint that answers any number of requests at once, and fails as it is told to."""
    _alone.reset()
    return _alone


@pytest.fixture
def faulty_model(_before_a_model) -> Faulty:
    """The same before the second of `servers`; `model` must be its name."""
    _before_a_model.reset()
    return _before_a_model


def _start(folder: Path, session: int) -> list[dict[str, str]]:
    from kormo_ds.train import port
    from tests.generate import talk

    models = talk.export(folder)
    ports = [port.free() for _ in models]
    commands = [
        ["transformers", "serve", model.name, "--device=cpu", "--host=127.0.0.1", f"--port={at}"]
        for model, at in zip(models, ports, strict=True)
    ]
    keeping = [sys.executable, str(Path(__file__).with_name("keeper.py"))]
    keeper = subprocess.Popen(
        [*keeping, str(session), json.dumps(commands)],
        cwd=folder,
        env=ENVIRONMENT | {"HF_HUB_OFFLINE": "1"},
        start_new_session=True,
    )
    for at in ports:
        _await_health(at, keeper, folder)
    return [
        {"url": f"http://127.0.0.1:{at}/v1", "model": model.name, "folder": str(model)}
        for model, at in zip(models, ports, strict=True)
    ]


def _await_health(at: int, keeper: subprocess.Popen, folder: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{at}/health", timeout=20):
                return
        except OSError:
            time.sleep(0.05)
        if keeper.poll() is not None:
            break
    said = "\n".join(log.read_text() for log in sorted(folder.glob("server-*.log")))
    raise AssertionError(f"no server answers on port {at}:\n{said}")
