"""Does memory grow with the input, and what do ids and checks cost?

Makes JSON lines of random Korean and English words, 200 MB and 2 GB, ingests each in a process of
its own and compares peak memory; then reads the large file with pyarrow's JSON reader straight into
a Lance table, without ids, checks or rejects, for the ratio of speeds. Files go to a temporary
folder and are deleted.

    python bench/ingest_memory.py [MB MB]     # about five minutes and 6 GB of disk
"""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from report import keep

WORDS_A_DOCUMENT = (50, 600)

INGEST = """
import resource, sys, time
import lake
from kormo_ds.ingest import Source, ingest
lk = lake.create(sys.argv[2])
columns = {"source_id": "id", "lang": "lang"}
start = time.perf_counter()
done = ingest(lk, [Source(path=sys.argv[1], source="bench", origin="synthetic", columns=columns)])
seconds = time.perf_counter() - start
assert done.n_added == done.n_read == lk.dataset("documents").count_rows()
"""
PEER = """
import resource, sys, time
import lance, pyarrow as pa, pyarrow.json as pj
start = time.perf_counter()
options = pj.ReadOptions(block_size=16 << 20)
lance.write_dataset(pj.open_json(sys.argv[1], read_options=options), sys.argv[2] + "/peer.lance")
seconds = time.perf_counter() - start
"""
REPORT = """
import json
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": round(seconds, 2), "peak_mib": round(peak)}))
"""


def words(random_: random.Random, n: int) -> list[str]:
    """`n` made-up words, half Korean and half English."""
    korean = [
        "".join(chr(random_.randrange(0xAC00, 0xD7A4)) for _ in range(random_.randint(1, 5)))
        for _ in range(n // 2)
    ]
    letters = "abcdefghijklmnopqrstuvwxyz"
    english = ["".join(random_.choices(letters, k=random_.randint(2, 9))) for _ in range(n // 2)]
    return korean + english


def write(path: Path, megabytes: int) -> None:
    """Write about `megabytes` of JSON lines with id, lang and text."""
    random_ = random.Random(0)
    known = words(random_, 20_000)
    half, number, size = len(known) // 2, 0, 0
    with path.open("w", encoding="utf-8") as file:
        while size < megabytes * 1_000_000:
            korean = number % 2 == 0
            chosen = random_.choices(
                known[:half] if korean else known[half:], k=random_.randint(*WORDS_A_DOCUMENT)
            )
            row = {"id": str(number), "lang": "ko" if korean else "en", "text": " ".join(chosen)}
            line = json.dumps(row, ensure_ascii=False) + "\n"
            file.write(line)
            number, size = number + 1, size + len(line.encode())


def run(code: str, path: Path, folder: Path) -> dict[str, float]:
    """Run `code` on `path` in a fresh process; seconds, MB/s and peak memory in MiB."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        command = [sys.executable, "-c", code + REPORT, str(path), out]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    facts = json.loads(done.stdout.splitlines()[-1])
    megabytes = path.stat().st_size / 1e6
    return {"megabytes": round(megabytes), "mb_per_s": round(megabytes / facts["seconds"]), **facts}


def main(small: int = 200, large: int = 2_000) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        found: dict[str, Any] = {}
        for name, megabytes in (("small", small), ("large", large)):
            path = folder / f"{name}.jsonl"
            write(path, megabytes)
            found[name] = run(INGEST, path, folder)
            print(f"ingest {name}: {found[name]}", flush=True)
        found["peer"] = run(PEER, folder / "large.jsonl", folder)
        print(f"pyarrow.json to Lance, large: {found['peer']}", flush=True)
    small_run, large_run, peer = found["small"], found["large"], found["peer"]
    found["peak_large_over_small"] = round(large_run["peak_mib"] / small_run["peak_mib"], 2)
    found["speed_over_peer"] = round(large_run["mb_per_s"] / peer["mb_per_s"], 2)
    keep("ingest_memory", found, ("pylance", "pyarrow"))


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
