"""Every rank's output as a file: RUN/logs/rank-00003.log, whatever launched it.

    --- rank 3 of 8 began 2026-11-25T10:00:00+00:00, host gpu07, pid 4711
    (all that the rank wrote to stdout and stderr)
    --- run ended: rank 5 (host gpu08, pid 33) has not been heard of for 30 s
    --- rank 3 ended 2026-11-25T10:20:31.250000+00:00

Attempts follow one another in one file; one that has grown beyond `LIMIT` bytes is put aside as
rank-00003.log.1 when the next begins, so two of them are kept at most. The output still goes where
the launcher has it; `recorder` is the process that keeps it. Needs neither torch nor DeepSpeed.
"""

import io
import os
import re
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from kormo_ds.errors import KormoError
from kormo_ds.train import recorder

LIMIT = 64 << 20
_terminal: TextIO | None = None
_BEGAN = re.compile(r"^--- rank (\d+) of \d+ began \S+, host (\S+), pid (\d+)$", re.MULTILINE)
_ENDED = re.compile(r"^--- rank \d+ ended (\S+)$", re.MULTILINE)
_LOST = re.compile(r"^--- run ended: (.+)$", re.MULTILINE)


def name(rank: int) -> str:
    """This process as a reader of messages knows it.

    >>> name(3).startswith("rank 3 (host ")
    True
    """
    return _name(str(rank), socket.gethostname(), str(os.getpid()))


def path_of(folder: Path, rank: int) -> Path:
    """The log of a rank of the run in `folder`."""
    return folder / "logs" / f"rank-{rank:05d}.log"


def terminal() -> TextIO:
    """Where stderr goes, past the log: for a bar that is drawn again and again."""
    return _terminal or sys.stderr


def note_lost(folder: Path, rank: int, reason: str) -> None:
    """Write into this rank's log which rank ended the run; past the pipes, since it ends too."""
    recorder.note(path_of(folder, rank), f"run ended: {reason}")


def keep(folder: Path, rank: int, world: int) -> None:
    """From here on, what this process writes to stdout and stderr is in the rank's log, too.

    Raises:
        KormoError: the log cannot be written.
    """
    global _terminal
    path = path_of(folder, rank)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LIMIT:
            path.replace(f"{path}.1")
        host, pid = socket.gethostname(), os.getpid()
        recorder.note(path, f"rank {rank} of {world} began {now}, host {host}, pid {pid}")
    except OSError as error:
        raise KormoError(f"cannot write {path}: {error.strerror or error}") from error
    _terminal = os.fdopen(os.dup(2), "w", buffering=1)
    life, alive = os.pipe()  # pipes of os.pipe are not inherited: the rank alone holds `alive`
    pairs = [(*os.pipe(), 1), (*os.pipe(), 2)]
    ends = [source for source, _, _ in pairs]
    subprocess.Popen(
        [sys.executable, "-I", "-S", recorder.__file__, str(path), str(rank), str(life)]
        + [f"{source}:{to}" for source, _, to in pairs],
        stdin=subprocess.DEVNULL,
        pass_fds=(life, *ends),
        start_new_session=True,
    )
    sys.stdout.flush()
    sys.stderr.flush()
    for source, into, standard in pairs:
        os.dup2(into, standard)
        os.close(source)
        os.close(into)
    os.close(life)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True)


def sizes(folder: Path) -> dict[Path, int]:
    """How long the logs of the run in `folder` are: `cause` reads on from there."""
    return {path: path.stat().st_size for path in (folder / "logs").glob("rank-*.log")}


def cause(folder: Path, before: dict[Path, int]) -> tuple[str, str]:
    """Which rank ended the run since `before`: what ranks say, else the name of the first to end.

    Each is '' where the logs do not tell.
    """
    said, ends = "", []
    for path in sorted((folder / "logs").glob("rank-*.log")):
        text = _since(path, before.get(path, 0))
        began, ended = _BEGAN.search(text), _ENDED.search(text)
        if lost := _LOST.search(text):
            said = said or lost[1]
        if began and ended:
            ends.append((ended[1], _name(*began.groups())))
    return said, min(ends, default=("", ""))[1]


def _since(path: Path, start: int) -> str:
    with path.open("rb") as log:
        log.seek(start if start <= path.stat().st_size else 0)
        return log.read().decode(errors="replace")


def _name(rank: str, host: str, pid: str) -> str:
    return f"rank {rank} (host {host}, pid {pid})"
