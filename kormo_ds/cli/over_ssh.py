"""Hosts behind pdsh and ssh: asked before the start, words quoted for their shells, watched."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable

from kormo_ds.errors import BadConfig

SECONDS_FOR_THE_OTHERS = 15.0
"""Ranks end by themselves so long after those of another host; those that never met them wait."""
_ASK_NOTHING = "-o BatchMode=yes -o ConnectTimeout=10"
_THERE = "kormo-is-there"
_ENDED = re.compile(r"^pdsh@\S+: (\S+): ssh exited with exit code (\d+)$")


def check(hosts: list[str]) -> None:
    """Every host answers, and has this folder and this interpreter.

    Raises:
        BadConfig: names the hosts that do not, with what ssh said; or pdsh or ssh is not here.
    """
    missing = [name for name in ("pdsh", "ssh") if not shutil.which(name)]
    if missing:
        raise BadConfig(
            f"launch.hostfile starts the hosts through pdsh and ssh, and {missing[0]} is not "
            f"installed here; install it, or give the command on every host, with launch.ssh=false "
            f"launch.node_rank=K, or use torchrun or srun (docs/launch.md)"
        )
    here, python = os.getcwd(), sys.executable
    asked = f"cd {shlex.quote(here)} && test -x {shlex.quote(python)} && echo {_THERE}"
    appended = f"{os.environ.get('PDSH_SSH_ARGS_APPEND', '')} {_ASK_NOTHING}".strip()
    environment = os.environ | {"PDSH_RCMD_TYPE": "ssh", "PDSH_SSH_ARGS_APPEND": appended}
    command = ["pdsh", "-f", "1024", "-w", ",".join(hosts), asked]
    told = subprocess.run(command, env=environment, capture_output=True, text=True)
    answered = {line.partition(":")[0] for line in told.stdout.splitlines() if _THERE in line}
    silent = [host for host in hosts if host.rpartition("@")[2] not in answered]
    if silent:
        why = "\n".join(told.stderr.splitlines()[:10])
        raise BadConfig(
            f"{', '.join(silent)}: not reachable by ssh without a password, or without {here} and "
            f"{python}, which all hosts need\n{why}"
        )


def quoted(word: str) -> str:
    """`word` as the shell at the other end of pdsh reads it back.

    pdsh replaces %h, %n and %u; DeepSpeed puts quotes around words with a space, and only there.
    """
    word = word.replace("%", "%%")
    if " " not in word:
        return shlex.quote(word)
    for special in ("\\", "$", "`"):
        word = word.replace(special, f"\\{special}")
    return word


class Watch:
    """Passes on what pdsh says, and knows which host's launcher failed first.

    pdsh itself waits for all hosts, and those that wait for the ranks of a failed one never end.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._first: tuple[int, float] | None = None
        self._thread = threading.Thread(target=self._read, args=(lines,), daemon=True)
        self._thread.start()

    def overdue(self) -> int | None:
        """The exit code of the first host that failed, once the others should have ended, too."""
        if self._first and time.monotonic() - self._first[1] > SECONDS_FOR_THE_OTHERS:
            return self._first[0]
        return None

    def finish(self) -> None:
        """Pass on what is left; a process that still holds the pipe is not waited for."""
        self._thread.join(2.0)

    def _read(self, lines: Iterable[str]) -> None:
        for line in lines:
            sys.stderr.write(line)
            sys.stderr.flush()
            found = _ENDED.match(line.rstrip())
            if found and not self._first:
                self._first = int(found[2]), time.monotonic()
