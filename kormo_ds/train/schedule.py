"""The learning rate of a step: linear warm-up, stable, decay (WSD), a pure function of the step.

The schedule of the paper's runs (`warmup_stable_decay` of transformers 4.57: linear warm-up, decay
in the shape of a cosine). One difference: warm-up begins at peak / n instead of 0, so that the
first step is not spent without effect.
"""

import math

from kormo_ds.config import ScheduleConfig


def rate(schedule: ScheduleConfig, peak: float, step: int, n_steps: int) -> float:
    """Learning rate of `step`, 0 ≤ step < n_steps.

    >>> half = ScheduleConfig(warmup=0.5, decay=0.5, shape="linear")
    >>> [rate(half, 1.0, step, 4) for step in range(4)]
    [0.5, 1.0, 1.0, 0.5]
    """
    n_warmup = math.ceil(schedule.warmup * n_steps)
    n_decay = min(math.ceil(schedule.decay * n_steps), n_steps - n_warmup)
    if step < n_warmup:
        return peak * (step + 1) / n_warmup
    first = n_steps - n_decay
    if step < first:
        return peak
    t = (step - first) / n_decay
    left = {
        "linear": 1 - t,
        "cosine": (1 + math.cos(math.pi * t)) / 2,
        "sqrt": 1 - math.sqrt(t),
    }[schedule.shape]
    return peak * (schedule.final + (1 - schedule.final) * left)
