"""Run code that a model wrote, as far from this process as an ordinary user can put it.

A process of its own in an empty folder that is removed afterwards, with a clean environment, limits
of CPU time, memory, file size and open files, no new privileges, no network where the kernel lets
users have name spaces, and a clock after which it and its children are killed. That stops
accidents and plain mischief. It is no wall against an attacker: files that this user may read can
be read. Run it on a machine that holds nothing else.

What passed says so with a word that is made anew each time and written after the last test, so an
early `exit(0)` does not pass.
"""

import os
import secrets
import signal
import subprocess
import sys
import tempfile

SECONDS = 10.0
"""Wall time of one program, and its CPU time."""
MEMORY = 1 << 30
"""Bytes of address space."""
FILE = 1 << 20
"""Bytes that a file may grow to."""
_RUN = """
import ctypes, os, resource, sys
word, limits, program = sys.stdin.readline(), eval(sys.stdin.readline()), sys.stdin.read()
said = os.dup(1)
quiet = os.open(os.devnull, os.O_RDWR)
for descriptor in (0, 1, 2):
    os.dup2(quiet, descriptor)
for what, most in limits.items():
    resource.setrlimit(getattr(resource, what), (most, most))
libc = ctypes.CDLL(None)
libc.unshare(0x10000000 | 0x40000000)  # CLONE_NEWUSER, CLONE_NEWNET: refused on some systems
libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
del ctypes, libc, limits, quiet, resource
exec(compile(program, 'program', 'exec'), {'__name__': '__main__'})
os.write(said, word.encode())
"""


def passes(program: str, seconds: float = SECONDS) -> bool:
    """Does `program` run to its end without an error, in time?"""
    word = secrets.token_hex(16)
    limits = {
        "RLIMIT_CPU": max(1, int(seconds)),
        "RLIMIT_AS": MEMORY,
        "RLIMIT_FSIZE": FILE,
        "RLIMIT_NOFILE": 32,
        "RLIMIT_CORE": 0,
    }
    with tempfile.TemporaryDirectory(prefix="kormo-sandbox-") as folder:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _RUN],
            cwd=folder,
            env={"HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        given = f"{word}\n{limits}\n{program}".encode(errors="replace")
        try:
            said, _ = process.communicate(given, timeout=seconds)
        except subprocess.TimeoutExpired:
            return False
        finally:
            _end(process)
    return said.decode(errors="replace").strip() == word


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of it and of its children."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.communicate()
