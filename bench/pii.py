"""Personal data: megabytes of UTF-8 a CPU second, beside datatrove's PIIFormatter in the same run.

    python bench/pii.py FILE.jsonl.zst …

Ours finds six kinds and returns spans; datatrove's replaces e-mail and public IP addresses. One
thread each, the texts already in memory in the form that each side reads (an Arrow column, Python
strings). The best of five rounds counts. Results go to bench/results/pii.json.
"""

import json
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import peers
import pyarrow as pa
import zstandard
from report import keep, needed

from kormo_ds.text import pii

ROUNDS = 5
MEGABYTES = 16
THEIRS = """
import json, sys, time
from datatrove.pipeline.formatters import PIIFormatter

texts, rounds = json.load(open(sys.argv[1])), int(sys.argv[2])
formatter, best = PIIFormatter(), float("inf")
for _ in range(rounds):
    start = time.process_time()
    for text in texts:
        formatter.format(text)
    best = min(best, time.process_time() - start)
print(best)
"""


def read(path: str) -> list[str]:
    texts: list[str] = []
    n_bytes = 0
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        for line in islice(lines, 20_000):
            texts.append(json.loads(line)["text"])
            n_bytes += len(texts[-1].encode())
            if n_bytes > MEGABYTES * 1_000_000:
                break
    return texts


def ours(texts: list[str]) -> tuple[float, int]:
    columns = [pa.array(texts[k : k + 1024]) for k in range(0, len(texts), 1024)]
    best, n_spans = float("inf"), 0
    for _ in range(ROUNDS):
        start = time.process_time()
        found = [pii.of(column) for column in columns]
        best = min(best, time.process_time() - start)
        n_spans = sum(len(spans.flatten()) for spans in found)
    return best, n_spans


def theirs(texts: list[str]) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(texts, file)
        file.flush()
        command = [peers.python("datatrove"), "-c", THEIRS, file.name, str(ROUNDS)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout.splitlines()[-1])


def measure(texts: list[str]) -> dict[str, float]:
    n_bytes = sum(len(text.encode()) for text in texts)
    seconds, n_spans = ours(texts)
    speed, their_speed = (n_bytes / spent / 1e6 for spent in (seconds, theirs(texts)))
    return {
        "megabytes": round(n_bytes / 1e6, 2),
        "spans": n_spans,
        "mb_s": round(speed, 1),
        "datatrove_mb_s": round(their_speed, 1),
        "ratio": round(speed / their_speed, 1),
    }


def main(paths: list[str]) -> None:
    pii.of(pa.array(["a@firm.com 010-2345-6789"]))
    texts = {Path(path).name.split(".")[0]: measure(read(path)) for path in paths}
    goal = "faster than datatrove's two kinds, on one core"
    figures = {"goal": goal, "peer": peers.PEERS["datatrove"][0], "texts": texts}
    keep("pii", figures, ("numba", "numpy", "pyarrow"))


if __name__ == "__main__":
    main(needed(sys.argv[1:], "FILE.jsonl.zst …"))
