"""One row that every checkpoint keeps with its loss, so that whoever loads it can compare.

The forward pass of one row on one rank is the same computation at every ZeRO stage and world size:
after loading the same weights its loss is the same number, unless the device, the precision or the
model's function is another. Costs one forward pass of one row when saving and when loading.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from kormo_ds.model import Batch
from kormo_ds.sequences import Sequences
from kormo_ds.train import ranks

FILE = "probe.npz"
Probe = dict[str, np.ndarray]
"""`input_ids` int32 [1, length], `lengths` of its pieces, `unscored` spans [S, 2]."""


def of(table: Sequences) -> Probe:
    """The first row of the sequences."""
    rows = table.take(np.zeros(1, np.int64))
    spans = np.stack(rows.unscored[0], axis=1).reshape(-1, 2)
    return {"input_ids": rows.input_ids, "lengths": rows.lengths[0], "unscored": spans}


def write(folder: Path, probe: Probe) -> None:
    """Keep it in a checkpoint."""
    np.savez(folder / FILE, **probe)  # type: ignore[arg-type]


def read(folder: Path) -> Probe:
    """The row that a checkpoint keeps."""
    with np.load(folder / FILE) as stored:
        return dict(stored)


@torch.no_grad()
def loss(engine: Any, probe: Probe) -> float:
    """Mean loss of the row in nats a scored token; every rank computes it, all together."""
    batch = Batch.of_rows(probe["input_ids"], [probe["lengths"]], [probe["unscored"]])
    here = batch.to(ranks.device())
    engine.eval()
    summed = engine(here.tokens, here.labels, here.positions, here.lengths)
    engine.train()
    return float(summed) / max(1, batch.n_scored)
