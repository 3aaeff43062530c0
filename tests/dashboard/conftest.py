"""A real dashboard and a real browser that looks at it; a small lake and an asker of it."""

import shutil
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import lance
import pyarrow as pa
import pytest

import lake
from kormo_ds.dashboard.ask import Asker
from lake.tables import TABLES

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
STEP_COLUMNS = {"n_bytes": pa.int64(), "length_reason": pa.string(), "quality": pa.float32()}
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@dataclass(frozen=True)
class Served:
    """A dashboard that is being served over the lake below `folder`."""

    url: str
    folder: Path

    def page(self, name: str = "", query: str = "") -> str:
        """The address of a page."""
        return f"{self.url}/{name}{'?' + query if query else ''}"


@contextmanager
def serving(folder: Path, environment: dict[str, str], *words: str) -> Iterator[Served]:
    """`kormo dashboard` in `folder`, a process of its own, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["kormo", "dashboard", f"port={port}", *words]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said: list[bytes] = []
    reading = threading.Thread(target=lambda: said.extend(process.stdout), daemon=True)
    reading.start()
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", process, said)
        yield Served(f"http://127.0.0.1:{port}", folder)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(url: str, process: subprocess.Popen, said: list[bytes]) -> None:
    """Return when the server answers; fail with what it said when it ended instead."""
    while True:
        assert process.poll() is None, b"".join(said).decode()
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                assert answer.status == 200
                return
        except (urllib.error.URLError, ConnectionError):
            threading.Event().wait(0.2)


@pytest.fixture(scope="module")
def browser():
    """Chromium, driven by Playwright, whose event loop is the thread's own while it is open."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine; on Debian: apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=20_000)  # a page may take longer beside other tests
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield opened
        opened.close()


def documents(*ids: str, **columns) -> pa.Table:
    """Rows of documents; a column of one value has it in every row."""
    given = {name: [value] * len(ids) for name, value in columns.items()}
    return pa.table({"doc_id": list(ids), "lang": ["ko"] * len(ids), "text": list(ids)} | given)


@pytest.fixture(name="documents")
def documents_fixture():
    return documents


@pytest.fixture
def lk(tmp_path):
    lk = lake.create(tmp_path / "lake")
    fields = [pa.field(name, type_) for name, type_ in STEP_COLUMNS.items()]
    schema = pa.schema([*TABLES["documents"].schema, *fields])
    lance.write_dataset(schema.empty_table(), lk.uri("documents"))
    lk.append("documents", documents("a", "b", "c", n_bytes=1, length_reason="kept"))
    return lk


@pytest.fixture
def asker(lk):
    asker = Asker(lk)
    yield asker
    asker.close()
