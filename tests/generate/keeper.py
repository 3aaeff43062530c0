"""Keep servers running as long as a test session lives, however it ends.

    python keeper.py PID COMMANDS       COMMANDS: a JSON list of lists of words

Each command's output goes to server-N.log in the working folder. All end when the process PID has
ended, killed or not, or one of them has. A server ends in time or is killed.
"""

import json
import os
import select
import subprocess
import sys

SECONDS_TO_END = 10


def keep(pid: int, commands: list[list[str]]) -> None:
    try:
        session = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    servers = []
    try:
        for number, words in enumerate(commands):
            with open(f"server-{number}.log", "wb") as log:
                servers.append(subprocess.Popen(words, stdout=log, stderr=log))
        select.select([session, *(os.pidfd_open(server.pid) for server in servers)], [], [])
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            try:
                server.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                server.kill()


if __name__ == "__main__":
    keep(int(sys.argv[1]), json.loads(sys.argv[2]))
