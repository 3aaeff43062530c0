"""Steps until done: where a run begins, what is kept of it, and how it ends."""

import random
import secrets
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from kormo_ds.compose import identity
from kormo_ds.config import Run
from kormo_ds.sequences import Sequences
from kormo_ds.train import (
    checkpoint,
    data,
    engine,
    handover,
    lines,
    manifest,
    probe,
    profile,
    ranks,
    run_folder,
    skip_rows,
    throughput,
)
from kormo_ds.train.batches import Batches, plan
from kormo_ds.train.head_losses import HeadLosses
from kormo_ds.train.metrics import Metrics
from kormo_ds.train.state import State, check
from kormo_ds.train.step import train_step
from kormo_ds.train.validation import Validation
from kormo_ds.train.watch import Watch


def train(run: Run) -> State:
    """Train `run` from its newest complete checkpoint, or from the start, to its last step.

    All ranks call it together after `ranks.start`. Returns where the run stands: at its end.

    Raises:
        KormoError: settings, data or checkpoint cannot be used; the same error on every rank.
    """
    with ranks.together("open the sequences"):
        table = data.open_sequences(run)
        tokenizer = data.tokenizer(run, table)
        batches = plan(run.train, table.length, ranks.world())
    with run_folder.held(run):
        found = checkpoint.newest(run)
        if found:
            check(run, found[1], table.fingerprint, found[0])
            origin: handover.Origin | None = handover.Origin(*found)
            state = _here(run, table, found[1])
        else:
            origin = handover.find(run)
            state = _begun(run, table, origin)
        _announce(run, state, origin)
        folder = found and found[0]
        if state.step < run.train.steps:
            state, folder = _run(run, batches, table, tokenizer, origin, folder, state)
        run_folder.write_summary(run, _summary(state, folder))
    return state


def _run(
    run: Run,
    batches: Batches,
    table: Sequences,
    tokenizer: bytes,
    origin: handover.Origin | None,
    folder: Path | None,
    state: State,
) -> tuple[State, Path | None]:
    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(run.seed + ranks.rank())
    model = engine.build(run, batches)
    if origin:
        resumed = folder is not None
        moments = resumed or run.handover.optimizer == "keep"
        n_checked = checkpoint.load(model, origin.folder, origin.state, moments)
        handover.check_loss(model, run, origin, n_checked)
        engine.set_steps(model, state.step, batches)
        if resumed or run.handover.rng == "keep":
            checkpoint.load_random_states(origin.folder)
    row = probe.of(table)
    sp = run.train.sequence_parallel
    reader = data.Reader(
        table,
        run.seed,
        batches,
        ranks.rank() // sp,
        state.data_start,
        languages=run.model.mask == "xlda",
        positions=run.model.positions,
        mtp_depth=run.model.mtp_depth,
        share=(ranks.rank() % sp, sp),
    )
    with ranks.together("read data.skip_rows"):
        reader.skipped = skip_rows.numbers(run.data.skip_rows, table.n_rows)
    known = skip_rows.recorded(state.skipped_rows, state.step, reader.skipped)
    state = replace(state, skipped_rows=known)
    heard = HeadLosses(model)
    with ranks.together("open validation.sequences"):
        held_out = run.validation.sequences
        validation = Validation(run, model, heard, tokenizer) if held_out else None
    watch = Watch(run, model, heard, reader, state.guard)
    if ranks.rank() == 0:
        for name in (lines.SPIKES, lines.VALIDATION):
            lines.cut(run.path / name, state.step)
    metrics = Metrics(run, state.run_id, state.step) if ranks.rank() == 0 else None
    meter, trace = throughput.Meter(run, batches), profile.Trace(run)
    begun, before = time.perf_counter(), state.seconds
    due = False
    try:
        for step in range(state.step, run.train.steps):
            with trace.of(step):
                values = train_step(run, model, reader, step, state.schedule_start, watch)
            values |= meter.step(values, reader.work)
            if validation and validation.due(step):
                values |= validation.measure(step)
            if metrics:
                metrics.write(values)
            state = replace(
                state,
                step=step + 1,
                tokens=state.tokens + batches.tokens(step + 1) - batches.tokens(step),
                seconds=before + time.perf_counter() - begun,
                first_loss=values["loss"] if state.first_loss is None else state.first_loss,
                last_loss=state.last_loss if values["loss"] is None else values["loss"],
                guard=watch.guard.state,
            )
            due = due or state.step % run.checkpoint.every == 0
            if (due and not watch.guard.tainted) or state.step == run.train.steps:
                due = False
                with throughput.saving(run, state.step, metrics):
                    folder = checkpoint.save(model, run, state, tokenizer, row)
    finally:
        if metrics:
            metrics.close()
    return state, folder


def _begun(run: Run, table: Sequences, origin: handover.Origin | None) -> State:
    """The state of a run before its first step; its id is rank 0's."""
    run_id = ranks.gathered(secrets.token_hex(4))[0]
    state = _here(run, table, State(run_id=run_id))
    if origin is None:
        return state
    with ranks.together("hand over"):
        state = handover.begun(run, table, origin, state)
    return state


def _here(run: Run, table: Sequences, state: State) -> State:
    """`state` on these ranks, at this ZeRO stage, with these sequences."""
    known = state.data
    if not known or known[-1]["sequences"] != table.fingerprint:
        mixture = table.facts.get("mixture", "")
        new = {"from_step": state.step, "mixture": mixture, "sequences": table.fingerprint}
        known = [*known, new]
    return replace(
        state,
        data=known,
        sequences=table.fingerprint,
        world=ranks.world(),
        zero_stage=run.zero_stage,
        identity=identity(run),
    )


def _announce(run: Run, state: State, origin: handover.Origin | None) -> None:
    if ranks.rank():
        return
    for folder in manifest.incomplete(run.path / "checkpoints"):
        print(f"{folder} is incomplete: the job ended while it was written; passing it over")
    if state.step >= run.train.steps:
        print(f"all {run.train.steps:,} steps are done in {run.path}", flush=True)
        return
    if state.step:
        print(f"resuming at step {state.step:,} in {run.path}", end="")
    else:
        print(f"starting {run.train.steps:,} steps in {run.path}", end="")
        print(f" from {origin.folder}" if origin else "", end="")
    if origin and (origin.state.world, origin.state.zero_stage) != (state.world, state.zero_stage):
        before = f"{origin.state.world} at ZeRO {origin.state.zero_stage}"
        print(f", {state.world} ranks at ZeRO {state.zero_stage} (before: {before})", end="")
    print(flush=True)


def _summary(state: State, checkpoint: Path | None) -> dict[str, Any]:
    known = asdict(state)
    return {
        "run_id": known["run_id"],
        "sequences_fingerprint": known["sequences"],
        "n_steps": known["step"],
        "n_tokens": known["tokens"],
        "first_loss": known["first_loss"],
        "last_loss": known["last_loss"],
        "checkpoint": str(checkpoint),
        "seconds": known["seconds"],
    }
