"""The operator through which CPU ranks sum: a C++ part of DeepSpeed, compiled once an environment.

    $TORCH_EXTENSIONS_DIR, else $XDG_CACHE_HOME/kormo_ds, else ~/.cache/kormo_ds
      torch-<environment>/       a folder of its own, so no other environment compiles over it
        lock                     held by the process that compiles; the others wait for it
        deepspeed_shm_comm/      torch's build folder

Compiling takes about a minute and is done by one rank at a time. Left to `init_distributed`, ranks
compile while others wait for them in a connection that may not last so long. And torch marks a
build by a file that a killed one leaves behind, for which every later start would wait for ever:
here that file is removed, since whoever holds our lock knows that nobody is compiling.

While a job runs, each rank has a buffer of 69 MB in /dev/shm that all ranks of the machine map.
DeepSpeed never removes it, so a day of short jobs would fill the memory: `forget_buffer` takes its
name away once all have it, and the system frees it with the last rank, however that ends.

`python -m kormo_ds.train.cpu_operator` compiles it ahead of the first job.
"""

import fcntl
import hashlib
import io
import os
import shutil
import sys
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from importlib.metadata import version
from pathlib import Path

from deepspeed.accelerator import get_accelerator

from kormo_ds.errors import KormoError

SHARED = Path("/dev/shm")
BUFFER_BYTES = 8 + 2 * (1 << 20) + 2 * (32 << 20)
"""Size of a rank's buffer: `struct allreduce_workspace` in DeepSpeed's csrc/cpu/comm/shm.cpp."""
SECONDS_BEFORE_NOTICE = 3.0
_NOTICE = "compiling DeepSpeed's shared-memory operator, once for this environment: about a minute"
_BATON = "lock"
"""torch's mark in a build folder: somebody is compiling here."""


def ensure() -> None:
    """Load the operator into this process, compiled first where it is not yet.

    Does nothing on systems that DeepSpeed has no such operator for; gloo sums alone there.

    Raises:
        KormoError: it cannot be compiled, most often for want of a C++ compiler.
    """
    builder = get_accelerator().create_op_builder("ShareMemCommBuilder")
    if builder is None or not builder.is_compatible(verbose=False):
        return
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    with (
        (place / "lock").open("a") as lock,
        _environment(TORCH_EXTENSIONS_DIR=str(place), PATH=_path_with_ninja()),
        _notice(),
        redirect_stdout(io.StringIO()),
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        (place / builder.NAME / _BATON).unlink(missing_ok=True)
        try:
            builder.load(verbose=False)
        except (RuntimeError, OSError) as error:
            raise KormoError(
                f"DeepSpeed's shared-memory operator cannot be compiled: {_reason(str(error))}; "
                "ranks on a CPU need a C++ compiler: install g++, or name one with CXX=…"
            ) from error


def check_room(n_ranks: int) -> None:
    """Refuse to start where the buffers of `n_ranks` do not fit: writing to them would kill ranks.

    Raises:
        KormoError: with what is free, and the way out.
    """
    if not SHARED.is_dir():
        return
    place = os.statvfs(SHARED)
    free, needed = place.f_bavail * place.f_frsize, n_ranks * BUFFER_BYTES
    if free < needed:
        raise KormoError(
            f"{SHARED} has {free / 1e6:,.0f} MB free, and {n_ranks} ranks on a CPU need "
            f"{needed / 1e6:,.0f} MB of it; remove what ended jobs left there "
            f"({SHARED}/deepspeed_allreduce_buffer_*), or give a container more with --shm-size=1g"
        )


def forget_buffer(rank: int) -> None:
    """Take the name of this rank's buffer away; only when every rank of the machine has mapped it.

    Who has it mapped keeps it.
    """
    address, port = os.environ["MASTER_ADDR"], os.environ["MASTER_PORT"]
    name = f"deepspeed_allreduce_buffer_{os.getuid()}_{address}_{port}_{rank}"
    (SHARED / name).unlink(missing_ok=True)


def folder() -> Path:
    """Where this environment's operator is: apart from those of other environments and versions."""
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    above = Path(os.environ.get("TORCH_EXTENSIONS_DIR") or Path(caches) / "kormo_ds")
    identity = (sys.prefix, sys.version, version("torch"), version("deepspeed"))
    return above / f"torch-{hashlib.sha256(repr(identity).encode()).hexdigest()[:12]}"


def _path_with_ninja() -> str:
    """$PATH with the ninja of this environment, also where the environment is not activated."""
    path = os.environ.get("PATH", os.defpath)
    scripts = sysconfig.get_path("scripts")
    return f"{scripts}{os.pathsep}{path}" if shutil.which("ninja", path=scripts) else path


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {key: os.environ.get(key) for key in values}
    os.environ |= values
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


@contextmanager
def _notice() -> Iterator[None]:
    """Say what one waits for, once, where it is more than a moment."""
    words = {"file": sys.stderr, "flush": True}
    timer = threading.Timer(SECONDS_BEFORE_NOTICE, print, (_NOTICE,), words)
    if os.environ.get("RANK", "0") == "0":
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _reason(text: str) -> str:
    """The line of a compiler's output that says what is wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = (line for line in lines if "not found" in line or "error:" in line)
    return next(telling, lines[0] if lines else "no reason is given")


if __name__ == "__main__":
    if get_accelerator().device_name() == "cpu":
        try:
            ensure()
        except KormoError as error:
            print(f"error: {error}", file=sys.stderr)
            sys.exit(2)
