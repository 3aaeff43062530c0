"""Whether two mathematical expressions are the same, by math-verify in processes of their own.

math-verify ends what takes long by a signal, which works in the main thread alone and does not
end a computation inside one operation, as a power tower is. So each comparison runs in a child
that the operating system ends once it has used its seconds of processor time, whatever it is
doing; those do not depend on what else the machine does. A child serves one caller at a time and
stays for the next. Cost: 0.6 s to start a child, then 1 to 300 ms a pair.
"""

import atexit
import json
import os
import select
import subprocess
import sys
from typing import Any

CPU_SECONDS = 5
_WALL_SECONDS_PER_CPU_SECOND = 20.0
"""A child that waits, rather than computes, is ended as well."""

_idle: list["_Child"] = []


class TimedOut(Exception):
    """A comparison that used up its time or memory."""


def same(reference: str, answer: str, cpu_seconds: int = CPU_SECONDS) -> bool | None:
    """Whether two expressions, in LaTeX or plain, are the same; None where one cannot be read.

    Any thread may call it.

    Raises:
        TimedOut: it took more than `cpu_seconds` of processor time, or too much memory.
    """
    child = _child()
    try:
        result = child.ask({"reference": reference, "answer": answer, "seconds": cpu_seconds})
    except BaseException:
        child.end()
        raise
    _idle.append(child)
    return result


def _child() -> "_Child":
    """One that waits and lives, or a new one."""
    while True:
        try:
            child = _idle.pop()
        except IndexError:
            return _Child()
        if child.is_alive:
            return child


class _Child:
    def __init__(self) -> None:
        command = [sys.executable, "-m", "kormo_ds.generate.grade.symbolic_process"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, question: dict[str, Any]) -> bool | None:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        try:
            stdin.write(json.dumps(question).encode() + b"\n")
            stdin.flush()
        except BrokenPipeError:
            raise TimedOut("the process that compares has ended") from None
        wait = 60 + question["seconds"] * _WALL_SECONDS_PER_CPU_SECOND
        ready, _, _ = select.select([stdout], [], [], wait)
        line = stdout.readline() if ready else b""
        if not line:
            raise TimedOut(f"no result within {question['seconds']} s of processor time")
        result: bool | None = json.loads(line)
        return result

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


@atexit.register
def close() -> None:
    """End the children that wait for work."""
    while _idle:
        _idle.pop().end()
