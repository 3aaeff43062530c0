"""What a step got done and what it took: tokens a second, MFU, waiting, memory, time left.

`Work` counts what the rows of a step hold; `Meter` sets it against the clock. The ranks exchange
one small vector a step, from which every rank has sums, the longest wait and the largest memory.
What each number means is in docs/throughput.md; wandb's names for them are in
`kormo_ds.train.names`.
"""

import json
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from typing import Any

import psutil
import torch

from kormo_ds.config import ModelConfig, Run
from kormo_ds.model import Batch
from kormo_ds.run_record import manifest
from kormo_ds.train import flops, peak, ranks
from kormo_ds.train.batches import Batches

_GIB = 2.0**30


@dataclass(frozen=True)
class Work:
    """What rows hold."""

    n_tokens: int = 0
    """Padding included."""
    n_document_tokens: int = 0
    """Padding left out."""
    n_squares: int = 0
    """Squared lengths of the pieces of documents, summed; padding left out."""

    @classmethod
    def of(cls, batches: Sequence[Batch]) -> "Work":
        """The work in micro-batches."""
        tokens = padding = squares = 0.0
        for batch in batches:
            share = len(batch.tokens) / sum(batch.lengths)  # other ranks have the rest of the rows
            tokens += len(batch.tokens)
            padding += share * sum(batch.padding)
            pairs = sum(n * n for n in batch.lengths) - sum(n * n for n in batch.padding)
            squares += share * pairs
        return cls(round(tokens), round(tokens - padding), round(squares))


class Meter:
    """Numbers of every step; all ranks make one and call `step` together."""

    def __init__(self, run: Run, batches: Batches) -> None:
        self._run, self._row_length = run, batches.row_length
        self._peak = peak.of(ranks.device(), run.train.precision) or float("nan")
        self._first: tuple[int, float] | None = None

    def step(self, values: dict[str, float], work: Work) -> dict[str, float]:
        """What to add to `values` (step, seconds and data_wait_s of the step just done).

        Args:
            values: the step's numbers so far.
            work: what this rank's rows held.
        """
        here = memory(ranks.device())
        mine = [*astuple(work), self._peak, values["data_wait_s"], *here.values()]
        told = numbers(
            self._run.model, self._row_length, values["seconds"], list(here), ranks.vectors(mine)
        )
        told["eta_h"] = self._left(int(values["step"]), values["seconds"]) / 3600
        return told

    def _left(self, step: int, seconds: float) -> float:
        """Seconds to the last step, at the pace since the first of this session was done.

        Whatever happened between steps (checkpoints, evaluation) is in it.
        """
        now = time.perf_counter()
        first, since = self._first = self._first or (step, now)
        pace = (now - since) / (step - first) if step > first else seconds
        return (self._run.train.steps - 1 - step) * pace


def numbers(
    model: ModelConfig,
    row_length: int,
    seconds: float,
    memories: list[str],
    by_rank: list[list[float]],
) -> dict[str, float]:
    """What all ranks together got done in a step of so many seconds.

    Args:
        model: its shape.
        row_length: tokens of a row.
        seconds: of the step.
        memories: names of the numbers of memory.
        by_rank: of each rank its `Work`, its peak (operations a second, NaN if unknown), what it
            waited for data (seconds), and its numbers of memory.
    """
    everywhere, world = torch.tensor(by_rank, dtype=torch.float64), len(by_rank)
    tokens, in_documents, squares, possible = everywhere[:, :4].sum(0).tolist()
    wait, *fullest = everywhere[:, 4:].max(0).values.tolist()
    palm = flops.palm(model, int(tokens), row_length)
    masked = flops.documents(model, int(in_documents), int(squares))
    told = {
        "tokens_per_s": tokens / seconds,
        "tokens_per_s_device": tokens / seconds / world,
        "document_tokens_per_s": in_documents / seconds,
        "document_tokens_per_s_device": in_documents / seconds / world,
        "pack_fill_pct": 100 * in_documents / tokens,
        "tflops": palm / seconds / 1e12,
        "tflops_device": palm / seconds / 1e12 / world,
        "data_wait_max_s": wait,
        "data_wait_pct": 100 * wait / seconds,
        **dict(zip(memories, fullest, strict=True)),
    }
    if math.isfinite(possible):
        told["mfu_palm"] = palm / seconds / possible
        told["mfu_documents"] = masked / seconds / possible
    return told


def memory(device: torch.device) -> dict[str, float]:
    """Memory of this process, and on a GPU the peak since the last call.

    On CUDA: most memory in live tensors and most reserved (GiB), how often the allocator had to
    give memory back and try again, and how often it failed. On a CPU: resident memory (GiB).
    """
    if device.type == "cpu":
        return {"rss_gib": psutil.Process().memory_info().rss / _GIB}
    stats = torch.cuda.memory_stats(device)
    torch.cuda.reset_peak_memory_stats(device)
    return {
        "max_active_gib": stats["active_bytes.all.peak"] / _GIB,
        "max_reserved_gib": stats["reserved_bytes.all.peak"] / _GIB,
        "alloc_retries": stats["num_alloc_retries"],
        "ooms": stats["num_ooms"],
    }


@contextmanager
def saving(run: Run, step: int, metrics: Any) -> Iterator[None]:
    """Time the writing of the checkpoint after `step` steps; rank 0 writes it down.

    Args:
        run: whose checkpoint it is.
        step: steps done.
        metrics: what `saved` is called of; None on the other ranks.
    """
    begun = time.perf_counter()
    yield
    if metrics:
        seconds = time.perf_counter() - begun
        folder = manifest.folder_of(run.path / "checkpoints", step)
        files = json.loads((folder / manifest.MANIFEST).read_text())["files"]
        size = sum(file["size"] for file in files)
        metrics.saved({"step": step - 1, "checkpoint_save_s": seconds, "checkpoint_bytes": size})
