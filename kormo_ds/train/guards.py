"""Does a step stand out? Robust, one-sided scores of its loss and gradient norm.

    score = (value − median) / max(1.4826 · MAD, floor)       over the last `guard.window` steps

MAD is the median distance from the median; times 1.4826 it estimates the standard deviation of
normal noise, and half of the window may be spikes without moving it. The floor is 0.001 of the
median's size: a loss that stands still to the last digit would call any change a spike. Only steps
that were applied enter the window, so what is not learned from is not compared with either.

Pure: no torch, no ranks; the same numbers give the same verdicts. Costs four medians of 128 numbers
a step, about 0.1 ms.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from kormo_ds.config import GuardConfig

FLOOR = 1e-3
"""Smallest deviation that counts, as a share of the median's size."""


def score(value: float, past: Sequence[float]) -> float:
    """Robust deviations that `value` lies above the median of `past` (negative: below).

    >>> score(10.0, [1.0, 2.0, 3.0, 4.0, 5.0])
    4.721435316336167
    """
    middle = median(past)
    deviation = 1.4826 * median(abs(one - middle) for one in past)
    scale = max(deviation, FLOOR * abs(middle)) or FLOOR
    return (value - middle) / scale


@dataclass(frozen=True)
class Verdict:
    """What one step is."""

    loss_score: float | None
    """None while the window has fewer than `guard.history` steps, or the loss is not finite."""
    norm_score: float | None
    finite: bool
    """Loss and gradient norm are numbers that one can go on from."""
    spike: bool
    """A score is above `guard.sigma`."""
    skip: bool
    """The step must not be applied: by `guard.skip`, or because it is not finite."""


class Guard:
    """Scores steps one after another; `state` is all that it remembers."""

    def __init__(self, config: GuardConfig, state: dict[str, Any] | None = None) -> None:
        self.config = config
        state = state or {}
        self._losses = deque[float](state.get("losses", ()), config.window)
        self._norms = deque[float](state.get("norms", ()), config.window)
        self.streak: int = state.get("streak", 0)
        """Spikes in a row up to the last step."""
        self.tainted: bool = state.get("tainted", False)
        """One of these spikes was applied: what the model is now is not to be kept."""

    @property
    def state(self) -> dict[str, Any]:
        """What JSON keeps of it; `Guard(config, state)` goes on exactly from there."""
        return {
            "losses": list(self._losses),
            "norms": list(self._norms),
            "streak": self.streak,
            "tainted": self.tainted,
        }

    def judge(self, loss: float, norm: float) -> Verdict:
        """What a step of this loss (nats a token) and gradient norm (before clipping) is."""
        finite = math.isfinite(loss) and math.isfinite(norm)
        loss_score = self._score(loss, self._losses) if finite else None
        norm_score = self._score(norm, self._norms) if finite else None
        scores = {"loss": loss_score, "grad_norm": norm_score}
        high = {name for name, one in scores.items() if one is not None and one > self.config.sigma}
        unwanted = set(scores) if self.config.skip == "both" else {self.config.skip}
        return Verdict(
            loss_score=loss_score,
            norm_score=norm_score,
            finite=finite,
            spike=bool(high),
            skip=not finite or bool(high & unwanted),
        )

    def took(self, verdict: Verdict, loss: float, norm: float) -> None:
        """The step is over: counted in the streak, and in the window if it was applied."""
        trouble = verdict.spike or not verdict.finite
        self.streak = self.streak + 1 if trouble else 0
        self.tainted = trouble and (self.tainted or not verdict.skip)
        if not verdict.skip:
            self._losses.append(loss)
            self._norms.append(norm)

    @property
    def exhausted(self) -> bool:
        """So many spikes came in a row that the run has diverged."""
        return 0 < self.config.patience <= self.streak

    def _score(self, value: float, past: Sequence[float]) -> float | None:
        return score(value, past) if len(past) >= self.config.history else None
