"""Which micro-batch is a step's last, said to DeepSpeed before its forward pass.

DeepSpeed counts micro-batches from the first of the run and takes a step where the count is a
multiple of the accumulation (0.19.8, `is_gradient_accumulation_boundary`). That fits steps of one
size only: after three steps of one micro-batch, one of two would end after its first. So the
boundary is set here, and the step's own accumulation, by which the engine divides each loss.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from kormo_ds.model import Batch


def in_turn(model: Any, micro_batches: Sequence[Batch]) -> Iterator[Batch]:
    """The micro-batches of one step on this rank; the same number on every rank."""
    n_micro = len(micro_batches)
    rows = model.train_micro_batch_size_per_gpu() * model.dp_world_size
    model.set_train_batch_size(n_micro * rows)
    for micro, batch in enumerate(micro_batches):
        model.set_gradient_accumulation_boundary(micro + 1 == n_micro)
        yield batch
