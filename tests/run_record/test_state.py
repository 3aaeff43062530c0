"""A checkpoint that is older than a setting goes on, as long as the setting is at its default."""

from pathlib import Path

import pytest

from kormo_ds.compose import default, identity, load_run
from kormo_ds.errors import BadConfig
from kormo_ds.run_record.state import State, check

YOUNGER = ("schedule.kind", "schedule.initial", "train.batch_warmup")


@pytest.fixture
def older():
    """The state of a checkpoint of `smoke` from before these settings."""
    known = identity(load_run("smoke"))
    left = {key: value for key, value in known.items() if key not in YOUNGER}
    assert len(left) == len(known) - 3
    return State(identity=left, sequences="rows", world=2, zero_stage=3)


def test_it_goes_on_at_the_defaults(older):
    check(load_run("smoke"), older, "rows", Path("step-000003"))


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("schedule.kind=linear", "schedule.kind = 'linear', but run 'smoke' was begun with 'wsd'"),
        ("schedule.initial=0.5", "schedule.initial = 0.5, but run 'smoke' was begun with 0.0"),
        (
            "train.batch_warmup=[[0,0.5],[0.5,1]]",
            "train.batch_warmup = [[0.0, 0.5], [0.5, 1.0]], but run 'smoke' was begun with []",
        ),
        ("optim.lr=0.5", "optim.lr = 0.5, but run 'smoke' was begun with 0.001"),
    ],
)
def test_it_is_refused_where_a_setting_is_another(older, word, message):
    with pytest.raises(BadConfig) as raised:
        check(load_run("smoke", [word]), older, "rows", Path("step-000003"))
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("seed", 42),
        ("schedule.kind", "wsd"),
        ("train.batch_warmup", []),
        ("optim.betas", [0.9, 0.95]),
        ("train.steps", None),
        ("train.nothing", None),
        ("nothing.at.all", None),
        ("name", None),
    ],
)
def test_the_default_of_a_setting(key, expected):
    assert default(key) == expected
