"""Hostfiles as DeepSpeed reads them: one `HOST slots=N` a line, ranks in the order of the lines.

Checked here before anything starts, with the number of the line; DeepSpeed would say it after half
a minute, in a traceback. Needs neither torch nor DeepSpeed.
"""

import re
from pathlib import Path

from kormo_ds.config import Run
from kormo_ds.errors import BadConfig, BadInput

_LINE = re.compile(r"(\S+)\s+slots=(\d+)")


def read(path: str) -> dict[str, int]:
    """Hosts and their slots (ranks), in order; blank lines and what follows a # are passed over.

    Raises:
        BadInput: no such file, no host, or a line that is not one; with its number.
    """
    try:
        lines = Path(path).read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"launch.hostfile = {path!r} cannot be read: {error}") from error
    hosts: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        where = f"{path}, line {number}: '{text}'"
        found = _LINE.fullmatch(text)
        if not found:
            raise BadInput(f"{where} is not 'HOST slots=N'")
        host, slots = found[1], int(found[2])
        if set(host) & set("[],;:'\"$"):
            raise BadInput(f"{where}: name one host a line, without lists or ports")
        if not slots:
            raise BadInput(f"{where}: a host without slots; remove the line")
        if host in hosts:
            raise BadInput(f"{where}: this host was there before; give it one line, all its slots")
        hosts[host] = slots
    if not hosts:
        raise BadInput(f"{path} names no host; write lines 'HOST slots=N'")
    return hosts


def of_run(run: Run) -> dict[str, int]:
    """The hosts of `launch.hostfile`, which must be set.

    Raises:
        BadInput: as `read`.
        BadConfig: `launch.node_rank` is no host of the file.
    """
    hosts = read(run.launch.hostfile)
    node = run.launch.node_rank
    if node is not None and not 0 <= node < len(hosts):
        raise BadConfig(
            f"launch.node_rank = {node}, but {run.launch.hostfile} has {len(hosts)} hosts: "
            f"0 to {len(hosts) - 1}"
        )
    return hosts
