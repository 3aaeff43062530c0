"""Two language models behind real OpenAI-compatible servers; an endpoint that fails; seeds."""

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

import pyarrow as pa
import pytest

import lake
from tests.conftest import ENVIRONMENT
from tests.generate.endpoint import Faulty, running

SECONDS_TO_START = 120
SEEDS = """\
-- Every document of people.
-- One row per document.
-- param seed  BIGINT = 1   order of documents
select
    doc_id,
    text,
    lang,
    source,
    kind as topic,
    md5(doc_id || $seed) as sort_key
from documents
where synthesizer is null
"""
PROMPT = """\
---
id: {id}
version: 1
language: {language}
style: {style}
purpose: a test
{more}---
{body}
"""


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


def prompt(folder, id, body, language="ko", style="글", more=""):
    """Write a prompt file."""
    path = folder / f"{id}.md"
    path.write_text(PROMPT.format(**locals()), encoding="utf-8")
    return path


@pytest.fixture(name="prompt")
def prompt_fixture():
    return prompt


@pytest.fixture
def seeds_of(tmp_path):
    """A lake with n documents 0000…, 0001…; the text of each says its number."""

    def make(n, name="lake", first=0):
        lk = lake.create(tmp_path / name)
        numbers = range(first, first + n)
        columns = {
            "doc_id": [f"{i:032x}" for i in numbers],
            "text": [f"{i}번째 글. 바다는 푸르다." for i in numbers],
            "lang": ["ko"] * n,
            "source": ["s"] * n,
            "kind": ["바다" if i % 2 else None for i in numbers],
        }
        lk.append("documents", pa.table(columns))
        return lk

    return make


@pytest.fixture
def plan_file(tmp_path):
    """A plan of two prompts and two synthesizers, with its own query and prompts."""
    folder = tmp_path / "own"
    folder.mkdir()
    prompt(folder, "more", "더 써 주세요.\n$seed")
    prompt(
        folder,
        "tell",
        "알려 주세요.\n$topic_line\n독자: $audience\n$seed",
        style="이야기",
        more='parameters:\n  audience: [어린이, 어른]\ntopic_line: "주제: $topic"\n',
    )
    (tmp_path / "seeds.sql").write_text(SEEDS, encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"""\
source: synth_mine
kind: rewrite
seeds: {{query: {tmp_path / "seeds.sql"}}}
prompts: {{more: 1, tell: 3}}
prompt_folder: {folder}
synthesizers: {{big: 0.75, small: 0.25}}
sampling: {{max_tokens: 64}}
""",
        encoding="utf-8",
    )
    return path
