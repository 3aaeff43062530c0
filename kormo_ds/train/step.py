"""One step: the loss is a sum over its scored tokens, divided by their number.

Both are taken over all ranks and micro-batches. DeepSpeed averages gradients over ranks and over
accumulation, so each micro-batch's sum is multiplied by ranks × accumulation / scored tokens of the
step: loss, gradient and its norm depend on the rows of a step, not on how they are shared out.
Beside the model's own work a step costs two reductions of one number, and those of its guard.
"""

import time
from typing import Any

import torch

from kormo_ds.config import Run
from kormo_ds.errors import BadInput
from kormo_ds.model import Batch
from kormo_ds.train import data, engine, ranks, schedule
from kormo_ds.train.watch import Watch


def one_step(
    model: Any, micro_batches: list[Batch], rate: float, watch: Watch | None = None
) -> tuple[float, float] | None:
    """One optimiser step on this rank's micro-batches; all ranks together.

    Returns:
        Mean loss in nats a scored token over all ranks, and the gradient's norm before clipping;
        None, and no step, where no token is scored since its rows are skipped.

    Raises:
        BadInput: no token of the step is scored.
    """
    n_scored = ranks.total(sum(batch.n_scored for batch in micro_batches))
    if watch:
        watch.start()
    if not n_scored and watch and watch.may_be_empty:
        return None
    if not n_scored:
        raise BadInput("no token of this step is scored: its rows hold padding only")
    engine.set_rate(model, rate)
    scale = ranks.world() * len(micro_batches) / n_scored
    loss_sum = torch.zeros((), device=ranks.device())
    norm = None
    for batch in micro_batches:
        here = batch.to(ranks.device())
        loss = model(here.tokens, here.labels, here.positions, here.lengths)
        if watch:
            watch.forward(batch)
        model.backward(loss * scale)
        loss_sum += loss.detach()
        norm = engine.grad_norm_before_step(model)
        if watch and model.is_gradient_accumulation_boundary():
            watch.update(loss_sum, n_scored, norm)
        model.step()
    if watch and watch.norm is not None:
        norm = watch.norm
    norm = model.get_global_grad_norm() if norm is None else norm
    return ranks.total(loss_sum) / n_scored, float(norm)


def train_step(
    run: Run, model: Any, reader: data.Reader, step: int, watch: Watch | None = None
) -> dict[str, Any]:
    """Read, rate, `one_step`, numbers: all that a step is, but for logging and checkpoints.

    Raises:
        BadInput: as `Watch.end`.
    """
    begun = time.perf_counter()
    micro_batches = reader.step(step, last=step + 1 == run.train.steps)
    rate = schedule.rate(run.schedule, run.optim.lr, step, run.train.steps)
    done = one_step(model, micro_batches, rate, watch)
    loss, norm = done or (None, 0.0)
    guarded: dict[str, Any] = {}
    if loss is None:
        guarded = {"step_skipped": 1}
    elif watch:
        guarded = watch.end(step, loss, norm)
    seconds = time.perf_counter() - begun
    return {
        "step": step,
        "loss": loss,
        "lr": rate,
        "grad_norm": norm,
        "tokens": (step + 1) * run.train.tokens_per_step,
        "epoch": (step + 1) * reader.batches.rows / reader.table.n_rows,
        "seconds": seconds,
        "data_wait_s": reader.wait,
        "tokens_per_s": run.train.tokens_per_step / seconds,
        **guarded,
    }
