"""The optimiser, and its learning rate over the steps."""

from dataclasses import dataclass
from typing import Literal

from kormo_ds.config.check import check


@dataclass(frozen=True, kw_only=True)
class OptimConfig:
    """AdamW. Embeddings, norms and biases are not decayed; every other matrix is, the head too."""

    lr: float
    """Peak learning rate."""
    betas: tuple[float, float] = (0.9, 0.95)
    eps: float = 1e-8
    weight_decay: float = 0.033
    clip: float = 1.0
    """Largest global gradient norm; 0 does not clip."""
    z_loss: float = 0.0
    """Weight of log² Z a scored token, which keeps the logits' normaliser Z near 1; PaLM: 1e-4
    (arXiv 2204.02311, section 5)."""

    def __post_init__(self) -> None:
        check("optim.lr", self.lr, self.lr > 0, "above 0")
        check("optim.betas", self.betas, all(0 <= b < 1 for b in self.betas), "each in [0, 1)")
        check("optim.eps", self.eps, self.eps > 0, "above 0")
        check("optim.weight_decay", self.weight_decay, self.weight_decay >= 0, "0 or more")
        check("optim.clip", self.clip, self.clip >= 0, "0 or more")
        check("optim.z_loss", self.z_loss, self.z_loss >= 0, "0 or more")


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig:
    """A rise, then what `kind` says. All shares of time are of the steps, never a number of them.

    One way of saying when: a run cut to a tenth of its steps keeps the form of its schedule.
    """

    kind: Literal["wsd", "cosine", "linear", "constant"] = "wsd"
    """After the warm-up: stable, then `decay` (WSD); half a cosine or a line to `final`; stable."""
    warmup: float = 0.03
    """Share of the steps in which the rate rises linearly."""
    initial: float = 0.0
    """Where the rise begins, as a share of the peak: above 0 for a stage that goes on from one that
    ended there (re-warm-up)."""
    decay: float = 0.1
    """Of wsd: share of the steps, at the end, in which the rate falls."""
    shape: Literal["linear", "cosine", "sqrt", "exponential"] = "cosine"
    """Of wsd: how it falls, 1 − t, half a cosine, 1 − √t (Hägele et al. 2024, arXiv 2405.18392), or
    finalᵗ (MiniCPM, arXiv 2404.06395), which needs `final` above 0."""
    final: float = 0.0
    """Where it falls to, as a share of the peak."""

    def __post_init__(self) -> None:
        for key in ("warmup", "initial", "decay", "final"):
            value = getattr(self, key)
            check(f"schedule.{key}", value, 0 <= value <= 1, "in [0, 1]")
        if self.kind == "wsd":
            both = self.warmup + self.decay
            check("schedule.warmup + schedule.decay", both, both <= 1, "at most 1")
            reached = self.shape != "exponential" or self.final > 0
            check("schedule.final", self.final, reached, "above 0 for schedule.shape = exponential")
