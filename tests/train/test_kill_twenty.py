"""Twenty SIGKILLs at random moments, while a checkpoint is written too, and nothing is lost."""

import random
import signal

import pytest

from kormo_ds.run_record import manifest

KILLS, STEPS = 20, 80
WORDS = (f"train.steps={STEPS}", "checkpoint.every=1", "checkpoint.keep=2")


@pytest.mark.timeout(900)  # 22 jobs of two ranks, each with their start
@pytest.mark.parametrize("stage", [3])
def test_a_run_killed_twenty_times_ends_with_the_same_parameters(job, stage):
    codes, errors, output = job.run(job.case("undisturbed", stage, *WORDS))
    assert (codes, errors) == ([0, 0], [[None]] * 2), output
    draw = random.Random(20)
    case = job.case("killed-twenty", stage, *WORDS)
    checkpoints = job.folder / "killed-twenty" / "checkpoints"
    torn = 0
    for _ in range(KILLS):
        kill = job.Kill("killed-twenty", draw.randrange(2), draw.randrange(3), draw.random() / 10)
        codes, _, output = job.run(case, kill=kill)
        assert codes[kill.rank] == -signal.SIGKILL, output
        torn += len(manifest.incomplete(checkpoints)) > 0
    assert torn > 0, "no kill fell into the writing of a checkpoint"
    codes, errors, output = job.run(case)
    assert (codes, errors) == ([0, 0], [[None]] * 2), output
    assert job.losses("killed-twenty") == job.losses("undisturbed")
    assert job.weights("killed-twenty", STEPS) == job.weights("undisturbed", STEPS)
