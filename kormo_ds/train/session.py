"""All that the steps of a run need, made or loaded once: model, rows, guards, what is measured."""

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from kormo_ds.config import Run
from kormo_ds.run_record import lines
from kormo_ds.run_record.state import State
from kormo_ds.sequences import Sequences
from kormo_ds.train import checkpoint, data, engine, handover, profile, ranks, skip_rows, throughput
from kormo_ds.train.batches import Batches
from kormo_ds.train.evaluation import Begin, Evaluation
from kormo_ds.train.head_losses import HeadLosses
from kormo_ds.train.metrics import Metrics
from kormo_ds.train.validation import Validation
from kormo_ds.train.watch import Watch


@dataclass(frozen=True)
class Session:
    """A run that stands before its next step."""

    model: Any
    """DeepSpeed's engine, loaded."""
    reader: data.Reader
    validation: Validation | None
    evaluation: Evaluation | None
    watch: Watch
    meter: throughput.Meter
    trace: profile.Trace
    metrics: Metrics | None
    """On rank 0 alone."""


def begin(
    run: Run,
    batches: Batches,
    table: Sequences,
    tokenizer: bytes,
    state: State,
    origin: handover.Origin | None,
    resumed: bool,
    evaluate: Begin | None = None,
) -> Session:
    """Make ready what `run` needs from step `state.step` on; all ranks call it together.

    Args:
        run: what is trained.
        batches: its steps, cut for these ranks.
        table: its rows.
        tokenizer: tokenizer.json, for bits per byte.
        state: where the run stands.
        origin: the checkpoint that it begins with, if any.
        resumed: is `origin` the run's own?
        evaluate: how to ask tasks.

    Raises:
        KormoError: something cannot be used; the same error on every rank.
    """
    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(run.seed + ranks.rank())
    model = engine.build(run, batches)
    if origin:
        _load(model, run, batches, state, origin, resumed)
    reader = _reader(run, batches, table, state)
    heard = HeadLosses(model)
    with ranks.together("open validation.sequences"):
        held_out = run.validation.sequences
        validation = Validation(run, model, heard, tokenizer) if held_out else None
    with ranks.together("load evaluation.tasks"):
        wanted = run.evaluation.names
        evaluation = Evaluation(run, model, heard, tokenizer, evaluate) if wanted else None
    if ranks.rank() == 0:
        for name in (lines.SPIKES, lines.VALIDATION, lines.EVALUATION):
            lines.cut(run.path / name, state.step)
    return Session(
        model=model,
        reader=reader,
        validation=validation,
        evaluation=evaluation,
        watch=Watch(run, model, heard, reader, state.guard),
        metrics=Metrics(run, state.run_id, state.step) if ranks.rank() == 0 else None,
        meter=throughput.Meter(run, batches),
        trace=profile.Trace(run),
    )


def _load(
    model: Any,
    run: Run,
    batches: Batches,
    state: State,
    origin: handover.Origin,
    resumed: bool,
) -> None:
    """Weights, moments and random states of `origin`, proved by checksums and by a loss."""
    moments = resumed or run.handover.optimizer == "keep"
    n_checked = checkpoint.load(model, origin.folder, origin.state, moments)
    loss = handover.check_loss(model, run, origin, n_checked)
    if not resumed:
        state.lineage[0]["evaluation_loss"] = {"there": origin.state.probe_loss, "here": loss}
    engine.set_steps(model, state.step, batches)
    if resumed or run.handover.rng == "keep":
        checkpoint.load_random_states(origin.folder)


def _reader(run: Run, batches: Batches, table: Sequences, state: State) -> data.Reader:
    """This rank's rows; ranks that share a stream read the same rows and take a part of each."""
    group, place = divmod(ranks.rank(), run.train.sequence_parallel)
    reader = data.Reader(
        table,
        run.seed,
        batches,
        group,
        state.data_start,
        languages=run.model.mask == "xlda",
        positions=run.model.positions,
        mtp_depth=run.model.mtp_depth,
        share=(place, run.train.sequence_parallel),
    )
    with ranks.together("read data.skip_rows"):
        reader.skipped = skip_rows.numbers(run.data.skip_rows, table.n_rows)
    return reader
