"""With guards, skipped steps and rows, and validation: killed and resumed equals undisturbed.

Two ranks, ZeRO 1 and 3. A tight guard drops several steps of a run of twelve; a rank is killed in
the middle of an accumulation, twice. Beside losses and weights, the files that speak of steps and
the window of the guard are the same.
"""

import json
import signal

import pytest

STAGES = [1, 3]
WORDS = (
    "train.steps=12",
    "guard.window=4",
    "guard.history=2",
    "guard.sigma=1",
    "guard.skip=both",
    "data.skip_rows=[3,[8,12]]",
    "validation.every=3",
    "validation.rows=5",
)


@pytest.fixture(scope="module")
def runs(job, sequences):
    words = (*WORDS, f"validation.sequences={sequences}")
    for stage in STAGES:
        for where in ([4, 1], [9, 1]):
            case = job.case(
                f"guarded-{stage}", stage, *words, accident=["kill", *where], rank=stage % 2
            )
            codes, _, output = job.run(case)
            assert codes[stage % 2] == -signal.SIGKILL, output
    names = [f"{kind}-{stage}" for stage in STAGES for kind in ("guarded", "sound")]
    cases = [job.case(name, int(name[-1]), *words) for name in names]
    codes, errors, output = job.run(*cases)
    assert (codes, errors) == ([0, 0], [[None] * 4] * 2), output
    assert output.count("resuming at step 8 in ") == 2
    return job


def told(job, name, file):
    """The lines of a file, without what a clock says."""
    found = [json.loads(line) for line in (job.folder / name / file).open()]
    clocks = ("seconds", "wait", "tokens_per_s", "flops", "mfu", "eta", "gib")
    return [
        {key: value for key, value in line.items() if not any(word in key for word in clocks)}
        for line in found
    ]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("file", ["metrics.jsonl", "spikes.jsonl", "validation.jsonl"])
def test_what_was_said_of_every_step_is_the_same(runs, stage, file):
    assert told(runs, f"guarded-{stage}", file) == told(runs, f"sound-{stage}", file)


@pytest.mark.parametrize("stage", STAGES)
def test_steps_were_dropped_before_and_after_the_kills(runs, stage):
    skipped = [line["step"] for line in runs.metrics(f"sound-{stage}") if line["step_skipped"]]
    assert skipped[0] < 8 < skipped[-1] and len(skipped) < 10, skipped


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("step", [4, 8, 12])
def test_every_parameter_is_the_same(runs, stage, step):
    assert runs.weights(f"guarded-{stage}", step) == runs.weights(f"sound-{stage}", step) != b""


@pytest.mark.parametrize("stage", STAGES)
def test_the_window_is_the_same(runs, stage):
    def state(name):
        folder = runs.folder / name / "checkpoints" / "step-000012"
        return json.loads((folder / "state.json").read_text())

    cut, whole = state(f"guarded-{stage}"), state(f"sound-{stage}")
    assert cut["guard"] == whole["guard"] and len(cut["guard"]["losses"]) == 4
    skipped = [{"from_step": 0, "rows": [[3, 4], [8, 12]]}]
    assert cut["skipped_rows"] == whole["skipped_rows"] == skipped
