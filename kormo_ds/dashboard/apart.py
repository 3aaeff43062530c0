"""A question that is not trusted, in a process of its own.

DuckDB's memory limit does not hold one huge value, and its planner does not hear an interrupt:
`select range(1000000000)` takes 8 GB of a server that allows 512 MB. So a question of the console
is sent to a child that may use so much memory and no more, cannot write a byte to a file, runs
behind everything else (nice), and is killed when its time is over. A child answers one question;
the next one is started ahead, so asking costs what asking costs and not the 0.5 s of a start.
"""

import io
import json
import os
import pickle
import resource
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from kormo_ds.dashboard.fetch import Limits, fetch, too_long, too_much
from lake import BadQuery, LakeError
from lake.lake import Lake

WORKING_MB = 768
"""Besides DuckDB's memory: for Lance's buffers, threads and the answer."""

_LANCE = {
    "LANCE_CPU_THREADS": "1",
    "LANCE_DEFAULT_BATCH_SIZE": "1024",
    "LANCE_DEFAULT_IO_BUFFER_SIZE": str(128 << 20),
}
"""How much a scan reads ahead: long texts would fill the memory that a child has."""


@dataclass(frozen=True)
class Question:
    """What a child is sent."""

    root: str
    text: str
    values: Mapping[str, Any]
    limits: Limits
    extra: Mapping[str, pa.Table]


class Children:
    """Starts children ahead; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_closed = False
        self._spare: subprocess.Popen[bytes] | None = None
        self._asked: set[subprocess.Popen[bytes]] = set()

    def ask(self, question: Question) -> tuple[pa.Table, bool]:
        """The answer of a child; see `fetch`."""
        with self._lock:
            child = self._spare or _started()
            self._spare = None
            self._asked.add(child)
        limits = question.limits
        try:
            said, complaint = child.communicate(pickle.dumps(question), limits.seconds)
        except subprocess.TimeoutExpired:
            raise BadQuery(too_long(limits)) from None
        finally:
            child.kill()
            child.wait()
            with self._lock:
                self._asked.discard(child)
                if not self._is_closed:
                    self._spare = self._spare or _started()
        head, _, rows = said.partition(b"\n")
        if b"Traceback" in complaint:
            raise RuntimeError(complaint.decode(errors="replace"))
        if not head:  # Rust ends a process that gets no memory
            raise BadQuery(too_much(limits))
        facts = json.loads(head)
        if "error" in facts:
            raise BadQuery(facts["error"])
        return pa.ipc.open_stream(rows).read_all(), facts["is_cut"]

    def close(self) -> None:
        """End them all."""
        with self._lock:
            self._is_closed = True
            for child in self._asked:
                child.kill()
            if self._spare is not None:
                self._spare.kill()
                self._spare.communicate()
                self._spare = None


def answer(question: Question) -> bytes:
    """What a child writes: a line of facts, then the rows as an Arrow stream."""
    q = question
    given = {name: partial(q.extra.__getitem__, name) for name in q.extra}
    try:
        table, is_cut = fetch(Lake(q.root), q.text, q.values, q.limits, given)
        out = io.BytesIO()
        out.write(json.dumps({"is_cut": is_cut}).encode() + b"\n")
        with pa.ipc.new_stream(out, table.schema) as writer:
            writer.write_table(table)
        return out.getvalue()
    except LakeError as error:
        said = str(error)
    except MemoryError:
        said = too_much(q.limits)
    return json.dumps({"error": said}).encode() + b"\n"


def _started() -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "kormo_ds.dashboard.apart"]
    environment = os.environ | _LANCE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment)


def _limit(limits: Limits) -> None:
    """Have the kernel refuse more memory, and any write to a file."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # elsewhere the kernel does not hold a process to it
        with open("/proc/self/status", encoding="utf-8") as status:
            used = next(int(line.split()[1]) for line in status if line.startswith("VmData"))
        most = (used << 10) + ((limits.memory_mb + WORKING_MB) << 20)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def main() -> None:
    """Answer one question of stdin on stdout."""
    import lance  # noqa: F401  loaded before there is a question

    os.nice(10)
    if not (sent := sys.stdin.buffer.read()):
        return
    question: Question = pickle.loads(sent)
    _limit(question.limits)
    sys.stdout.buffer.write(answer(question))


if __name__ == "__main__":
    main()
