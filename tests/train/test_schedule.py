"""The learning rate of every step of small runs, as literal tables."""

import pytest

from kormo_ds.config import ScheduleConfig
from kormo_ds.train.schedule import rate


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
    ],
)
def test_rates_of_eight_steps(settings, expected):
    assert rates(8, **settings) == expected


def test_shares_that_round_up_over_each_other_leave_the_warm_up_whole():
    assert rates(3, warmup=0.5, decay=0.5, shape="linear") == [4, 8, 8]
