"""Packing: tokens a second from lake to rows, beside raw `encode_batch` on the same texts.

    python bench/pack.py [FILE.jsonl.zst …]

Without files, the source of Python's standard library is packed, which needs no download; with
files, their documents. Up to 8 MB of each file are taken, and 24 MB of the library. Packing counts
all: loading the tokenizer, finding and reading the documents, encoding, rows, the disk. Raw
encoding has the texts and the tokenizer in memory and keeps nothing. Each measurement is a process
of its own, as in use: one that has encoded much before is slower, raw or not. A share is the median
over the rounds of one round's share, so that other work on the machine, which is told by its load,
disturbs it little. Results go to bench/results/pack.json.
"""

import multiprocessing
import os
import sys
import sysconfig
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median

import pyarrow as pa
from report import keep
from segmentation import read

import lake
from kormo_ds.pack import Settings, pack
from kormo_ds.text import tokens
from kormo_ds.tokenizer import Settings as TokenizerSettings
from kormo_ds.tokenizer import train

ROUNDS = 7
RAW = ("encode_batch", "encode_batch_fast")
PACKED = ("pack concat", "pack best_fit")
VOCABULARY = 32_000
LENGTH = 4096
BYTES_A_FILE = 8_000_000


@dataclass(frozen=True)
class Copy:
    """The step that writes `text_clean`: the text as it is."""

    name: str = "clean"
    version: int = 1
    fingerprint: str = "copy"
    reads: tuple[str, ...] = ("text",)
    writes: tuple[lake.Column, ...] = (lake.Column("text_clean", pa.string(), "the text"),)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The texts again."""
        return pa.RecordBatch.from_arrays([batch.column("text")], ["text_clean"])


def main(files: list[str]) -> None:
    texts = [text for file in files for text in beginning(read(file))]
    texts = texts or beginning(library(), 24_000_000)
    n_bytes = sum(len(text.encode()) for text in texts)
    with tempfile.TemporaryDirectory() as folder:
        lk = filled(folder, texts)
        train(lk, "bench", TokenizerSettings("bench", VOCABULARY))
        seconds = timed(folder)
        facts = pack(lk, "bench", Settings("bench", LENGTH, "best_fit", "facts")).facts
    keep(
        "pack",
        {
            "texts": [Path(file).name for file in files] or ["standard library of Python"],
            "n_documents": len(texts),
            "n_bytes": n_bytes,
            "n_tokens": facts["n_tokens_in"],
            "vocabulary": VOCABULARY,
            "length": LENGTH,
            "tokens_a_second_at_best": {
                name: round(facts["n_tokens_in"] / min(rounds)) for name, rounds in seconds.items()
            },
            **{
                f"share_of_{raw}": {
                    name: share(seconds[raw], seconds[name]) for name in seconds if name not in RAW
                }
                for raw in RAW
            },
            "load_of_the_machine": round(os.getloadavg()[1], 1),
            "best_fit_padding_share": round(
                facts["n_padding"] / (facts["n_rows"] * facts["length"]), 5
            ),
            "goal": "pack concat at least 0.9 of encode_batch",
        },
        ("tokenizers", "pylance", "duckdb", "pyarrow"),
    )


def timed(folder: str) -> dict[str, list[float]]:
    """The seconds of each side in each round; the order is drawn, as what ran before may matter."""
    seconds: dict[str, list[float]] = {name: [] for name in (*RAW, *PACKED)}
    spawn, random = multiprocessing.get_context("spawn"), Random(0)
    with ProcessPoolExecutor(1, spawn, max_tasks_per_child=1) as fresh:
        for number in range(ROUNDS):
            for name in random.sample(list(seconds), len(seconds)):
                seconds[name].append(fresh.submit(measured, folder, name, number).result())
    return seconds


def measured(folder: str, side: str, number: int) -> float:
    """Seconds of one side; what it imports is imported before."""
    import duckdb  # noqa: F401
    import lance  # noqa: F401

    lk = lake.open(folder)
    if side in RAW:
        texts = lk.dataset("documents").to_table(["text"])["text"].to_pylist()
        encode = getattr(tokens.named(lk, "bench").tokenizer, side)
        start = time.perf_counter()
        encode(texts, add_special_tokens=False)
        return time.perf_counter() - start
    chosen = Settings("bench", LENGTH, side.removeprefix("pack "), f"rows{number}-{side[5:]}")
    start = time.perf_counter()
    pack(lk, "bench", chosen)
    return time.perf_counter() - start


def share(raw: list[float], side: list[float]) -> float:
    """How fast a side is, as a share of raw encoding: the median of the rounds."""
    return round(median(r / s for r, s in zip(raw, side, strict=True)), 3)


def library() -> list[str]:
    """The modules of Python's standard library."""
    folder = Path(sysconfig.get_path("stdlib"))
    files = [*sorted(folder.glob("*.py")), *sorted(folder.glob("[a-r]*/*.py"))]
    return [file.read_text(encoding="utf-8", errors="replace") for file in files]


def beginning(texts: list[str], most: int = BYTES_A_FILE) -> list[str]:
    """The first documents, up to about `most` bytes."""
    taken, n_bytes = [], 0
    for text in texts:
        if n_bytes > most:
            break
        taken.append(text)
        n_bytes += len(text.encode())
    return taken


def filled(folder: str, texts: list[str]) -> lake.Lake:
    """A lake with these documents and a recorded mixture of all of them, once each."""
    lk = lake.create(folder)
    ids = [f"{i:016x}" for i in range(len(texts))]
    lk.append("documents", pa.table({"doc_id": ids, "text": texts}))
    lk.fill("documents", [Copy()])
    selection = {"doc_id": ids, "component": ["all"] * len(ids), "repeats": [1.0] * len(ids)}
    lk.write("mixtures/bench@1", pa.table(selection | {"sort_key": ids}))
    row = dict.fromkeys(lk.schema("mixtures").names) | {
        "mixture": "bench",
        "version": 1,
        "documents_version": lk.version("documents"),
        "created_at": datetime.now(UTC),
        "n_documents": len(ids),
        "digest": "bench",
    }
    lk.append("mixtures", pa.Table.from_pylist([row], schema=lk.schema("mixtures")))
    return lk


if __name__ == "__main__":
    main(sys.argv[1:])
