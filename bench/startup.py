"""How long a reader waits for the first answer of `kormo`, beside importing what it stands on.

    python bench/startup.py

`kormo --help` against importing typer (goal: at most 1.5 times), and `kormo sql -c "select 1"`
against importing typer, duckdb and lance (goal: at most 1.3 times); each a whole process, in turn.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from report import keep

ROUNDS = 11
KORMO = str(Path(sys.executable).parent / "kormo")


def seconds(command: list[str], root: str) -> float:
    start = time.perf_counter()
    environment = os.environ | {"KORMO_LAKE": root}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as the peer, whose installer has compiled it
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - start


def ratio(ours: list[str], peer: list[str], root: str) -> dict[str, float]:
    pairs = [(seconds(ours, root), seconds(peer, root)) for _ in range(ROUNDS)][1:]
    return {
        "seconds": round(statistics.median(a for a, _ in pairs), 3),
        "peer_seconds": round(statistics.median(b for _, b in pairs), 3),
        "ratio": round(statistics.median(a / b for a, b in pairs), 2),
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([KORMO, "lake", "create", "--lake", folder], check=True, capture_output=True)
        imports = [sys.executable, "-c"]
        figures = {
            "kormo --help / import typer": ratio(
                [KORMO, "--help"], [*imports, "import typer"], folder
            ),
            "kormo sql select 1 / import typer, duckdb, lance": ratio(
                [KORMO, "sql", "-c", "select 1"], [*imports, "import typer, duckdb, lance"], folder
            ),
        }
    keep("startup", figures, ("typer", "duckdb", "pylance"))
