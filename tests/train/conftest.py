"""Packed rows to train on, and jobs of real processes that can really be killed.

Ranks are forked from one server that has imported torch and DeepSpeed already, so a job starts in
a second instead of ten.
"""

import json
import multiprocessing
import os
import runpy
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pytest
from tokenizers import Tokenizer, models

from kormo_ds.sequences.schema import Pieces, batch
from kormo_ds.sequences.write import Writer
from kormo_ds.train import port

PRELOADED = ["kormo_ds.train.loop", "torch._inductor.compile_fx", "omegaconf", "pandas"]
LENGTH, VOCABULARY = 32, 128
MODEL = [
    f"model.{setting}"
    for setting in (
        f"vocab_size={VOCABULARY}",
        "hidden_size=32",
        "ffn_size=64",
        "n_layers=2",
        "n_heads=2",
        "n_kv_heads=1",
        "head_dim=16",
    )
]


def write_sequences(
    folder: Path, n_rows: int, fingerprint: str, change=None, length: int = LENGTH
) -> Path:
    """Rows of two documents each, the second one followed by padding of 0 to 7 tokens.

    `change(random, ids)` makes other tokens of them.
    """
    random = np.random.default_rng(7)
    ids = random.integers(0, VOCABULARY, (n_rows, length), dtype=np.int32)
    ids = change(random, ids) if change else ids
    padding = np.arange(n_rows) % 8
    first = random.integers(4, 20, n_rows)
    lengths = np.stack([first, length - first - padding, padding], axis=1).reshape(-1)
    there = lengths > 0
    names = np.tile(["a", "b", ""], n_rows)[there]
    pieces = Pieces(
        rows=np.repeat(np.arange(n_rows), 3)[there],
        lengths=lengths[there].astype(np.int32),
        doc_ids=pa.array(names),
        offsets=np.zeros(there.sum(), np.int32),
        components=pa.array(names),
        languages=pa.array(np.tile(["ko", "en", ""], n_rows)[there]),
    )
    facts = {"fingerprint": fingerprint, "command": "kormo pack demo tokenizer=tiny"}
    writer = Writer(str(folder), length, facts)
    writer.append([(batch(ids, pieces), {})])
    writer.finish({})
    words = {str(word): word for word in range(VOCABULARY)}
    Tokenizer(models.WordLevel(words, unk_token="0")).save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="session")
def write_rows():
    return write_sequences


@pytest.fixture(scope="session")
def sequences(tmp_path_factory) -> Path:
    """29 rows of 32 tokens: a step of 8 rows meets the end of the epoch in the fourth."""
    return write_sequences(tmp_path_factory.mktemp("sequences") / "tiny", 29, "tiny" * 16)


@pytest.fixture(scope="session")
def other_sequences(tmp_path_factory) -> Path:
    return write_sequences(tmp_path_factory.mktemp("sequences") / "other", 29, "other" * 12)


class Kill(NamedTuple):
    """SIGKILL for a rank, so many steps after its job has begun and some seconds more."""

    run: str
    rank: int
    steps: int
    seconds: float


class Job:
    """Trains cases on real ranks; `run` makes a case of a name and settings."""

    Kill = Kill

    def __init__(self, sequences: Path, folder: Path) -> None:
        self.sequences = sequences
        self.folder = folder
        os.environ |= {"DS_ACCELERATOR": "cpu", "OMP_NUM_THREADS": "1"}
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOADED)
        self._n_jobs = 0

    def case(self, name: str, stage: int, *words: str, **more) -> dict:
        settings = [
            f"name={name}",
            f"folder={self.folder}",
            f"data.sequences={self.sequences}",
            f"deepspeed.zero_optimization.stage={stage}",
            f"train.tokens_per_step={8 * LENGTH}",
            "train.micro_batch_rows=2",
            "train.steps=6",
            "checkpoint.every=2",
            "checkpoint.keep=9",
            *MODEL,
            *words,
        ]
        return {"run": "smoke", "words": settings, **more}

    def run(
        self, *cases: dict, world: int = 2, kill: "Kill | None" = None
    ) -> tuple[list[int | None], list[list], str]:
        """Exit code, errors by case and all output; a rank that dies takes the others along.

        `kill`: which rank gets SIGKILL, and when.
        """
        self._n_jobs += 1
        meeting_at = port.free()
        processes, logs = [], []
        for rank in range(world):
            logs.append(self.folder / f"job-{self._n_jobs}-rank-{rank}.log")
            environment = {
                "RANK": str(rank),
                "LOCAL_RANK": str(rank),
                "WORLD_SIZE": str(world),
                "LOCAL_SIZE": str(world),
                "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": str(meeting_at),
                "LOG": str(logs[-1]),
            }
            script = str(Path(__file__).with_name("rank.py"))
            names = {"CASES": list(cases), "RANK": rank, "ENVIRONMENT": environment}
            processes.append(self._context.Process(target=runpy.run_path, args=(script, names)))
            processes[-1].start()
        if kill:
            self._kill(processes, logs, kill)
        while any(p.exitcode is None for p in processes) and not any(p.exitcode for p in processes):
            time.sleep(0.05)
        codes = [process.exitcode for process in processes]
        for process in processes:
            process.kill()
            process.join()
        left = list(Path("/dev/shm").glob(f"deepspeed_*_{meeting_at}_*"))
        assert left == [], "buffers of 69 MB that nobody will ever free"
        errors = [path.with_suffix(".errors") for path in logs]
        told = [json.loads(path.read_text()) if path.exists() else [] for path in errors]
        return codes, told, "".join(path.read_text() for path in logs if path.exists())

    def _kill(self, processes: list, logs: list[Path], kill: "Kill") -> None:
        lines = self.folder / kill.run / "metrics.jsonl"

        def taken() -> int:
            return len(lines.read_text().splitlines()) if lines.exists() else 0

        while not any(path.exists() and path.stat().st_size for path in logs):
            time.sleep(0.002)
        until = taken() + kill.steps
        while taken() < until and all(process.exitcode is None for process in processes):
            time.sleep(0.002)
        time.sleep(kill.seconds)
        processes[kill.rank].kill()

    def metrics(self, name: str) -> list[dict]:
        lines = (self.folder / name / "metrics.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def losses(self, name: str) -> list[tuple[int, float, float]]:
        return [(line["step"], line["loss"], line["grad_norm"]) for line in self.metrics(name)]

    def drawn(self, name: str) -> dict[tuple[int, int], list[float]]:
        """What each rank drew before each step; a step taken again stands for the first try."""
        lines = {
            rank: (self.folder / name / f"drawn-{rank}.jsonl").read_text().splitlines()
            for rank in range(2)
        }
        drawn = [(rank, json.loads(line)) for rank in lines for line in lines[rank]]
        return {(rank, step): values for rank, (step, *values) in drawn}

    def weights(self, name: str, step: int) -> bytes:
        """Every parameter and its two moments in a checkpoint."""
        files = self.checkpoint(name, step).glob("*/*.safetensors")
        return b"".join(path.read_bytes() for path in sorted(files))

    def checkpoint(self, name: str, step: int) -> Path:
        return self.folder / name / "checkpoints" / f"step-{step:06d}"


@pytest.fixture(scope="session")
def job(sequences: Path, tmp_path_factory) -> Job:
    return Job(sequences, tmp_path_factory.mktemp("runs"))
