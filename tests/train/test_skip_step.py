"""A step that is not applied: as if it had never been, at every ZeRO stage, on two ranks.

128 rows of one pattern that a model learns in a few steps, but for the eight of step 13: noise.
With `guard.skip` that step is taken and dropped. The reference takes none at all: its rows are
skipped, so the step has no scored token and the engine is not even called.
"""

import json

import numpy as np
import pytest

from kormo_ds.sequences import Order
from kormo_ds.sequences import open as open_sequences

STAGES = [0, 1, 2, 3]
N_ROWS, BAD = 128, 13
GUARD = ("guard.window=5", "guard.history=5")
LEARN = ("train.steps=16", "checkpoint.every=1", "checkpoint.keep=20", "optim.lr=0.03")


def rows_of(step: int) -> list[int]:
    return Order(N_ROWS, 42).rows(8 * step, 8).tolist()


@pytest.fixture(scope="module")
def planted(write_rows, tmp_path_factory):
    def ids(_, ids):
        pattern = np.tile(np.arange(8), (N_ROWS, 4))
        noise = np.isin(np.arange(N_ROWS), rows_of(BAD))
        return np.where(noise[:, None], ids, pattern).astype(np.int32)

    return write_rows(tmp_path_factory.mktemp("planted") / "rows", N_ROWS, "bad" * 21, ids)


@pytest.fixture(scope="module")
def runs(job, planted):
    def case(name, stage, *words):
        return job.case(name, stage, f"data.sequences={planted}", *LEARN, *words)

    skipped_rows = f"data.skip_rows={rows_of(BAD)}"
    cases = [
        case(f"{kind}-{stage}", stage, *words)
        for stage in STAGES
        for kind, words in (
            ("dropped", (*GUARD, "guard.skip=loss")),
            ("never", (skipped_rows,)),
            ("applied", GUARD),
        )
    ]
    codes, errors, output = job.run(*cases)
    assert (codes, errors) == ([0, 0], [[None] * len(cases)] * 2), output
    return job


@pytest.mark.parametrize("stage", STAGES)
def test_a_dropped_step_leaves_all_parameters_as_they_were(runs, stage):
    name = f"dropped-{stage}"
    skipped = [line["step"] for line in runs.metrics(name) if line["step_skipped"]]
    assert skipped == [BAD]
    assert runs.weights(name, BAD + 1) == runs.weights(name, BAD)
    assert runs.weights(name, BAD) != runs.weights(name, BAD - 1)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("step", range(9, 17))
def test_what_follows_is_as_if_the_step_had_never_been(runs, stage, step):
    """Two further steps: moments and AdamW's count are the same, or the weights would not be."""
    assert runs.weights(f"dropped-{stage}", step) == runs.weights(f"never-{stage}", step) != b""


@pytest.mark.parametrize("stage", STAGES)
def test_losses_and_norms_of_the_other_steps_are_the_same_to_the_bit(runs, stage):
    dropped, never = runs.losses(f"dropped-{stage}"), runs.losses(f"never-{stage}")
    assert dropped[:BAD] + dropped[BAD + 1 :] == never[:BAD] + never[BAD + 1 :]
    assert never[BAD] == (BAD, None, 0.0) and dropped[BAD][1] > 1.5 * dropped[BAD - 1][1]


@pytest.mark.parametrize("stage", STAGES)
def test_without_skipping_the_step_counts_and_is_called_a_spike_all_the_same(runs, stage):
    lines = runs.metrics(f"applied-{stage}")
    assert [line["step_skipped"] for line in lines] == [0] * 16
    assert lines[BAD]["loss_score"] > 6 and lines[BAD]["loss"] == pytest.approx(
        runs.metrics(f"dropped-{stage}")[BAD]["loss"], rel=1e-6
    )
    checkpoints = runs.folder / f"applied-{stage}" / "checkpoints"
    assert not (checkpoints / f"step-{BAD + 1:06d}").exists(), "none is written at a spike"
    assert (checkpoints / f"step-{BAD + 2:06d}").exists()
    assert runs.weights(f"applied-{stage}", 16) != runs.weights(f"dropped-{stage}", 16)


def spikes(runs, name):
    return [json.loads(line) for line in (runs.folder / name / "spikes.jsonl").open()]


@pytest.mark.parametrize("stage", STAGES)
def test_a_spike_is_written_with_its_rows_and_their_losses(runs, planted, stage):
    [spike] = spikes(runs, f"dropped-{stage}")
    line = runs.metrics(f"dropped-{stage}")[BAD]
    for key in ("step", "loss", "grad_norm", "loss_score", "grad_norm_score"):
        assert spike[key] == line[key]
    parts = [part for rank in spike["ranks"] for part in rank]
    assert [len(part["rows"]) for part in parts] == [2] * 4
    assert sorted(row for part in parts for row in part["rows"]) == sorted(rows_of(BAD))
    n_scored = sum(sum(part["n_scored"]) for part in parts)
    total = sum(sum(part["loss_sums"]) for part in parts)
    assert total / n_scored == pytest.approx(spike["loss"], rel=1e-6)
    table = open_sequences(str(planted))
    for part in parts:
        for row, count in zip(part["rows"], part["n_scored"], strict=True):
            pieces = [piece for piece in table.pieces(row) if piece.doc_id]
            assert count == sum(piece.end - piece.start - 1 for piece in pieces)


