"""The learning rate of every step of small runs, as literal tables and beside plain formulas."""

import math

import pytest

from kormo_ds.compose import load_run
from kormo_ds.config import ScheduleConfig
from kormo_ds.errors import BadConfig
from kormo_ds.train.schedule import lengths, rate


def rates(n_steps, **settings):
    schedule = ScheduleConfig(**settings)
    return [round(rate(schedule, 8.0, step, n_steps), 6) for step in range(n_steps)]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"warmup": 0.25, "decay": 0.5, "shape": "linear"}, [4, 8, 8, 8, 8, 6, 4, 2]),
        ({"warmup": 0.25, "decay": 0.5, "shape": "linear", "final": 0.5}, [4, 8, 8, 8, 8, 7, 6, 5]),
        (
            {"warmup": 0.0, "decay": 0.5, "shape": "cosine"},
            [8, 8, 8, 8, 8, 6.828427, 4, 1.171573],
        ),
        ({"warmup": 0.0, "decay": 0.5, "shape": "sqrt"}, [8, 8, 8, 8, 8, 4, 2.343146, 1.071797]),
        ({"warmup": 1.0, "decay": 0.0}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"warmup": 0.0, "decay": 0.0}, [8] * 8),
        ({"warmup": 0.01, "decay": 0.01}, [8] * 8),
        ({"warmup": 0.5, "initial": 0.5, "decay": 0.0}, [5, 6, 7, 8, 8, 8, 8, 8]),
        ({"warmup": 0.25, "initial": 1.0, "decay": 0.0}, [8] * 8),
        (
            {"warmup": 0.0, "decay": 0.5, "shape": "exponential", "final": 0.0625},
            [8, 8, 8, 8, 8, 4, 2, 1],
        ),
        ({"kind": "constant", "warmup": 0.25}, [4, 8, 8, 8, 8, 8, 8, 8]),
        ({"kind": "linear", "warmup": 0.0}, [8, 7, 6, 5, 4, 3, 2, 1]),
        ({"kind": "linear", "warmup": 0.5, "final": 0.5}, [2, 4, 6, 8, 8, 7, 6, 5]),
        (
            {"kind": "cosine", "warmup": 0.0, "final": 0.1},
            [8, 7.725966, 6.945584, 5.777660, 4.4, 3.022340, 1.854416, 1.074034],
        ),
        ({"kind": "cosine", "warmup": 1.0}, [1, 2, 3, 4, 5, 6, 7, 8]),
    ],
)
def test_rates_of_eight_steps(settings, expected):
    assert rates(8, **settings) == expected


def test_shares_that_round_up_over_each_other_leave_the_warm_up_whole():
    assert rates(3, warmup=0.5, decay=0.5, shape="linear") == [4, 8, 8]


def before(warmup, decay, shape, final, step, n_steps):
    """The formula of the first runs; what it gives must stay the same to the bit."""
    n_warmup = math.ceil(warmup * n_steps)
    n_decay = min(math.ceil(decay * n_steps), n_steps - n_warmup)
    if step < n_warmup:
        return 7e-4 * (step + 1) / n_warmup
    first = n_steps - n_decay
    if step < first:
        return 7e-4
    t = (step - first) / n_decay
    left = {"linear": 1 - t, "cosine": (1 + math.cos(math.pi * t)) / 2, "sqrt": 1 - math.sqrt(t)}
    return 7e-4 * (final + (1 - final) * left[shape])


@pytest.mark.parametrize("shape", ["linear", "cosine", "sqrt"])
@pytest.mark.parametrize(("warmup", "decay"), [(0.03, 0.1), (0.05, 0.4), (0.0, 1.0), (1.0, 0.0)])
@pytest.mark.parametrize("final", [0.0, 0.1])
def test_the_default_kind_is_what_it_was_to_the_bit(shape, warmup, decay, final):
    schedule = ScheduleConfig(warmup=warmup, decay=decay, shape=shape, final=final)
    for n_steps in (1, 7, 240, 1001):
        ours = [rate(schedule, 7e-4, step, n_steps) for step in range(n_steps)]
        assert ours == [before(warmup, decay, shape, final, s, n_steps) for s in range(n_steps)]


