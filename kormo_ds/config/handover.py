"""What a run takes over from another one."""

from dataclasses import dataclass
from typing import Literal

from kormo_ds.config.check import check

Fate = Literal["keep", "reset"]


@dataclass(frozen=True, kw_only=True)
class HandoverConfig:
    """Where a run's first weights come from, and what else comes with them.

    The fp32 weights always do. Whatever is kept or reset is written into every checkpoint's
    lineage. Defaults are the paper's between its stages: all but the weights begins anew.
    """

    run: str = ""
    """Name of a run in `folder`, or a run's folder; '' draws new weights."""
    checkpoint: str = "newest"
    """'newest', or the steps of one: step-000100 or 100."""
    optimizer: Fate = "reset"
    """AdamW's moments and the number of steps that they have seen."""
    schedule: Fate = "reset"
    """keep: the rate goes on in one schedule over the steps of both runs."""
    data: Fate = "reset"
    """keep: rows are read on from where the other run stopped, in its sequences by its seed."""
    rng: Fate = "reset"
    """States of the random generators of each rank; keep needs as many ranks as there were."""

    def __post_init__(self) -> None:
        step = self.checkpoint.removeprefix("step-")
        known = self.checkpoint == "newest" or step.isdigit()
        check("handover.checkpoint", self.checkpoint, known, "newest, or a number of steps")
        for key in ("optimizer", "schedule", "data", "rng"):
            needs = self.run != "" or getattr(self, key) == "reset"
            check(f"handover.{key}", getattr(self, key), needs, "reset without handover.run")
