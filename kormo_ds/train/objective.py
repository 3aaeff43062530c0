"""What a step minimises: the loss, and what a run adds to it, each with its own denominator.

    loss  +  mtp_weight / mtp_depth · Σₖ mtp_lossₖ  +  z_loss · mean(log² Z)

Each mean is over the tokens scored for it in the whole step, on all ranks and in all micro-batches.
The model gives sums (`Transformer.forward`), the batch gives counts, and this gives the weights by
which one makes the other a loss.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from kormo_ds.config import Run
from kormo_ds.model import Batch


@dataclass(frozen=True)
class Objective:
    """The terms of a run's loss, in the order of the model's sums."""

    mtp_depth: int = 0
    mtp_weight: float = 0.1
    z_loss: float = 0.0
    """Weight of log² Z; 0 leaves the term out."""

    @classmethod
    def of(cls, run: Run) -> Self:
        """The objective of a run."""
        return cls(run.model.mtp_depth, run.model.mtp_weight, run.optim.z_loss)

    @property
    def names(self) -> list[str]:
        """What metrics call each term."""
        depths = [f"mtp_loss_{k}" for k in range(1, self.mtp_depth + 1)]
        return ["loss", *depths, *(["z_loss"] if self.z_loss else [])]

    def counts(self, batch: Batch) -> list[int]:
        """Tokens that a batch scores, term by term."""
        depths = [batch.n_scored_ahead(k) for k in range(1, self.mtp_depth + 1)]
        return [batch.n_scored, *depths, *([batch.n_scored] if self.z_loss else [])]

    def weights(self, counts: Sequence[float]) -> list[float]:
        """What each sum is multiplied by, given the step's counts; 0 for a term without tokens."""
        shares = [1.0] + [self.mtp_weight / max(1, self.mtp_depth)] * self.mtp_depth
        shares += [self.z_loss] if self.z_loss else []
        return [s / n if n else 0.0 for s, n in zip(shares, counts, strict=True)]

    def report(self, sums: Sequence[float], counts: Sequence[float]) -> dict[str, float]:
        """Each term by its name: means in nats a scored token, log² Z by its weight."""
        means = [s / n if n else 0.0 for s, n in zip(sums, counts, strict=True)]
        if self.z_loss:
            means[-1] *= self.z_loss
        return dict(zip(self.names, means, strict=True))
