"""What is watched in each step, and what happens when a step stands out."""

from dataclasses import dataclass
from typing import Literal

from kormo_ds.config.check import check


@dataclass(frozen=True, kw_only=True)
class GuardConfig:
    """Spike scores of loss and gradient norm; what is done about a spike (`train.guards`)."""

    window: int = 128
    """Steps whose loss and gradient norm the next step is compared with."""
    history: int = 64
    """Steps that there must be before any step is called a spike."""
    sigma: float = 6.0
    """A step is a spike when its loss or gradient norm is so many robust deviations too high."""
    skip: Literal["none", "loss", "grad_norm", "both"] = "none"
    """Which spike is not applied: of the loss, of the gradient norm, of either; none applies all.

    A step that is not applied leaves parameters, moments and AdamW's count of steps as they were.
    """
    patience: int = 0
    """Spikes in a row that end the run; 0 never does. What is not a finite number always does."""

    def __post_init__(self) -> None:
        check("guard.window", self.window, self.window >= 2, "2 or more")
        enough = 2 <= self.history <= self.window
        check("guard.history", self.history, enough, f"2 to guard.window = {self.window}")
        check("guard.sigma", self.sigma, self.sigma > 0, "above 0")
        check("guard.patience", self.patience, self.patience >= 0, "0 or more")