@pytest.mark.parametrize("stage", [1, 2, 3])
def test_bf16_masters_too(job, planted, stage):
    """Stage 1 in bf16 has an optimiser class of its own."""
    taken, not_taken = f"dropped-bf16-{stage}", f"never-bf16-{stage}"
    small = ("model.hidden_size=16", "model.ffn_size=16", "model.head_dim=8", "model.n_layers=1")
    words = (*LEARN, "train.precision=bf16", *small)
    words = (f"data.sequences={planted}", *words)
    dropped = job.case(taken, stage, *words, *GUARD, "guard.skip=loss")
    never = job.case(not_taken, stage, *words, f"data.skip_rows={rows_of(BAD)}")
    codes, errors, output = job.run(dropped, never)
    assert (codes, errors) == ([0, 0], [[None] * 2] * 2), output
    assert [m["step"] for m in job.metrics(taken) if m["step_skipped"]] == [BAD]
    assert job.weights(taken, 14) == job.weights(taken, 13) != b""
    assert job.weights(taken, 16) == job.weights(not_taken, 16) != b""


def test_a_run_stops_after_its_patience_and_goes_on_without_the_rows(runs, planted):
    """It equals, to the bit, the run that never read them."""

    def case(*words):
        return runs.case("stopped", 3, f"data.sequences={planted}", *LEARN, *GUARD, *words)

    _, errors, output = runs.run(case("guard.patience=1"))
    folder = runs.folder / "stopped"
    assert errors[0] == errors[1], output
    told = errors[0][0]
    assert told.startswith("steps 13 to 13 were spikes above 6 deviations, guard.patience = 1 in a")
    assert f"; {folder}/checkpoints/step-000013 is the last good checkpoint, the same com" in told
    assert f"add data.skip_rows={folder}/rows-000013.txt to go on without the rows of" in told
    assert f"kormo trace --run {folder} --step 13" in told and "\n" not in told
    assert not (folder / "checkpoints" / "step-000014").exists()
    assert [spike["step"] for spike in spikes(runs, "stopped")] == [13]

    _, errors, output = runs.run(case(f"data.skip_rows={folder}/rows-000013.txt"))
    assert errors == [[None]] * 2 and "resuming at step 13" in output, output
    assert spikes(runs, "stopped") == [], "cut: the step was taken again"
    assert runs.losses("stopped") == runs.losses("never-3")
    assert runs.weights("stopped", 16) == runs.weights("never-3", 16)
    state = json.loads((folder / "checkpoints" / "step-000016" / "state.json").read_text())
    [skipped] = state["skipped_rows"]
    assert skipped["from_step"] == 13
    assert sorted(row for a, b in skipped["rows"] for row in range(a, b)) == sorted(rows_of(BAD))


@pytest.mark.parametrize("words", [(), (*GUARD, "guard.skip=both")])
@pytest.mark.parametrize("stage", [0, 3])
def test_what_is_not_finite_stops_the_run_and_reaches_no_checkpoint(job, stage, words):
    name = f"nan-{stage}-{len(words)}"
    _, errors, output = job.run(
        job.case(name, stage, "optim.lr=1e30", "checkpoint.every=1", *words)
    )
    folder = job.folder / name
    assert errors[0] == errors[1], output
    told = errors[0][0]
    assert told.startswith(("step 1: loss nan, gradient norm", "step 1: loss inf, gradient norm"))
    assert f"{folder}/checkpoints/step-000001 is the last good checkpoint" in told
    assert [path.name for path in (folder / "checkpoints").iterdir()] == ["step-000001"]
    assert [line["step"] for line in job.metrics(name)] == [0]
    [spike] = spikes(job, name)
    assert (spike["step"], spike["loss"]) == (1, None)


def test_without_a_checkpoint_the_start_is_named(job):
    _, errors, _ = job.run(job.case("nan", 1, "optim.lr=1e30", "checkpoint.every=5"))
    assert (
        "; there is no checkpoint yet, the same command goes on from the start: add" in errors[0][0]
    )


def test_rows_that_do_not_exist_are_refused_by_every_rank(job):
    _, errors, _ = job.run(job.case("beyond", 1, "data.skip_rows=[29]"))
    message = "data.skip_rows names row 29; rows of these sequences go from 0 to 28"
    assert errors == [[message]] * 2
