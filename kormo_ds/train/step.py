"""One step: the loss is a sum over its scored tokens, divided by their number.

Both are taken over all ranks and micro-batches. DeepSpeed averages gradients over ranks and over
accumulation, so each micro-batch's sum is multiplied by ranks × accumulation / scored tokens of the
step: loss, gradient and its norm depend on the rows of a step, not on how they are shared out.
Beside the model's own work a step costs two reductions of one number for each term of the loss, and
those of its guard.
"""

import time
from typing import Any

import torch

from kormo_ds.config import Run
from kormo_ds.errors import BadInput
from kormo_ds.model import Batch
from kormo_ds.train import accumulation, data, engine, ranks, schedule
from kormo_ds.train.objective import Objective
from kormo_ds.train.watch import Watch


def one_step(
    model: Any,
    micro_batches: list[Batch],
    rate: float,
    objective: Objective,
    watch: Watch | None = None,
) -> tuple[dict[str, float], float] | None:
    """One optimiser step on this rank's micro-batches; all ranks together.

    Returns:
        The terms of the loss as means over all ranks (`Objective.report`), and the gradient's norm
        before clipping; None, and no step, where no token is scored since its rows are skipped.

    Raises:
        BadInput: no token of the step is scored.
    """
    counts = ranks.totals(map(sum, zip(*map(objective.counts, micro_batches), strict=True)))
    if watch:
        watch.start()
    if not counts[0] and watch and watch.may_be_empty:
        return None
    if not counts[0]:
        raise BadInput(
            "no token of this step is scored: its rows hold padding, or what conversations do not "
            "score, only"
        )
    engine.set_rate(model, rate)
    times = ranks.world() * len(micro_batches)
    weights = [times * weight for weight in objective.weights(counts)]
    scale = torch.tensor(weights, dtype=torch.float32, device=ranks.device())
    sums = torch.zeros_like(scale)
    norm = None
    for batch in accumulation.in_turn(model, micro_batches):
        here = batch.to(ranks.device())
        terms = model(*here.inputs, squares=objective.z_loss > 0)
        if watch:
            watch.forward(batch)
        model.backward((terms * scale).sum())
        sums += terms.detach()
        norm = engine.grad_norm_before_step(model)
        if watch and model.is_gradient_accumulation_boundary():
            watch.update(sums[0], counts[0], norm)
        model.step()
    if watch and watch.norm is not None:
        norm = watch.norm
    norm = model.get_global_grad_norm() if norm is None else norm
    return objective.report(ranks.totals(sums.tolist()), counts), float(norm)


def train_step(
    run: Run,
    model: Any,
    reader: data.Reader,
    step: int,
    schedule_start: int = 0,
    watch: Watch | None = None,
) -> dict[str, Any]:
    """Read, rate, `one_step`, numbers: all that a step is, but for logging and checkpoints.

    `schedule_start` steps of the schedule were taken by the runs before.

    Raises:
        BadInput: as `Watch.end`.
    """
    begun = time.perf_counter()
    micro_batches = reader.step(step, last=step + 1 == run.train.steps)
    in_schedule = (step + schedule_start, run.train.steps + schedule_start)
    rate = schedule.rate(run.schedule, run.optim.lr, *in_schedule)
    done = one_step(model, micro_batches, rate, Objective.of(run), watch)
    terms: dict[str, Any] = {"loss": None, "step_skipped": 1}
    norm = 0.0
    if done:
        terms, norm = done
        terms |= watch.end(step, terms["loss"], norm) if watch else {}
    seconds = time.perf_counter() - begun
    cut = reader.batches
    return {
        "step": step,
        **terms,
        "lr": rate,
        "grad_norm": norm,
        "tokens": cut.tokens(step + 1),
        "epoch": (reader.start + cut.position(step + 1)) / reader.table.n_rows,
        "seconds": seconds,
        "data_wait_s": reader.wait,
    }
