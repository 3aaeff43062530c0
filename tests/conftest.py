"""What tests of several folders share: a small demo, made once by the real commands."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = os.environ | {
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "OMP_NUM_THREADS": "1",
}
ENVIRONMENT.pop("KORMO_LAKE", None)
SMALL = (
    "tokenizer.vocab_size=512",
    "pack.length=128",
    "train.tokens_per_step=1024",
    "train.micro_batch_rows=4",
    "train.steps=4",
    "checkpoint.every=2",
)


@dataclass(frozen=True)
class Demo:
    """A folder in which `kormo demo` ran on the documents of tests/sample.py."""

    folder: Path
    command: tuple[str, ...]
    printed: str


def pytest_collection_modifyitems(items):
    """The pages first: they are one file of minutes, which would keep one core busy at the end."""
    items.sort(key=lambda item: item.path.name != "test_docs.py")


def _run(command, folder, timeout=280):
    """A finished process, with `kormo` on its path."""
    return subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=timeout
    )


@pytest.fixture(scope="session")
def run():
    return _run


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    _run([sys.executable, str(ROOT / "tests" / "sample.py"), "own"], folder)
    command = ("kormo", "demo", "--input", "own", *SMALL)
    done = _run(command, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return Demo(folder, command, done.stdout)


@pytest.fixture
def copy():
    """A copy of the demo's folder that a test may change."""

    def copy(demo, to):
        return Path(shutil.copytree(demo.folder, to / "project"))

    return copy
