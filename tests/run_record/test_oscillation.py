"""What a series did, in literal series: decay, noise, oscillation, collapse."""

import math
from collections import Counter

import numpy as np
import pytest

from kormo_ds.run_record.oscillation import collapsed, course, swings

N = 48
T = np.arange(N)
DECAY = (0.8 + 0.6 * (T + 1.0) ** -0.5).tolist()
FLAT = [1.0] * N
SMALL = np.random.default_rng(0).normal(0, 0.001, N)
LARGE = np.random.default_rng(1).normal(0, 0.03, N)
WAVE = 0.05 * np.sin(2 * np.pi * T / 12)


@pytest.mark.parametrize(
    ("values", "threshold", "expected"),
    [
        ([1.0], 1, []),
        ([1, 1.5, 1], 1, []),
        ([1, 2], 1, [1]),
        ([2, 1], 1, [-1]),
        ([3, 1, 1.2, 0, 2, 1.9, 2.5, 1], 1, [-3, 2.5, -1.5]),
        ([0, 0.9, 0, 0.9, 0], 1, []),
        ([0, 1, 0, 1, 0], 1, [1, -1, 1, -1]),
        ([5, 4, 4.5, 3, 3.5, 2], 1, [-3]),
        ([0, 0.5, -0.6, 2], 1, [-1.1, 2.6]),
    ],
)
def test_swings_are_moves_between_turns_that_are_large_enough(values, threshold, expected):
    assert swings(values, threshold) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        (DECAY, "learns"),
        (np.add(DECAY, SMALL), "learns"),
        (FLAT, "stands"),
        (np.add(FLAT, SMALL), "stands"),
        (np.add(FLAT, LARGE), "jumps"),
        (np.add(FLAT, WAVE), "oscillates"),
        (np.add(DECAY, WAVE), "oscillates"),
        (np.add(DECAY, WAVE) + SMALL, "oscillates"),
        (np.add(DECAY, 0.002 * np.sin(T)), "learns"),
        (DECAY[::-1], "worsened"),
        (DECAY + DECAY[::-1], "worsened"),
        ([3.0, 2.5, 2.2, 2.0, 1.9, 1.85], "learns"),
        (DECAY[:5], "too short"),
        ([1.0], "too short"),
        ([1.0, 1.1], "too short"),
        (([1.0, 1.1] * N)[:N], "jumps"),
    ],
)
def test_what_a_series_did(values, verdict):
    assert course([float(value) for value in values]).verdict == verdict


def test_noise_of_any_size_is_called_noise():
    """False alarms: three in 2,000 series of 48."""
    found = Counter(
        course((1 + np.random.default_rng(seed).normal(0, size, N)).tolist()).verdict
        for size in (0.001, 0.02)
        for seed in range(1000)
    )
    assert found["stands"] + found["jumps"] >= 1995
    assert found["stands"] >= 995


def test_noise_is_estimated_whatever_the_trend():
    noise = np.random.default_rng(3).normal(0, 0.01, 4000)
    trend = 3 - np.linspace(0, 1, 4000)
    assert course((trend + noise).tolist()).noise == pytest.approx(0.01, rel=0.05)


def test_numbers_of_a_course():
    found = course([4.0, 2.0, 3.0, 1.0, 2.5, 1.5])
    assert (found.first, found.best, found.best_at, found.last) == (4.0, 1.0, 3, 1.5)
    mean = (3.0 + 3.0 + 3.5 + 2.5) / 4
    assert found.noise == pytest.approx(mean / math.sqrt(6) / math.sqrt(2 / math.pi), rel=1e-12)


def test_what_was_given_back_is_a_share_of_what_was_learned():
    found = course([4.0, 3.5, 3.0, 2.5, 2.0, 2.5, 3.0, 2.5, 2.0, 1.5, 1.0, 0.5])
    assert (found.threshold, found.swings) == (pytest.approx(6 * 0.2 / math.sqrt(12 / math.pi)), 3)
    assert found.given_back == 1.0 / 4.5


COLLAPSING = (1 - 0.01 * T).tolist()
WORSE = (1 + 0.1 * np.abs(T - 24) / 24).tolist()


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ({"synthesizer=a": COLLAPSING, "lang=ko": WORSE, "source=web": WORSE}, ["a"]),
        ({"synthesizer=a": COLLAPSING, "synthesizer=b": WORSE, "all": DECAY}, ["a"]),
        ({"synthesizer=a": COLLAPSING, "source=s": COLLAPSING, "lang=ko": WORSE}, []),
        (
            {
                "synthesizer=a": COLLAPSING,
                "source=s": COLLAPSING,
                "lang=ko": WORSE,
                "source=web": WORSE,
            },
            ["a"],
        ),
        ({"synthesizer=a": COLLAPSING, "lang=ko": DECAY, "source=web": FLAT}, []),
        ({"synthesizer=a": WORSE, "lang=ko": WORSE}, []),
        ({"source=a": COLLAPSING, "lang=ko": WORSE}, []),
        ({"synthesizer=a": COLLAPSING[:5], "lang=ko": WORSE[:5]}, []),
        ({"synthesizer=a": COLLAPSING}, []),
        ({}, []),
    ],
)
def test_a_collapse_is_one_synthesizer_learned_at_the_cost_of_the_others(series, expected):
    assert collapsed(series) == expected
