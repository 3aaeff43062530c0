"""Rows of a step, and steps of a row: one is the other backwards, whatever the run did between."""

import json
from dataclasses import asdict, dataclass

import pytest

from kormo_ds.compose import load_run
from kormo_ds.errors import BadInput, Damaged
from kormo_ds.run_record import manifest
from kormo_ds.run_record.reading import Reading, newest, settings
from kormo_ds.run_record.state import FILE, State

STEPS = 12


@dataclass
class Rows:
    """What a reading asks of a table of sequences."""

    n_rows: int = 29
    length: int = 128
    fingerprint: str = "these"


def run_of(*words):
    return load_run(
        "smoke", [f"train.steps={STEPS}", "train.tokens_per_step=1024", "data.sequences=s", *words]
    )


def steps_of(reading, rows, done=STEPS):
    return [(seen.row, seen.step) for seen in reading.steps(rows, done)]


@pytest.mark.parametrize(
    "words",
    [(), ("train.batch_warmup=[[0,0.25],[0.5,1]]",), ("train.batch_warmup=[[0,0.5],[0.3,1]]",)],
)
@pytest.mark.parametrize("start", [0, 5, 100])
def test_the_steps_of_a_row_are_those_that_read_it(words, start):
    reading = Reading.of(run_of(*words), State(data_start=start, sequences="these"), Rows())
    read = [(row, step) for step in range(STEPS) for row in reading.rows(step)]
    assert sorted(steps_of(reading, list(range(29)))) == sorted(read)
    assert steps_of(reading, [3], done=4) == [
        (row, step) for row, step in read if row == 3 and step < 4
    ]
    assert steps_of(reading, []) == steps_of(reading, [3], done=0) == []


def test_epochs_are_counted_and_skipped_rows_marked():
    left_out = [{"from_step": 6, "rows": [[3, 5]]}]
    reading = Reading.of(run_of(), State(sequences="these", skipped_rows=left_out), Rows())
    seen = list(reading.steps([3, 20], STEPS))
    assert {one.epoch for one in seen} == {0, 1, 2, 3}
    assert all(
        one.epoch == (8 * one.step + reading.rows(one.step).index(one.row)) // 29 for one in seen
    )
    assert all(one.is_skipped == (one.row == 3 and one.step >= 6) for one in seen)
    assert reading.skipped(5) == set() and reading.skipped(6) == {3, 4}


def test_a_step_that_read_other_sequences_is_refused():
    data = [
        {"from_step": 0, "mixture": "a@1", "sequences": "others"},
        {"from_step": 5, "mixture": "b@1", "sequences": "these"},
    ]
    reading = Reading.of(run_of(), State(step=9, data=data, sequences="these"), Rows())
    with pytest.raises(BadInput, match=r"step 4 did not .* sequences others \(steps 0 to 4\)"):
        reading.rows(4)
    assert len(reading.rows(5)) == 8
    assert {step for _, step in steps_of(reading, list(range(29)))} == set(range(5, STEPS))


def test_sequences_that_were_changed_after_the_newest_checkpoint_count_from_there():
    state = State(step=9, sequences="others")
    now = Reading.of(run_of(), state, Rows())
    before = Reading.of(run_of(), state, Rows(fingerprint="others"), is_current=False)
    assert (now.spans, before.spans) == (((9, STEPS),), ((0, STEPS),))
    never = Reading.of(run_of(), state, Rows(fingerprint="never"), is_current=False)
    assert never.spans == () and steps_of(never, [1]) == []


def test_a_run_that_goes_on_in_an_order_waits_for_its_first_checkpoint():
    run = run_of("handover.run=first", "handover.data=keep")
    with pytest.raises(BadInput, match="is known with its first checkpoint"):
        Reading.of(run, None, Rows())
    assert Reading.of(run, State(data_start=8, sequences="these"), Rows()).start == 8


def test_the_newest_state_is_that_of_the_newest_complete_checkpoint(tmp_path):
    assert newest(tmp_path) is None
    for step in (3, 6, 9):
        folder = manifest.folder_of(tmp_path / "checkpoints", step)
        folder.mkdir(parents=True)
        (folder / FILE).write_text(json.dumps(asdict(State(step=step))))
        if step < 9:
            manifest.commit(folder, manifest.share(folder, 0, 1))
    found = newest(tmp_path)
    assert found is not None and found.step == 6
    (manifest.folder_of(tmp_path / "checkpoints", 6) / FILE).write_text('{"step"')
    with pytest.raises(Damaged, match="step-000006 cannot be read"):
        newest(tmp_path)
    with pytest.raises(BadInput, match="is not a run's folder"):
        settings(tmp_path)
