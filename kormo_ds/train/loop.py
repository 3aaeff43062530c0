"""Steps until done: where a run begins, what is kept of it, and how it ends."""

import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from kormo_ds.compose import identity
from kormo_ds.config import Run
from kormo_ds.run_record import manifest
from kormo_ds.run_record.state import State, check
from kormo_ds.sequences import Sequences
from kormo_ds.train import (
    checkpoint,
    data,
    handover,
    probe,
    ranks,
    run_folder,
    skip_rows,
    throughput,
)
from kormo_ds.train.batches import Batches, plan
from kormo_ds.train.evaluation import Begin
from kormo_ds.train.session import Session, begin
from kormo_ds.train.step import train_step


def train(run: Run, evaluate: Begin | None = None) -> State:
    """Train `run` from its newest complete checkpoint, or from the start, to its last step.

    All ranks call it together after `ranks.start`. Returns where the run stands: at its end.

    Args:
        run: what is trained.
        evaluate: how to ask `run.evaluation.tasks`, where it has some.

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
            resumed = folder is not None
            session = begin(run, batches, table, tokenizer, state, origin, resumed, evaluate)
            known = skip_rows.recorded(state.skipped_rows, state.step, session.reader.skipped)
            state = replace(state, skipped_rows=known)
            row = probe.of(table)
            keep = partial(checkpoint.save, session.model, run, tokenizer=tokenizer, row=row)
            try:
                state, folder = _steps(run, batches, session, state, keep)
            finally:
                if session.metrics:
                    session.metrics.close()
        run_folder.write_summary(run, _summary(state, folder))
    return state


def _steps(
    run: Run, batches: Batches, session: Session, state: State, keep: Callable[[State], Path]
) -> tuple[State, Path | None]:
    """Take the steps from `state` to the run's last; the state then, and the last checkpoint.

    Args:
        run: what is trained.
        batches: its steps.
        session: what they need.
        state: where the run stands.
        keep: writes a checkpoint.
    """
    begun, before = time.perf_counter(), state.seconds
    guard, folder, due = session.watch.guard, None, False
    for step in range(state.step, run.train.steps):
        values = _step(run, session, step, state.schedule_start)
        state = replace(
            state,
            step=step + 1,
            tokens=state.tokens + batches.tokens(step + 1) - batches.tokens(step),
            seconds=before + time.perf_counter() - begun,
            first_loss=values["loss"] if state.first_loss is None else state.first_loss,
            last_loss=state.last_loss if values["loss"] is None else values["loss"],
            guard=guard.state,
        )
        due = due or state.step % run.checkpoint.every == 0
        if (due and not guard.tainted) or state.step == run.train.steps:
            due = False
            with throughput.saving(run, state.step, session.metrics):
                folder = keep(state)
    return state, folder


def _step(run: Run, session: Session, step: int, schedule_start: int) -> dict[str, Any]:
    """One step with all that is measured of it, written down."""
    with session.trace.of(step):
        values = train_step(run, session.model, session.reader, step, schedule_start, session.watch)
    values |= session.meter.step(values, session.reader.work)
    if session.validation and session.validation.due(step):
        values |= session.validation.measure(step)
    if session.evaluation and session.evaluation.due(step):
        values |= session.evaluation.measure(step)
    if session.metrics:
        session.metrics.write(values)
    return values


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
        if (render := table.facts.get("render", "text")) != "text":
            new["render"] = render
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
