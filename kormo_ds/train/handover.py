"""From one run to the next: fp32 weights always, the rest as `handover:` says, item by item.

Any ZeRO stage and number of ranks can follow any other. What was loaded is proved twice: each
parameter's checksum is the checkpoint's, and a row that the checkpoint keeps has the loss that it
had there. Both are printed. Every checkpoint after it names its ancestors, nearest first, with what
passed between them, what was changed (`model.rope_theta`, for longer rows), both losses, and the
mixtures that they were trained on.
"""

import hashlib
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from kormo_ds.compose import identity
from kormo_ds.config import Run
from kormo_ds.errors import BadConfig, BadInput, Damaged, unknown
from kormo_ds.run_record import manifest
from kormo_ds.run_record.state import State
from kormo_ds.sequences import Sequences
from kormo_ds.train import portable, probe, ranks

LOSS_BOUND = {"fp32": 1e-5, "bf16": 1e-2}
"""How far a loss may be from the checkpoint's, as a share of it, on another device or with other
kernels; at other stages and world sizes it is the same number."""
_CHANGES_THE_FUNCTION = ("model.", "train.precision")


@dataclass(frozen=True)
class Origin:
    """A checkpoint that a run begins from."""

    folder: Path
    state: State


def find(run: Run) -> Origin | None:
    """The checkpoint that `handover` names, verified; None where it names none. All ranks together.

    Raises:
        BadConfig, BadInput, UnknownName: it is not there, or is no portable checkpoint.
        Damaged: its files are not those of its manifest.
    """
    if not run.handover.run:
        return None
    with ranks.together(f"find handover.run={run.handover.run}"):
        folder = _folder(run)
        portable.check(folder)
    with ranks.together(f"read {folder}"):
        manifest.verify(folder, ranks.rank(), ranks.world())
    return Origin(folder, State.read(folder))


def begun(run: Run, table: Sequences, origin: Origin, state: State) -> State:
    """`state` of a new run, with what it takes over.

    Raises:
        BadConfig: an item cannot be kept: names it, why, and the way out.
    """
    keeps, before = run.handover, origin.state
    if keeps.data == "keep" and before.sequences != table.fingerprint:
        raise BadConfig(
            f"handover.data=keep needs the sequences of {origin.folder} ({before.sequences[:12]}), "
            f"and {run.data.sequences} holds others ({table.fingerprint[:12]}); set "
            "handover.data=reset to read these from their start"
        )
    if keeps.data == "keep" and before.identity["seed"] != run.seed:
        raise BadConfig(
            f"handover.data=keep needs the same order of rows: set seed={before.identity['seed']} "
            f"in place of {run.seed}, or handover.data=reset"
        )
    if keeps.rng == "keep" and before.world != ranks.world():
        raise BadConfig(
            f"handover.rng=keep needs as many ranks as {origin.folder} had, {before.world}, and "
            f"this job has {ranks.world()}; set handover.rng=reset"
        )
    rows = before.data_start + before.tokens // table.length
    return replace(
        state,
        schedule_start=before.schedule_start + before.step if keeps.schedule == "keep" else 0,
        data_start=rows if keeps.data == "keep" else 0,
        lineage=[_entry(run, origin), *before.lineage],
    )


def check_loss(engine: Any, run: Run, origin: Origin, n_checked: int) -> float:
    """The loss of the checkpoint's row, compared with what it was there; all ranks together.

    Raises:
        Damaged: the loss is another one, and nothing in the settings says why.
    """
    found = probe.loss(engine, probe.read(origin.folder), run)
    stated = origin.state.probe_loss
    assert stated is not None, "written with every checkpoint"
    differ = _differing(run, origin.state)
    if ranks.rank() == 0:
        print(f"{n_checked} parameters have the checksums of {origin.folder}")
        note = f", with {', '.join(differ)}" if differ else ""
        print(f"evaluation loss {stated:.6f} there, {found:.6f} here{note}", flush=True)
    bound = LOSS_BOUND[run.train.precision]
    if not differ and not abs(found - stated) <= bound * abs(stated):
        raise Damaged(
            f"the evaluation loss of {origin.folder} was {stated:.6f} when it was written and is "
            f"{found:.6f} now, though all parameters are the same: these kernels or this device "
            "compute another model; compare model.attention=dense"
        )
    return found


def _differing(run: Run, before: State) -> list[str]:
    """Settings that make the model another function, as 'key old → new'."""
    now = identity(run)
    return [
        f"{key} {before.identity.get(key)} → {now[key]}"
        for key in sorted(now)
        if key.startswith(_CHANGES_THE_FUNCTION) and now[key] != before.identity.get(key)
    ]


def _entry(run: Run, origin: Origin) -> dict[str, Any]:
    """One ancestor, for the lineage."""
    before = origin.state
    return {
        "run": origin.folder.parent.parent.name,
        "run_id": before.run_id,
        "checkpoint": str(origin.folder),
        "manifest_sha256": hashlib.sha256(
            (origin.folder / manifest.MANIFEST).read_bytes()
        ).hexdigest(),
        "steps": before.step,
        "tokens": before.tokens,
        "data": before.data,
        "changed": _differing(run, before),
        "handover": {k: v for k, v in asdict(run.handover).items() if v in ("keep", "reset")},
    }


def _folder(run: Run) -> Path:
    named = run.handover.run
    path = Path(named) if "/" in named else Path(run.folder) / named
    if path.resolve() == run.path.resolve():
        raise BadConfig(f"handover.run = '{named}' is this run itself; give this one another name")
    if not path.is_dir():
        beside = [one.parent.name for one in Path(run.folder).glob("*/checkpoints")]
        raise unknown("run to hand over from", named, beside)
    found = manifest.complete(path / "checkpoints")
    if not found:
        portable.check(path)
        raise BadInput(f"{path} has no complete checkpoint; train it first, or name another run")
    wanted = run.handover.checkpoint.removeprefix("step-")
    if wanted == "newest":
        return found[-1]
    for folder in found:
        if manifest.step_of(folder) == int(wanted):
            return folder
    there = ", ".join(str(manifest.step_of(folder)) for folder in found)
    raise BadInput(
        f"run '{named}' has no complete checkpoint after {wanted} steps; it has: {there}"
    )