@pytest.mark.parametrize(
    ("settings", "falls"),
    [
        ({"kind": "linear"}, lambda t: 0.9 - 0.8 * t),
        ({"kind": "cosine"}, lambda t: 0.1 + 0.8 * (1 + math.cos(math.pi * t)) / 2),
        ({"shape": "exponential", "decay": 0.8}, lambda t: math.exp(t * math.log(0.1 / 0.9))),
        ({"shape": "sqrt", "decay": 0.8}, lambda t: 0.9 - 0.8 * math.sqrt(t)),
    ],
)
def test_a_fall_over_a_thousand_steps_is_the_plain_formula(settings, falls):
    schedule = ScheduleConfig(warmup=0.2, final=0.1 / 0.9, **settings)
    for step in range(200, 1000):
        plain = falls((step - 200) / 800)
        plain *= 0.9 if settings.get("shape") == "exponential" else 1
        assert rate(schedule, 0.9, step, 1000) == pytest.approx(plain, rel=1e-13)


EVERY = [
    {"kind": kind, "shape": shape}
    for kind in ("wsd", "cosine", "linear", "constant")
    for shape in (("linear", "cosine", "sqrt", "exponential") if kind == "wsd" else ("cosine",))
]


@pytest.mark.parametrize("settings", EVERY, ids=lambda s: f"{s['kind']}-{s['shape']}")
def test_no_step_jumps_at_a_border_and_the_end_is_the_final_share(settings):
    n, schedule = 100_000, ScheduleConfig(warmup=0.1, initial=0.3, final=0.2, **settings)
    rates = [rate(schedule, 1.0, step, n) for step in range(n + 1)]
    largest = max(abs(after - one) for one, after in zip(rates, rates[1:], strict=False))
    assert largest < (0.0081 if settings["shape"] == "sqrt" else 2e-4)  # √t begins steeply
    assert rates[0] == 0.3 + 0.7 / 10_000 and rates[9_999] == rates[10_000] == 1.0
    assert rates[n] == (1.0 if settings["kind"] == "constant" else pytest.approx(0.2, rel=1e-12))
    assert all(one >= after for one, after in zip(rates[9_999:], rates[10_000:], strict=False))


def test_a_rise_from_where_the_stage_before_ended_is_continuous():
    first = ScheduleConfig(warmup=0.1, decay=0.2, final=0.1)
    second = ScheduleConfig(warmup=0.1, initial=0.1)
    end = [rate(first, 1.0, step, 10_000) for step in (9_998, 9_999, 10_000)]
    begun = [rate(second, 1.0, step, 10_000) for step in (-1, 0, 1)]
    assert begun[0] == pytest.approx(end[2]) == pytest.approx(0.1)
    assert begun == pytest.approx([0.1, 0.1 + 0.9 / 1000, 0.1 + 0.9 / 500])


def test_a_kept_schedule_goes_on_over_the_steps_of_both_stages_and_stays_at_its_end():
    schedule = ScheduleConfig(warmup=0.25, decay=0.5, shape="linear", final=0.25)
    both = [rate(schedule, 8.0, step, 8) for step in range(8)]
    second = [rate(schedule, 8.0, 5 + step, 5 + 3) for step in range(3)]
    assert second == both[5:] == [6.5, 5.0, 3.5]
    assert [rate(schedule, 8.0, step, 8) for step in (8, 9, 1_000)] == [2.0] * 3
    none = ScheduleConfig(kind="constant", warmup=0.0)
    assert [rate(none, 8.0, step, 8) for step in (0, 8, 9)] == [8.0] * 3


def test_steps_of_warm_up_and_fall():
    paper = load_run("stage1_10b")
    assert lengths(paper.schedule, paper.train.steps) == (3577, 11921)
    assert lengths(ScheduleConfig(kind="linear", warmup=0.0), 10) == (0, 10)
    assert lengths(ScheduleConfig(kind="constant", warmup=0.5), 10) == (5, 0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"initial": 1.5}, "schedule.initial = 1.5: it must be in [0, 1]"),
        ({"warmup": 30}, "schedule.warmup = 30: it must be in [0, 1]"),
        (
            {"shape": "exponential"},
            "schedule.final = 0.0: it must be above 0 for schedule.shape = exponential",
        ),
        ({"warmup": 0.6, "decay": 0.5}, "schedule.warmup + schedule.decay = 1.1: it must be"),
    ],
)
def test_what_cannot_be_a_schedule(settings, message):
    with pytest.raises(BadConfig) as raised:
        ScheduleConfig(**settings)
    assert str(raised.value).startswith(message)


def test_an_unknown_kind_is_refused_and_decay_is_no_matter_but_of_wsd():
    with pytest.raises(BadConfig, match="schedule.kind: Invalid value 'step', expected one of"):
        load_run("demo", ["schedule.kind=step"])
    assert load_run("demo", ["schedule.kind=cosine", "schedule.warmup=0.9"]).schedule.decay == 0.4
