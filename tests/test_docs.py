"""The documentation is run: every `$ kormo …` line and every Python block of README and docs.

One small lake is made by `kormo demo` on documents of our own; each page gets a copy of its folder
and runs its blocks there in order, as its reader would after `make demo`.
"""

import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.conftest import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
OUTSIDE = re.compile(r"\$ (make|git)\b")
"""Commands that begin before there is a demo; what they name is checked below."""

SERVING = re.compile(r"kormo dashboard(?!.*--html)")
"""Commands that serve until they are told to stop."""

BESIDE = re.compile(r"transformers serve .*--port (\d+)")
"""Commands that answer what follows on their page, in a terminal of their own, on this port."""


def blocks(page):
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def commands(text):
    """The `$ ` lines of a block, with what continues them: a backslash or a here-document."""
    lines = iter(text.splitlines())
    for line in lines:
        if not line.startswith("$ ") or OUTSIDE.match(line):
            continue
        command = [line.removeprefix("$ ")]
        here = re.search(r"<<'(\w+)'$", line)
        while here and command[-1] != here[1] or command[-1].endswith("\\"):
            command.append(next(lines))
        yield "\n".join(command)


def opens(command, folder):
    """The command serves a page, and ends when it is told to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [*shlex.split(command), f"port={port}"]
    process = subprocess.Popen(words, cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE)
    try:
        for line in process.stdout:
            if b"URL: http://127.0.0.1" in line:
                break
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
            assert b"<title>" in answer.read()
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) in (0, 130)


@contextmanager
def beside(command, folder):
    """The command answers on its port; ended afterwards, it ends at once."""
    port = int(BESIDE.match(command)[1])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)), f"port {port} is taken: $ {command}"
    log = folder / f"port-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            shlex.split(command), cwd=folder, env=ENVIRONMENT, stdout=out, stderr=out
        )
    try:
        while not _answers(port):
            assert process.poll() is None, f"$ {command}\n{log.read_text()}"
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        finally:
            process.kill()


def _answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=20) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_a_page_runs(page, demo, copy, run, tmp_path):
    folder = copy(demo, tmp_path)
    with ExitStack() as servers:
        for kind, text in blocks(page):
            runs(page, kind, text, run, folder, servers)


def runs(page, kind, text, run, folder, servers):
    """A block of the page; what serves beside it goes on until the page ends."""
    if kind == "python":
        done = run([sys.executable, "-c", text], folder)
        assert done.returncode == 0, f"{page.name}:\n{text}\n{done.stderr}"
        return
    for command in commands(text):
        if SERVING.match(command):
            opens(command, folder)
        elif BESIDE.match(command):
            servers.enter_context(beside(command, folder))
        else:
            done = run(["bash", "-euo", "pipefail", "-c", command], folder)
            assert done.returncode == 0, f"{page.name}: $ {command}\n{done.stdout}\n{done.stderr}"


def test_make_knows_the_targets_that_pages_name(run):
    named = {
        target
        for page in PAGES
        for kind, text in blocks(page)
        for target in re.findall(r"^\$ make (\w+)", text, re.MULTILINE)
    }
    assert {"demo", "test"} <= named
    for target in named:
        done = run(["make", "--dry-run", target], ROOT)
        assert done.returncode == 0, done.stderr


def test_pages_are_reachable_from_the_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in PAGES[1:]:
        assert f"docs/{page.name}" in text, f"README.md does not link docs/{page.name}"
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name} links {link}"


def test_the_demo_ends_with_what_a_reader_wants_to_know(demo):
    end = demo.printed[demo.printed.rindex("language  documents kept") :]
    for words in ("bytes per token", "bits per byte after", "ko: ", "en: ", "kormo trace demo 0"):
        assert words in end


def test_a_second_demo_says_that_all_is_done(demo, copy, run, tmp_path):
    folder = copy(demo, tmp_path)
    done = run(demo.command, folder)
    assert done.returncode == 0, done.stderr
    assert "all 4 steps are done" in done.stdout
