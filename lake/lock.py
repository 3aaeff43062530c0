"""One writer at a time: an advisory file lock that names its holder and ends with its process.

A lake in a folder is locked by `<root>/.lock`. A lake in an object store is locked by a file of
this machine's temporary folder, so two machines must agree by other means on who writes there;
Lance itself refuses the second of two conflicting commits.
"""

import fcntl
import hashlib
import json
import os
import socket
import sys
import tempfile
import time
from pathlib import Path

from lake.errors import LakeLocked


class WriterLock:
    """The lock of one lake. Taking it again in the same object only counts."""

    def __init__(self, root: str, kind: str = ""):
        """`root` is the lake's folder or URI; a lock of another `kind` is another lock."""
        self.root = root
        if "://" in root:
            name = "lake-" + hashlib.sha256(root.encode()).hexdigest()[:16] + f"{kind}.lock"
            self.path = Path(tempfile.gettempdir()) / name
        else:
            self.path = Path(root) / f".{kind}lock"
        self._depth = 0
        self._file = -1

    def acquire(self, purpose: str) -> None:
        """Take the lock or say who has it.

        Raises:
            LakeLocked: another process, or another `Lake` object of this one, is writing.
        """
        if self._depth == 0:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                held = self._holder(file)
                os.close(file)
                raise LakeLocked(
                    f"lake {self.root} is being written by {held}; readers need not wait, "
                    "writers start again when it is done"
                ) from None
            holder = {
                "pid": os.getpid(),
                "host": socket.gethostname(),
                "purpose": purpose,
                "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:200],
                "since": time.strftime("%Y-%m-%d %H:%M:%S"),
            }
            os.truncate(file, 0)
            os.pwrite(file, json.dumps(holder).encode(), 0)
            self._file = file
        self._depth += 1

    def release(self) -> None:
        """Give back one `acquire`; the last one frees the lock."""
        self._depth -= 1
        if self._depth == 0:
            os.truncate(self._file, 0)
            os.close(self._file)
            self._file = -1

    @staticmethod
    def _holder(file: int) -> str:
        try:
            facts = json.loads(os.pread(file, 4096, 0))
        except ValueError:  # the holder has not written its name yet
            return "another process"
        return "process {pid} on {host} since {since} ({purpose}: {command})".format(**facts)
