"""Six steps equal two + kill + two + kill + two exactly: losses, norms, parameters, random numbers.

Two ranks, ZeRO 1, 2 and 3. A rank is killed with SIGKILL in the middle of an accumulation, the
first time in step 3, which crosses the end of the epoch (29 rows, 8 a step), the second time in
step 5 of the resumed run.
"""

import signal

import pytest

STAGES = [1, 2, 3]


@pytest.fixture(scope="module")
def whole(job):
    """Uninterrupted runs, one after the other in one job."""
    codes, errors, output = job.run(*(job.case(f"whole-{stage}", stage) for stage in STAGES))
    assert (codes, errors) == ([0, 0], [[None] * 3] * 2), output
    return job


@pytest.fixture(scope="module")
def killed(job):
    """The same runs killed twice each, then all completed in one job."""
    for stage in STAGES:
        for where in ([3, 1], [5, 1]):
            case = job.case(f"killed-{stage}", stage, accident=["kill", *where], rank=stage % 2)
            codes, _, output = job.run(case)
            assert codes[stage % 2] == -signal.SIGKILL, output
    codes, errors, output = job.run(*(job.case(f"killed-{stage}", stage) for stage in STAGES))
    assert (codes, errors) == ([0, 0], [[None] * 3] * 2), output
    assert output.count("resuming at step 4 in ") == 3
    return job


@pytest.mark.parametrize("stage", STAGES)
def test_losses_and_norms_of_every_step_are_the_same(whole, killed, stage):
    assert [step for step, *_ in killed.losses(f"killed-{stage}")] == [0, 1, 2, 3, 4, 5]
    assert killed.losses(f"killed-{stage}") == whole.losses(f"whole-{stage}")


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("step", [2, 4, 6])
def test_every_parameter_is_the_same(whole, killed, stage, step):
    assert killed.weights(f"killed-{stage}", step) == whole.weights(f"whole-{stage}", step)


@pytest.mark.parametrize("stage", STAGES)
def test_random_generators_go_on_where_they_were(whole, killed, stage):
    drawn = whole.drawn(f"whole-{stage}")
    assert len(drawn) == 12 and len({tuple(values) for values in drawn.values()}) == 12
    assert killed.drawn(f"killed-{stage}") == drawn


def test_every_step_changed_the_parameters(whole):
    assert whole.weights("whole-1", 2) != whole.weights("whole-1", 4)
