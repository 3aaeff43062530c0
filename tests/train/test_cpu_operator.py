"""DeepSpeed's operator for CPU ranks: a killed build, no ninja, no compiler, no shared memory."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kormo_ds.train import cpu_operator

COMMAND = [sys.executable, "-m", "kormo_ds.train.cpu_operator"]
NAME = "deepspeed_shm_comm"


@pytest.fixture(scope="module")
def built():
    """The folder of this environment, compiled if it was not."""
    done = run(os.environ.get("TORCH_EXTENSIONS_DIR", ""))
    assert done.returncode == 0, done.stderr
    return cpu_operator.folder()


def run(caches, **more):
    environment = os.environ | {"DS_ACCELERATOR": "cpu", "TORCH_EXTENSIONS_DIR": str(caches)} | more
    return subprocess.run(COMMAND, env=environment, capture_output=True, text=True, timeout=200)


def copied(built: Path, caches: Path) -> Path:
    """The compiled operator in another folder of caches, with its times, so nothing is stale."""
    place = caches / built.name
    shutil.copytree(built, place, dirs_exist_ok=True)
    return place / NAME


def test_a_killed_build_does_not_stop_the_next_one(built, tmp_path: Path):
    environment = os.environ | {"DS_ACCELERATOR": "cpu", "TORCH_EXTENSIONS_DIR": str(tmp_path)}
    job = subprocess.Popen(COMMAND, env=environment, start_new_session=True)
    baton = tmp_path / built.name / NAME / "lock"
    while not baton.exists():
        assert job.poll() is None
        time.sleep(0.01)
    os.killpg(job.pid, signal.SIGKILL)
    job.wait()
    assert baton.exists(), "what torch would wait for, for ever"

    copied(built, tmp_path)
    done = run(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert not baton.exists()


def test_ninja_is_found_where_the_environment_is_not_on_the_path(built, tmp_path: Path):
    copied(built, tmp_path / "caches")
    done = run(tmp_path / "caches", PATH=str(tmp_path))
    assert done.returncode == 0, done.stderr


def test_without_a_compiler_the_way_out_is_one_line(tmp_path: Path):
    done = run(tmp_path, CXX=str(tmp_path / "absent"))
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(
        "error: DeepSpeed's shared-memory operator cannot be compiled: "
    )
    assert str(tmp_path / "absent") in done.stderr and "install g++" in done.stderr
    assert "Traceback" not in done.stderr


def test_environments_have_folders_of_their_own(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("TORCH_EXTENSIONS_DIR", str(tmp_path))
    mine = cpu_operator.folder()
    monkeypatch.setattr(sys, "prefix", "/another/environment")
    assert cpu_operator.folder() != mine
    assert cpu_operator.folder().parent == mine.parent == tmp_path


def test_too_little_shared_memory_is_one_line(built):
    start = f"mount -t tmpfs -o size=32m tmpfs /dev/shm && exec {sys.executable} -m kormo_ds.train"
    command = ["unshare", "--mount", "bash", "-c", start]
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        pytest.skip("needs the right to mount a small /dev/shm")
    environment = os.environ | {"DS_ACCELERATOR": "cpu"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(
        "error: /dev/shm has 34 MB free, and 1 ranks on a CPU need 69 MB of it; remove what ended"
    )
