"""The learning rate of a step: warm-up, then stable, falling or both; a pure function of the step.

The default is the schedule of the paper's runs (`warmup_stable_decay` of transformers 4.57: linear
warm-up, decay in the shape of a cosine). One difference: warm-up begins at peak / n instead of 0,
so that the first step is not spent without effect.

    kind       after the warm-up
    wsd        the peak, then over the last `decay` of the steps a fall to `final` in a `shape`
    cosine     half a cosine from the peak to `final` over all of the rest (Loshchilov and Hutter
               2017, arXiv 1608.03983, without restarts)
    linear     a line there
    constant   the peak

Nothing is remembered. A stage that keeps the schedule of the one before passes the steps of both:
`rate(schedule, peak, before + step, before + n_steps)`.
"""

import math

from kormo_ds.config import ScheduleConfig


def rate(schedule: ScheduleConfig, peak: float, step: int, n_steps: int) -> float:
    """Learning rate of `step`, 0 ≤ step < n_steps of the schedule, which may not be the run's own.

    From `n_steps` on it stays where the schedule ends.

    >>> half = ScheduleConfig(warmup=0.5, decay=0.5, shape="linear")
    >>> [rate(half, 1.0, step, 4) for step in range(5)]
    [0.5, 1.0, 1.0, 0.5, 0.0]
    """
    n_warmup, n_decay = lengths(schedule, n_steps)
    if step < n_warmup:
        low = peak * schedule.initial
        return low + (peak - low) * (step + 1) / n_warmup
    first = n_steps - n_decay
    if step < first or not n_decay:
        return peak
    t = min((step - first) / n_decay, 1.0)
    if schedule.kind == "wsd" and schedule.shape == "exponential":
        return peak * float(schedule.final**t)
    left = {
        "linear": 1 - t,
        "cosine": (1 + math.cos(math.pi * t)) / 2,
        "sqrt": 1 - math.sqrt(t),
    }[schedule.shape if schedule.kind == "wsd" else schedule.kind]
    return peak * (schedule.final + (1 - schedule.final) * left)


def lengths(schedule: ScheduleConfig, n_steps: int) -> tuple[int, int]:
    """Steps of the warm-up, and of the fall at the end; between them the rate is the peak.

    >>> lengths(ScheduleConfig(), 1000), lengths(ScheduleConfig(kind="cosine"), 1000)
    ((30, 100), (30, 970))
    """
    n_warmup = math.ceil(schedule.warmup * n_steps)
    rest = n_steps - n_warmup
    if schedule.kind == "wsd":
        return n_warmup, min(math.ceil(schedule.decay * n_steps), rest)
    return n_warmup, 0 if schedule.kind == "constant" else rest
