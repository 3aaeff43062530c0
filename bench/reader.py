"""Reading rows at random: tokens a second on one core, and whether a late start costs anything.

    python bench/reader.py

Makes 16,384 rows of 4,096 tokens (268 MB) and reads them in the order of training. Opening and
seeking is timed at step 0 and at step one million. Results go to bench/results/reader.json.
"""

import os
import statistics
import tempfile
import time

import numpy as np
import pyarrow as pa
from report import keep

from kormo_ds import sequences
from kormo_ds.sequences import Order
from kormo_ds.sequences.schema import Pieces, batch
from kormo_ds.sequences.write import Writer

LENGTH = 4096
ROWS = 16_384
ROWS_A_STEP = 64
STEPS = 128
PIECES = 8
ROUNDS = 5


def main() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        write(folder)
        rates = [read(folder) for _ in range(ROUNDS)]
        first, late = [], []
        for _ in range(50):
            first.append(opened(folder, 0))
            late.append(opened(folder, 1_000_000))
    start, million = statistics.median(first), statistics.median(late)
    keep(
        "reader",
        {
            "rows": ROWS,
            "length": LENGTH,
            "rows_a_step": ROWS_A_STEP,
            "cores": 1,
            "tokens_a_second": round(max(rates)),
            "goal": "at least 5,000,000 tokens a second; ratio near 1",
            "open_and_seek_ms": {
                "step 0": round(start * 1e3, 3),
                "step 1,000,000": round(million * 1e3, 3),
            },
            "ratio_of_step_one_million_to_step_0": round(million / start, 3),
        },
        ("pylance", "numpy", "pyarrow"),
    )


def write(folder: str) -> None:
    random = np.random.default_rng(0)
    writer = Writer(folder, LENGTH, {"fingerprint": "bench", "command": "python bench/reader.py"})
    doc_ids = pa.array([f"{i:016x}" for i in range(1024 * PIECES)])
    pieces = Pieces(
        rows=np.repeat(np.arange(1024), PIECES),
        lengths=np.full(1024 * PIECES, LENGTH // PIECES, np.int32),
        doc_ids=doc_ids,
        offsets=np.zeros(1024 * PIECES, np.int32),
        components=pa.array(["all"] * 1024 * PIECES),
        languages=pa.array(["en"] * 1024 * PIECES),
    )
    for _ in range(ROWS // 1024):
        ids = random.integers(0, 125_041, (1024, LENGTH), dtype=np.int32)
        writer.append([(batch(ids, pieces), {})])
    writer.finish({})


def read(folder: str) -> float:
    """Tokens a second of STEPS steps in training order."""
    rows = sequences.open(folder)
    order = Order(rows.n_rows, seed=0)
    start = time.perf_counter()
    n = 0
    for step in range(STEPS):
        n += rows.take(order.rows(step * ROWS_A_STEP, ROWS_A_STEP)).input_ids.size
    return n / (time.perf_counter() - start)


def opened(folder: str, step: int) -> float:
    """Seconds to open the table and have the rows of `step`."""
    start = time.perf_counter()
    rows = sequences.open(folder)
    rows.take(Order(rows.n_rows, seed=0).rows(step * ROWS_A_STEP, ROWS_A_STEP))
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
