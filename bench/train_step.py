"""A training step of ours beside a bare DeepSpeed loop: the same engine, rows and run, in turn.

    python bench/train_step.py [ROUNDS]

Two CPU ranks, ZeRO-3, the shape of the run `demo`. Ours is all that happens in a step: reading the
rows, the learning rate, counting scored tokens, the reductions of count and loss, the gradient's
norm, the line of metrics. The bare loop has its batches on the device already and does forward,
backward, step. Each round takes both, the order changing; the overhead is the median of the rounds'
ratios, less one. Results go to bench/results/train_step.json.
"""

import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from report import keep

from kormo_ds.train import port

RANKS, LENGTH, WARM_UP = 2, 512, 3


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _write_rows(Path(folder) / "rows")
        meeting_at = port.free()
        context = multiprocessing.get_context("spawn")
        jobs = [
            context.Process(target=_rank, args=(rank, meeting_at, folder, rounds))
            for rank in range(RANKS)
        ]
        for job in jobs:
            job.start()
        for job in jobs:
            job.join()
        if any(job.exitcode for job in jobs):
            sys.exit("a rank failed")


def _rank(rank: int, meeting_at: int, folder: str, rounds: int) -> None:
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(RANKS)}
    os.environ |= {
        "LOCAL_SIZE": str(RANKS),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(meeting_at),
    }
    os.environ |= {"DS_ACCELERATOR": "cpu", "OMP_NUM_THREADS": "1"}
    from kormo_ds.compose import load_run
    from kormo_ds.train import batches, data, engine, ranks
    from kormo_ds.train.metrics import Metrics
    from kormo_ds.train.step import train_step

    words = [f"data.sequences={folder}/rows", f"folder={folder}", "log.wandb=disabled"]
    run = load_run("demo", words)
    run.path.mkdir(exist_ok=True)
    ranks.start()
    table = data.open_sequences(run)
    model = engine.build(run, batches.plan(run.train, table.length, RANKS))
    reader = data.Reader(table, run.seed, batches.plan(run.train, table.length, RANKS), rank)
    metrics = Metrics(run, "bench", 0) if rank == 0 else None

    def ours(step: int) -> None:
        values = train_step(run, model, reader, step)
        if metrics:
            metrics.write(values)

    def bare(step: int) -> None:
        for batch, n_scored in held[step]:
            loss = model(batch.tokens, batch.labels, batch.positions, batch.lengths)
            model.backward(loss.sum() / n_scored)
            model.step()

    seconds: dict[str, list[float]] = {"ours": [], "bare": []}
    for turn in range(WARM_UP + rounds):
        held = {turn: [(batch, batch.n_scored) for batch in reader.read(turn)]}
        for name in ("ours", "bare") if turn % 2 else ("bare", "ours"):
            ranks.total(0)
            begun = time.perf_counter()
            {"ours": ours, "bare": bare}[name](turn)
            ranks.total(0)
            seconds[name].append(time.perf_counter() - begun)
    if metrics:
        metrics.close()
        counted = {name: taken[WARM_UP:] for name, taken in seconds.items()}
        ratios = [a / b for a, b in zip(counted["ours"], counted["bare"], strict=True)]
        medians = {name: round(statistics.median(taken), 4) for name, taken in counted.items()}
        figures = {
            "ranks": RANKS,
            "zero_stage": run.zero_stage,
            "tokens_per_step": run.train.tokens_per_step,
            "rounds": rounds,
            "seconds_ours_median": medians["ours"],
            "seconds_bare_median": medians["bare"],
            "overhead_median": round(statistics.median(ratios) - 1, 4),
            "overhead_quartiles": [round(q - 1, 4) for q in statistics.quantiles(ratios)[::2]],
            "bound": 0.03,
        }
        keep("train_step", figures, ("deepspeed", "torch"))
    ranks.stop()


def _write_rows(folder: Path) -> None:
    """Random rows of three documents each, and a tokenizer of 8,192 words."""
    from tokenizers import Tokenizer, models

    from kormo_ds.sequences.schema import Pieces, batch
    from kormo_ds.sequences.write import Writer

    random = np.random.default_rng(1)
    n_rows, cuts = 512, (200, 100, 212)
    ids = random.integers(0, 8192, (n_rows, LENGTH), dtype=np.int32)
    names = pa.array(["a", "b", "c"] * n_rows)
    pieces = Pieces(
        rows=np.repeat(np.arange(n_rows), 3),
        lengths=np.tile(np.array(cuts, np.int32), n_rows),
        doc_ids=names,
        offsets=np.zeros(3 * n_rows, np.int32),
        components=names,
    )
    writer = Writer(str(folder), LENGTH, {"fingerprint": "bench", "command": "none"})
    writer.append([(batch(ids, pieces), {})])
    writer.finish({})
    words = {str(word): word for word in range(8192)}
    Tokenizer(models.WordLevel(words, unk_token="0")).save(str(folder / "tokenizer.json"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
