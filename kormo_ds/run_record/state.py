"""Where a run stands, and whether a job may go on from there. Needs neither torch nor DeepSpeed."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from kormo_ds.compose import default, identity
from kormo_ds.config import Run
from kormo_ds.errors import BadConfig

FILE = "state.json"


@dataclass(frozen=True, kw_only=True)
class State:
    """Where a run stands, as a checkpoint's state.json holds it."""

    step: int = 0
    """Steps done; the next one has this number."""
    tokens: int = 0
    """Tokens seen, padding included."""
    seconds: float = 0.0
    """Of training, over all its sessions."""
    first_loss: float | None = None
    last_loss: float | None = None
    run_id: str = ""
    """The run's id, in wandb too."""
    sequences: str = ""
    """Fingerprint of the data."""
    data: list[dict[str, Any]] = field(default_factory=list)
    """From which step on which mixture and sequences were read."""
    adam_steps: int = 0
    """Steps that AdamW's moments have seen."""
    schedule_start: int = 0
    """Steps of its schedule that were taken by the runs before."""
    data_start: int = 0
    """Rows of its order that were read by the runs before."""
    probe_loss: float | None = None
    """Of the row that the checkpoint keeps (`kormo_ds.train.probe`)."""
    lineage: list[dict[str, Any]] = field(default_factory=list)
    """The checkpoints it comes from, nearest first (`kormo_ds.train.handover`)."""
    world: int = 0
    """Ranks that wrote it."""
    zero_stage: int = 0
    """Of the job that wrote it."""
    guard: dict[str, Any] = field(default_factory=dict)
    """What `kormo_ds.train.guards` remembers."""
    skipped_rows: list[dict[str, Any]] = field(default_factory=list)
    """From which step on which rows were skipped, as [first, end) pairs."""
    identity: dict[str, Any] = field(default_factory=dict)
    """`kormo_ds.compose.identity` of the run."""

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The state in the checkpoint at `folder`."""
        return cls(**json.loads((folder / FILE).read_text()))

    @property
    def render(self) -> str:
        """How the documents that it read last were written: text, reasoning or chat."""
        return str(self.data[-1].get("render", "text")) if self.data else "text"


def rendered(folder: Path) -> str:
    """How the documents were written that the checkpoint at `folder` read last; text if unknown."""
    return State.read(folder).render if (folder / FILE).exists() else "text"


def check(run: Run, state: State, sequences: str, folder: Path) -> None:
    """Refuse to go on from a checkpoint of another run, or on other data.

    Raises:
        BadConfig: names the first difference, both values and the way out.
    """
    now = json.loads(json.dumps(identity(run)))
    for key in sorted({*now, *state.identity}):
        before = state.identity.get(key, default(key))
        if now.get(key) != before:
            raise BadConfig(
                f"{key} = {now.get(key)!r}, but run '{run.name}' was begun with "
                f"{before!r} ({folder}); set it back, or give this run a name of "
                f"its own: name=…"
            )
    if state.sequences != sequences and not run.train.allow_other_data:
        raise BadConfig(
            f"{run.data.sequences} holds other sequences ({sequences[:12]}) than run '{run.name}' "
            f"was trained on ({state.sequences[:12]}); set data.sequences to those, or "
            f"train.allow_other_data=true to go on with these"
        )
