"""What goes wrong: kills while writing, full disks, damage, other data, other settings.

Each is one line on every rank, and nothing that was complete is harmed.
"""

import re
import signal
import subprocess

import pytest

from kormo_ds.run_record import manifest


@pytest.fixture(scope="module")
def done(job):
    """A run of two steps with a checkpoint after each."""
    codes, errors, output = job.run(job.case("done", 2, "train.steps=2", "checkpoint.every=1"))
    assert (codes, errors) == ([0, 0], [[None]] * 2), output
    return job


def test_a_job_killed_while_it_writes_a_checkpoint_goes_on_from_the_one_before(job):
    words = ("train.steps=3", "checkpoint.every=1", "checkpoint.keep=1")
    accident = {"accident": ["kill before commit"], "rank": 0}
    codes, _, output = job.run(job.case("torn", 3, *words, **accident))
    assert codes[0] == -signal.SIGKILL, output
    checkpoints = job.folder / "torn" / "checkpoints"
    assert [path.name for path in manifest.incomplete(checkpoints)] == ["step-000001"]
    codes, errors, output = job.run(job.case("torn", 3, *words))
    assert (codes, errors) == ([0, 0], [[None]] * 2), output
    assert f"{checkpoints / 'step-000001'} is incomplete" in output
    assert [path.name for path in checkpoints.iterdir()] == ["step-000003"]
    assert [step for step, *_ in job.losses("torn")] == [0, 1, 2]


@pytest.mark.parametrize("rank", [0, 1])
def test_a_full_disk_is_one_line_and_harms_nothing(job, rank):
    name = f"full-{rank}"
    words = ("train.steps=4",)
    accident = {"accident": ["full", 4], "rank": rank}
    _, errors, output = job.run(job.case(name, 1, *words, **accident))
    assert re.match("cannot write the weights: File too large", errors[0][0]), output
    assert errors[0] == errors[1]
    checkpoints = job.folder / name / "checkpoints"
    assert [path.name for path in manifest.complete(checkpoints)] == ["step-000002"]
    manifest.verify(checkpoints / "step-000002")
    codes, errors, output = job.run(job.case(name, 1, *words))
    assert (codes, errors) == ([0, 0], [[None]] * 2), output
    assert "resuming at step 2 in" in output


def test_a_rank_lost_while_a_checkpoint_is_written_is_no_full_disk(job):
    accident = {"accident": ["cut off"], "rank": 1}
    _, errors, output = job.run(job.case("lost", 3, **accident))
    assert errors[0] == ["lost"], output


def test_a_damaged_checkpoint_is_refused_by_every_rank_and_removing_it_is_the_way_out(done):
    subprocess.run(["cp", "-r", done.folder / "done", done.folder / "cut"], check=True)
    newest = done.folder / "cut" / "checkpoints" / "step-000002"
    file = next((newest / "exp_avg_sq").glob("*.safetensors"))
    file.write_bytes(file.read_bytes()[:-7])
    case = done.case("cut", 2, "train.steps=2", "checkpoint.every=1")
    _, errors, output = done.run(case)
    message = f"{file} has {file.stat().st_size} bytes instead of {file.stat().st_size + 7}; "
    way_out = f"remove {newest} to go on from the checkpoint before it"
    assert errors == [[message + way_out]] * 2, output
    subprocess.run(["rm", "-r", newest], check=True)
    _, errors, output = done.run(case)
    assert errors == [[None]] * 2 and "resuming at step 1 in" in output
    assert done.weights("cut", 2) == done.weights("done", 2)


def test_settings_and_data_that_do_not_fit_the_checkpoint_are_refused(done, other_sequences):
    def case(*words, stage=2):
        return done.case("done", stage, "train.steps=2", "checkpoint.every=1", *words)

    other = f"data.sequences={other_sequences}"
    refused = [
        (case("optim.lr=0.5"), "optim.lr = 0.5, but run 'done' was begun with 0.001"),
        (
            case(other),
            f"{other_sequences} holds other sequences (otherotherot) than run 'done' was trained "
            "on (tinytinytiny); set data.sequences to those, or train.allow_other_data=true",
        ),
        (case(other, "train.allow_other_data=true"), None),
        (
            case("model.vocab_size=64"),
            f"model.vocab_size = 64, but the tokenizer of {done.sequences} has 128 tokens, padded "
            "128; set model.vocab_size=128",
        ),
        (case("train.tokens_per_step=100"), "train.tokens_per_step = 100 is not a whole number"),
        (case("data.sequences=''"), "data.sequences is not set; give the folder that"),
        (
            case(f"data.sequences={done.sequences}x"),
            "unknown sequences 'tinyx'; did you mean 'tiny'",
        ),
    ]
    codes, errors, output = done.run(*(one for one, _ in refused))
    assert codes == [0, 0] and errors[0] == errors[1], output
    for told, (_, expected) in zip(errors[0], refused, strict=True):
        assert (told is None) is (expected is None)
        assert told is None or told.startswith(expected)
    assert f"all 2 steps are done in {done.folder / 'done'}" in output
