"""BFF from the lake to its columns, in megabytes of text per CPU second, beside dolma.

    python bench/bff.py FILE.jsonl.zst …

Both sides do paragraphs by 13-grams of UAX #29 words with a Bloom filter of fp 0.01, our side in
mode old-both, on the same documents. Ours begins with documents in a lake and ends with columns
committed and the filter saved; dolma (Rust, in an environment of its own, see peers.py) begins with
gzipped JSON lines and ends with attributes; its time without deduplication, reading and writing
alone, is not taken off. CPU time of each side, best of some rounds; `second_core` is the wall-clock
time on one core over that on two. Results: bench/results/bff.json.
"""

import gzip
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import zstandard
from peers import python
from report import keep, needed

import lake
from kormo_ds.dedup.bff import COLUMNS, Settings
from kormo_ds.dedup.run_bff import run

ROUNDS = 5
PEER_MEGABYTES = 12
REFERENCE = {"en": 6.1, "ko": 11.4}
"""MB per CPU second of DCLM's own program (Rust), measured once elsewhere with JSON as MB."""


def read(path: Path) -> list[str]:
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def size(texts: list[str]) -> float:
    return sum(len(text.encode()) for text in texts) / 1e6


def ours(texts: list[str], folder: Path) -> dict[str, float]:
    lk = lake.create(folder / "lake")
    ids = [f"{i:08}" for i in range(len(texts))]
    for first in range(0, len(texts), 20_000):
        rows = slice(first, first + 20_000)
        lk.append("documents", pa.table({"doc_id": ids[rows], "text": texts[rows]}))
    settings = Settings()
    report = run(lk, settings)  # and compile
    settings = Settings(expected=report.seen.n_added)
    cpu = []
    for _ in range(ROUNDS):
        lk.drop("documents", list(COLUMNS))
        start = time.process_time()
        report = run(lk, settings, threads=1)
        cpu.append(time.process_time() - start)
    wall: dict[str, list[float]] = {"0": [], "0,1": []}
    for turn in range(4):  # cores of the process, since Lance has threads of its own
        cores = ("0", "0,1")[turn % 2]
        words = [sys.executable, __file__, "--wall", lk.root, str(settings.expected)]
        done = subprocess.run(["taskset", "-c", cores, *words], capture_output=True, check=True)
        wall[cores].append(float(done.stdout.split()[-1]))
    megabytes = size(texts)
    return {
        "megabytes": round(megabytes, 1),
        "ngrams": report.seen.n_added,
        "mb_per_cpu_s": round(megabytes / min(cpu), 1),
        "second_core": round(min(wall["0"]) / min(wall["0,1"]), 2),
        "bytes_per_ngram": round(report.seen.words.nbytes / report.seen.n_added, 3),
        "fp_measured": round(report.seen.fp, 5),
    }


def best_wall(root: str, expected: int) -> float:
    """Seconds of the fastest of some runs, with the cores that this process has."""
    lk, found = lake.open(root), []
    for _ in range(ROUNDS + 1):
        lk.drop("documents", list(COLUMNS))
        start = time.perf_counter()
        run(lk, Settings(expected=expected))
        found.append(time.perf_counter() - start)
    return min(found)


def dolma(texts: list[str], folder: Path) -> float:
    """MB per CPU second of dolma on the first documents."""
    few, total = [], 0.0
    for text in texts:
        few.append(text)
        total += len(text.encode()) / 1e6
        if total > PEER_MEGABYTES:
            break
    documents = folder / "peer" / "documents"
    documents.mkdir(parents=True)
    with gzip.open(documents / "0.jsonl.gz", "wt", encoding="utf-8", compresslevel=1) as file:
        for i, text in enumerate(few):
            row = {"id": str(i), "text": text, "source": "bench", "added": "2026-01-01T00:00:00Z"}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    settings = {
        "documents": [str(documents / "*.jsonl.gz")],
        "dedupe": {
            "name": "ngrams",
            "paragraphs": {
                "attribute_name": "ngrams",
                "by_ngram": {"ngram_length": 13, "stride": 1, "overlap_threshold": 0.8},
            },
            "skip_empty": True,
        },
        "bloom_filter": {
            "file": str(folder / "peer" / "filter.bin"),
            "read_only": False,
            "estimated_doc_count": 8_000_000,
            "desired_false_positive_rate": 0.01,
        },
        "processes": 1,
        "work_dir": {"input": str(folder / "in"), "output": str(folder / "out")},
    }
    (folder / "dolma.json").write_text(json.dumps(settings))
    command = [
        str(Path(python("dolma")).with_name("dolma")),
        "-c",
        str(folder / "dolma.json"),
        "dedupe",
    ]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=dict(os.environ))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = list((folder / "peer" / "attributes").rglob("*.gz"))
    if done.returncode or not found:
        raise SystemExit(f"dolma failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return total / seconds


def main(paths: list[str]) -> None:
    figures = {}
    for path in map(Path, paths):
        texts = read(path)
        folder = Path(tempfile.mkdtemp(prefix="bench-bff-"))
        try:
            mine, peer = ours(texts, folder), dolma(texts, folder)
        finally:
            shutil.rmtree(folder)
        figures[path.name.split(".")[0]] = mine | {
            "dolma_mb_per_cpu_s": round(peer, 2),
            "times_dolma": round(mine["mb_per_cpu_s"] / peer, 1),
            "times_reference": round(mine["mb_per_cpu_s"] / REFERENCE[path.parent.name], 1),
        }
    goals = "20 times dolma, 10 times the reference; a second core 1.3 times; 1.8 bytes an n-gram"
    keep("bff", {"goals": goals, "texts": figures}, ("numba", "numpy", "pyarrow", "pylance"))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--wall"]:
        print(best_wall(sys.argv[2], int(sys.argv[3])))
        sys.exit()
    main(needed(sys.argv[1:], "FOLDER/en/docs.jsonl.zst FOLDER/ko/law.jsonl.zst …"))
