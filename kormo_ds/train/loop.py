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
from kormo_ds.train import checkpoint, data, engine, manifest, ranks, run_folder
from kormo_ds.train.batches import Batches, plan
from kormo_ds.train.metrics import Metrics
from kormo_ds.train.state import State, check
from kormo_ds.train.step import train_step


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
            check(run, found[1], table.fingerprint, ranks.world(), found[0])
        state = _begin(run, found, table.fingerprint)
        _announce(run, state, found is not None)
        folder = found and found[0]
        if state.step < run.train.steps:
            state, folder = _run(run, batches, table, tokenizer, folder, state)
        run_folder.write_summary(run, _summary(state, folder))
    return state


def _run(
    run: Run,
    batches: Batches,
    table: Sequences,
    tokenizer: bytes,
    folder: Path | None,
    state: State,
) -> tuple[State, Path | None]:
    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(run.seed + ranks.rank())
    model = engine.build(run, batches)
    if folder:
        checkpoint.load(model, folder)
    reader = data.Reader(
        table,
        run.seed,
        batches,
        ranks.rank() // run.train.sequence_parallel,
        languages=run.model.mask == "xlda",
        positions=run.model.positions,
        share=(ranks.rank() % run.train.sequence_parallel, run.train.sequence_parallel),
    )
    metrics = Metrics(run, state.run_id, state.step) if ranks.rank() == 0 else None
    begun, before = time.perf_counter(), state.seconds
    try:
        for step in range(state.step, run.train.steps):
            values = train_step(run, model, reader, step)
            if metrics:
                metrics.write(values)
            state = replace(
                state,
                step=step + 1,
                tokens=state.tokens + run.train.tokens_per_step,
                seconds=before + time.perf_counter() - begun,
                first_loss=values["loss"] if state.first_loss is None else state.first_loss,
                last_loss=values["loss"],
            )
            if state.step % run.checkpoint.every == 0 or state.step == run.train.steps:
                folder = checkpoint.save(model, run, state, tokenizer)
    finally:
        if metrics:
            metrics.close()
    return state, folder


def _begin(run: Run, found: tuple[Path, State] | None, fingerprint: str) -> State:
    """The state to go on from; ids are rank 0's."""
    here: dict[str, Any] = {
        "sequences": fingerprint,
        "world": ranks.world(),
        "zero_stage": run.zero_stage,
        "identity": identity(run),
    }
    run_id = ranks.gathered(secrets.token_hex(4))[0]
    return replace(found[1], **here) if found else State(run_id=run_id, **here)


def _announce(run: Run, state: State, resumed: bool) -> None:
    if ranks.rank():
        return
    for folder in manifest.incomplete(run.path / "checkpoints"):
        print(f"{folder} is incomplete: the job ended while it was written; passing it over")
    if state.step >= run.train.steps:
        print(f"all {run.train.steps:,} steps are done in {run.path}", flush=True)
    elif resumed:
        print(f"resuming at step {state.step:,} in {run.path}", flush=True)
    else:
        print(f"starting {run.train.steps:,} steps in {run.path}", flush=True)


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
