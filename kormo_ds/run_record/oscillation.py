"""Does a validation series learn, stand, worsen, jump or oscillate? And did a model collapse?

The rows validated are the same every time, so a value that goes up was really unlearned. Precisely:

    noise      mean size of second differences / (√6 · √(2/π)): what remains when every smooth
               course is gone, as the standard deviation of independent normal noise
    threshold  the larger of 6 · noise and 1 % of the median: a move below it says nothing
    swing      a move between two turns that is at least the threshold; smaller moves against it are
               part of it
    given back falling swings are what was learned, rising ones what was lost again: lost / learned

    oscillates   three swings or more; they rise and fall in turn
    worsened     the last value is a threshold or more above the best
    jumps        noise above 1 % of the median, and a quarter of the moves go up: changes within two
                 evaluations, no period to be seen
    learns, stands   none of these; the last value is a threshold below the first, or is not

With a period of fewer than about eight evaluations an oscillation looks like noise, and is found as
jumps: validate more often to tell. A series of fewer than six values is too short.

A model collapses onto one synthesizer when its documents are predicted better and better while more
other groups worsen than improve: KORMo's second stage with a single Korean synthesizer (arXiv
2510.09426), where Korean fell back to its level of early stage 1.

Pure; costs nothing to speak of.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

SHORT = 6
"""Values that a series needs."""
_SHARE = 0.01
_NOISES = 6.0
_RISING = 0.25
_SYNTHESIZER = "synthesizer="


@dataclass(frozen=True)
class Course:
    """What a series did."""

    first: float
    best: float
    best_at: int
    """Index of the best (lowest) value, the first of equals."""
    last: float
    noise: float
    threshold: float
    swings: int
    """Moves of at least the threshold from one turn to the next."""
    given_back: float
    """Share of what was learned that was lost again; above 1 more was lost."""
    verdict: str
    """too short, oscillates, worsened, jumps, learns or stands."""


def course(values: Sequence[float]) -> Course:
    """What `values` (bits per byte, lower is better) did, evaluation by evaluation.

    >>> course([3.0, 2.5, 2.2, 2.0, 1.9, 1.85]).verdict
    'learns'
    """
    best = min(values)
    noise = _noise(values)
    threshold = max(_NOISES * noise, _SHARE * abs(median(values)))
    moves = swings(values, threshold)
    learned = -sum(move for move in moves if move < 0)
    lost = sum(move for move in moves if move > 0)
    last = values[-1]
    if len(values) < SHORT:
        verdict = "too short"
    elif len(moves) >= 3:
        verdict = "oscillates"
    elif last - best >= threshold:
        verdict = "worsened"
    elif noise > _SHARE * abs(median(values)) and _rising(values) >= _RISING:
        verdict = "jumps"
    else:
        verdict = "learns" if values[0] - last >= threshold else "stands"
    return Course(
        first=values[0],
        best=best,
        best_at=list(values).index(best),
        last=last,
        noise=noise,
        threshold=threshold,
        swings=len(moves),
        given_back=lost / learned if learned else float(lost > 0),
        verdict=verdict,
    )


def swings(values: Sequence[float], threshold: float) -> list[float]:
    """Moves between turns, each at least `threshold`, signs alternating.

    >>> swings([3, 1, 1.2, 0, 2, 1.9, 2.5, 1], 1)
    [-3, 2.5, -1.5]
    """
    low = high = start = values[0]
    moves: list[float] = []
    direction = 0
    for value in values[1:]:
        low, high = min(low, value), max(high, value)
        if direction >= 0 and high - value >= threshold:
            if direction:
                moves.append(high - start)
            start, low, direction = high, value, -1
        elif direction <= 0 and value - low >= threshold:
            if direction:
                moves.append(low - start)
            start, high, direction = low, value, 1
    if direction:
        moves.append((high if direction > 0 else low) - start)
    return moves


def collapsed(series: Mapping[str, Sequence[float]]) -> list[str]:
    """The synthesizers onto which a model collapses, of series by group ('all' is left out).

    Over the second half of the values: the synthesizer's documents improve by at least their
    threshold, and more of the other groups rise by theirs from their best to the end than fall.
    """
    long = {name: v for name, v in series.items() if len(v) >= SHORT and name != "all"}
    moved = {name: _late_move(values) for name, values in long.items()}
    found = []
    for name in sorted(long):
        others = [move for other, move in moved.items() if other != name]
        if name.startswith(_SYNTHESIZER) and moved[name] < 0 and sum(others) > 0:
            found.append(name.removeprefix(_SYNTHESIZER))
    return found


def _late_move(values: Sequence[float]) -> int:
    """1: worse at the end than at its best; -1: better than half-way; 0: neither."""
    threshold = course(values).threshold
    if values[-1] - min(values) >= threshold:
        return 1
    return -1 if values[len(values) // 2] - values[-1] >= threshold else 0


def _rising(values: Sequence[float]) -> float:
    """Share of the moves that go up."""
    return sum(after > before for before, after in pairwise(values)) / (len(values) - 1)


def _noise(values: Sequence[float]) -> float:
    first = [after - before for before, after in pairwise(values)]
    second = [after - before for before, after in pairwise(first)]
    if not second:
        return 0.0
    return sum(map(abs, second)) / len(second) / math.sqrt(12 / math.pi)


def trend(values: Sequence[float]) -> float:
    """Change over the last half of the values, as a share of its mean, by least squares.

    >>> round(trend([9.0, 9.0, 2.0, 1.0]), 3)
    -0.667
    """
    half = values[len(values) // 2 :]
    n, middle, mean = len(half), (len(half) - 1) / 2, sum(half) / len(half)
    spread = sum((i - middle) ** 2 for i in range(n))
    if not spread or not mean:
        return 0.0
    slope = sum((i - middle) * (value - mean) for i, value in enumerate(half)) / spread
    return slope * (n - 1) / mean
