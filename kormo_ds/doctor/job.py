"""The doctor's ranks as processes: started, listened to as they answer, and ended in any case."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kormo_ds.doctor.cases import Case
from kormo_ds.errors import KormoError

PATIENCE = 300.0
"""Seconds without an answer after which the ranks are thought to wait for each other."""


class JobEnded(KormoError):
    """The ranks ended before they had answered all, or wait for each other."""

    def __init__(self, message: str, hangs: bool) -> None:
        super().__init__(message)
        self.hangs = hangs


def answers(
    folder: Path,
    cases: Sequence[Case],
    n_ranks: int,
    environment: dict[str, str],
    patience: float = PATIENCE,
) -> Iterator[dict[str, Any]]:
    """What the ranks say: their sums, then each case; `folder` is new and gets their output.

    Raises:
        JobEnded: a rank died, with its last words; or nothing came for `patience` seconds.
    """
    from kormo_ds.train import port

    text = json.dumps({"cases": [case.to_dict() for case in cases]})
    (folder / "job.json").write_text(text)
    meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port.free())}
    meeting |= {"WORLD_SIZE": str(n_ranks), "LOCAL_SIZE": str(n_ranks)}
    started = [_start(folder, rank, environment | meeting) for rank in range(n_ranks)]
    try:
        yield from _listen(folder, started, 1 + len(cases), patience)
    finally:
        for process in started:
            process.kill()
            process.wait()


def log_of(folder: Path, rank: int) -> Path:
    """Where the output of a rank is."""
    return folder / f"rank-{rank}.log"


def _start(folder: Path, rank: int, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    own = {"RANK": str(rank), "LOCAL_RANK": str(rank)}
    command = [sys.executable, "-m", "kormo_ds.doctor.rank", str(folder)]
    with log_of(folder, rank).open("wb") as log:
        return subprocess.Popen(
            command, env=environment | own, stdout=log, stderr=log, start_new_session=True
        )


def _listen(
    folder: Path, started: "list[subprocess.Popen[bytes]]", n_answers: int, patience: float
) -> Iterator[dict[str, Any]]:
    file, n_read, since = folder / "answers.jsonl", 0, time.monotonic()
    while n_read < n_answers:
        codes = [process.poll() for process in started]  # before reading, so none is missed
        lines = file.read_text().splitlines(keepends=True) if file.exists() else []
        new = [line for line in lines[n_read:] if line.endswith("\n")]
        for line in new:
            n_read, since = n_read + 1, time.monotonic()
            yield json.loads(line)
        if any(codes) and not new:
            raise JobEnded(last_words(folder, codes), hangs=False)
        if time.monotonic() - since > patience:
            raise JobEnded(f"no answer for {patience:.0f} s: ranks wait for each other", hangs=True)
        if not new:
            time.sleep(0.05)


def last_words(folder: Path, codes: list[int | None]) -> str:
    """The error of a rank, first of one that was not merely cut off from another."""
    files = [folder / f"error-{rank}.json" for rank in range(len(codes))]
    told = {rank: json.loads(f.read_text()) for rank, f in enumerate(files) if f.exists()}
    silent = [rank for rank, code in enumerate(codes) if code and rank not in told]
    if silent and all(error["lost"] for error in told.values()):
        rank = silent[0]
        lines = log_of(folder, rank).read_text(errors="replace").splitlines()
        last = next((line.strip() for line in reversed(lines) if line.strip()), "no output")
        return f"rank {rank} {_end(codes[rank] or 0)}: {last}"
    rank = min(told, key=lambda number: told[number]["lost"])
    return f"rank {rank}: {told[rank]['error']}"


def _end(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
