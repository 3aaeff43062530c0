"""Spike scores and verdicts, number by number."""

import json
import math
import statistics

import numpy as np
import pytest

from kormo_ds.config import GuardConfig
from kormo_ds.errors import BadConfig
from kormo_ds.train.guards import Guard, score

CALM = [1.0, 2.0, 3.0, 4.0, 5.0]


def guard(**settings):
    made = Guard(GuardConfig(window=5, history=5, **settings))
    for value in CALM:
        made.took(made.judge(value, value), value, value)
    return made


@pytest.mark.parametrize(
    ("value", "past", "expected"),
    [
        (3.0, CALM, 0.0),
        (10.0, CALM, 7 / 1.4826),
        (-4.0, CALM, -7 / 1.4826),
        (10.0, [1.0, 2.0, 3.0, 4.0, 1e9], 7 / 1.4826),
        (2.01, [2.0, 2.0, 2.0], 0.01 / 0.002),
        (0.5, [0.0, 0.0], 500.0),
    ],
)
def test_a_score_is_the_distance_from_the_median_in_robust_deviations(value, past, expected):
    assert score(value, past) == pytest.approx(expected, rel=1e-12)


def test_a_score_of_normal_noise_is_a_number_of_standard_deviations():
    past = np.random.default_rng(0).normal(10, 2, 20_000).tolist()
    assert score(16.0, past) == pytest.approx(3, abs=0.05)


@pytest.mark.parametrize(
    ("skip", "loss", "norm", "spike", "skipped"),
    [
        ("none", 99.0, 99.0, True, False),
        ("loss", 99.0, 3.0, True, True),
        ("loss", 3.0, 99.0, True, False),
        ("grad_norm", 99.0, 3.0, True, False),
        ("grad_norm", 3.0, 99.0, True, True),
        ("both", 3.0, 99.0, True, True),
        ("both", 99.0, 3.0, True, True),
        ("both", 11.8, 11.8, False, False),
        ("both", -99.0, -99.0, False, False),
        ("none", math.nan, 3.0, False, True),
        ("none", 3.0, math.inf, False, True),
    ],
)
def test_what_a_step_is(skip, loss, norm, spike, skipped):
    verdict = guard(skip=skip).judge(loss, norm)
    assert (verdict.spike, verdict.skip) == (spike, skipped)
    assert verdict.finite is (math.isfinite(loss) and math.isfinite(norm))


def test_the_threshold_is_sigma():
    edge = 3 + 6 * 1.4826
    assert not guard().judge(edge - 1e-6, 3.0).spike and guard().judge(edge + 1e-6, 3.0).spike
    assert not guard(sigma=7).judge(edge + 1e-6, 3.0).spike


def test_nothing_is_a_spike_before_there_is_a_history():
    made = Guard(GuardConfig(window=5, history=3))
    for value in (1.0, 500.0, 1.0):
        verdict = made.judge(value, value)
        assert (verdict.loss_score, verdict.spike) == (None, False)
        made.took(verdict, value, value)
    assert made.judge(500.0, 1.0).spike


def test_only_steps_that_were_applied_enter_the_window():
    made = guard(skip="loss")
    for _ in range(9):
        verdict = made.judge(99.0, 3.0)
        assert verdict.skip
        made.took(verdict, 99.0, 3.0)
    assert made.state == {"losses": CALM, "norms": CALM, "streak": 9, "tainted": False}
    applied = guard()
    for _ in range(3):
        applied.took(applied.judge(99.0, 3.0), 99.0, 3.0)
    assert applied.state["losses"] == [4.0, 5.0, 99.0, 99.0, 99.0]
    assert not applied.judge(99.0, 3.0).spike, "a new level is a level"


def test_a_model_that_took_a_spike_in_is_tainted_until_a_step_is_calm():
    made = guard(skip="loss")
    for loss, norm, tainted in (
        (99.0, 3.0, False),
        (3.0, 99.0, True),
        (99.0, 3.0, True),
        (3.0, 3.0, False),
    ):
        made.took(made.judge(loss, norm), loss, norm)
        assert made.tainted is tainted


def test_patience_counts_spikes_in_a_row():
    made = guard(skip="loss", patience=2)
    for loss, exhausted in ((99.0, False), (3.0, False), (99.0, False), (99.0, True)):
        made.took(made.judge(loss, 3.0), loss, 3.0)
        assert made.exhausted is exhausted


def test_a_guard_goes_on_from_json_as_if_it_had_not_stopped():
    values = np.random.default_rng(1).lognormal(size=60).tolist()
    config = GuardConfig(window=16, history=4, skip="both", sigma=3)
    whole, resumed = Guard(config), Guard(config)
    for i, value in enumerate(values):
        if i % 7 == 0:
            resumed = Guard(config, json.loads(json.dumps(resumed.state)))
        verdicts = [one.judge(value, value**0.5) for one in (whole, resumed)]
        assert verdicts[0] == verdicts[1]
        whole.took(verdicts[0], value, value**0.5)
        resumed.took(verdicts[1], value, value**0.5)
    assert whole.state == resumed.state
    assert len(whole.state["losses"]) == 16


def test_the_median_is_the_statisticians():
    past = [4.0, 1.0, 3.0, 2.0]
    middle = statistics.median(past)
    mad = statistics.median([abs(one - middle) for one in past])
    assert score(7.0, past) == (7 - middle) / (1.4826 * mad)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"window": 1}, "guard.window = 1: it must be 2 or more"),
        ({"history": 129}, "guard.history = 129: it must be 2 to guard.window = 128"),
        ({"history": 1}, "guard.history = 1"),
        ({"sigma": 0.0}, "guard.sigma = 0.0: it must be above 0"),
        ({"patience": -1}, "guard.patience = -1: it must be 0 or more"),
    ],
)
def test_settings_that_cannot_be(settings, message):
    with pytest.raises(BadConfig, match=message):
        GuardConfig(**settings)
