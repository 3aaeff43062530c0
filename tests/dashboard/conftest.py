"""A real dashboard over a real lake, and a real browser that looks at it."""

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

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
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


@pytest.fixture(scope="session")
def browser():
    """Chromium, driven by Playwright."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine; on Debian: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield opened
        opened.close()
