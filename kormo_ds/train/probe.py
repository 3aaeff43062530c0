"""One row that every checkpoint keeps with its loss, so that whoever loads it can compare.

The forward pass of one row on one rank is the same computation at every ZeRO stage and world size:
after loading the same weights its loss is the same number, unless the device, the precision or the
model's function is another. Costs one forward pass of one row when saving and when loading.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from kormo_ds.config import Run
from kormo_ds.model import Batch
from kormo_ds.sequences import Sequences
from kormo_ds.train import ranks

FILE = "probe.npz"
Probe = dict[str, np.ndarray]
"""`input_ids` int32 [1, length], `lengths` of its pieces, `unscored` spans [S, 2], and where the
sequences keep them the pieces' `languages`."""


def of(table: Sequences) -> Probe:
    """The first row of the sequences."""
    rows = table.take(np.zeros(1, np.int64), languages=table.has_languages)
    spans = np.stack(rows.unscored[0], axis=1).reshape(-1, 2)
    probe = {"input_ids": rows.input_ids, "lengths": rows.lengths[0], "unscored": spans}
    if rows.languages:
        probe["languages"] = np.array(rows.languages[0])
    return probe


def write(folder: Path, probe: Probe) -> None:
    """Keep it in a checkpoint."""
    np.savez(folder / FILE, **probe)  # type: ignore[arg-type]


def read(folder: Path) -> Probe:
    """The row that a checkpoint keeps."""
    with np.load(folder / FILE) as stored:
        return dict(stored)


@torch.no_grad()
def loss(engine: Any, probe: Probe, run: Run) -> float:
    """Mean loss of the row in nats a scored token; every rank computes it, all together.

    Ranks that share their rows (`train.sequence_parallel`) add their shares up.
    """
    batch = Batch.of_rows(
        probe["input_ids"],
        [probe["lengths"]],
        [probe["unscored"]],
        languages=[probe["languages"].tolist()] if "languages" in probe else (),
        positions=run.model.positions,
        mtp_depth=run.model.mtp_depth,
    )
    sp = run.train.sequence_parallel
    here = batch.share(ranks.rank() % sp, sp)
    engine.eval()
    summed = float(engine(*here.to(ranks.device()).inputs)[0])
    engine.train()
    if sp > 1:
        summed = ranks.total(summed) * sp / ranks.world()
    return summed / max(1, batch.n_scored)
