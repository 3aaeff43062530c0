"""The process beside a rank that keeps its output: `python recorder.py FILE RANK STREAMS…`.

Reads what the rank writes and passes it on to where it would have gone and to the end of FILE; each
of STREAMS is a pair `from:to` of file descriptors, `life` one that the rank alone holds. A process
of its own, so that the last lines before a crash are kept, those of C code too; and deaf to the
signals that end the rank. Its last line has the time of the rank's end: of several ranks that
ended, the first one is the cause. Imports the standard library alone: it starts in 20 ms.
"""

import os
import selectors
import signal
import sys
from datetime import UTC, datetime


def record(path: str, rank: str, life: int, streams: dict[int, int]) -> None:
    """Pass on and keep until every stream has ended.

    A reader that is gone or a full disk stops that copy alone: the rank must never wait for one.
    """
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    with selectors.DefaultSelector() as selector:
        for source in (life, *streams):
            selector.register(source, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                if key.fd not in selector.get_map():  # drained before
                    continue
                text = os.read(key.fd, 65536)
                if not text:
                    selector.unregister(key.fd)
                    if key.fd == life:
                        ended = datetime.now(UTC).isoformat()
                        _drain(log, streams, selector)
                        note(path, f"rank {rank} ended {ended}")
                elif key.fd in streams:
                    _write(streams[key.fd], text)
                    _write(log, text)


def note(path: str | os.PathLike[str], text: str) -> None:
    """Add a line of ours, `--- text`, whatever stands at the end of the log."""
    log = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(log).st_size
        whole = size == 0 or os.pread(log, 1, size - 1) == b"\n"
        os.write(log, f"{'' if whole else chr(10)}--- {text}\n".encode())
    finally:
        os.close(log)


def _drain(log: int, streams: dict[int, int], selector: selectors.BaseSelector) -> None:
    """What a rank that is gone has left in the pipes."""
    for source, to in streams.items():
        os.set_blocking(source, False)
        while source in selector.get_map():
            try:
                text = os.read(source, 65536)
            except BlockingIOError:  # a child of the rank still holds it
                break
            if not text:
                selector.unregister(source)
                break
            _write(to, text)
            _write(log, text)
        os.set_blocking(source, True)


def _write(descriptor: int, text: bytes) -> None:
    try:
        while text:
            text = text[os.write(descriptor, text) :]
    except OSError:
        return


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    pairs = (word.split(":") for word in sys.argv[4:])
    record(sys.argv[1], sys.argv[2], int(sys.argv[3]), {int(a): int(b) for a, b in pairs})
