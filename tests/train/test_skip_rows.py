"""Which rows `data.skip_rows` names, and what a skipped row becomes."""

import numpy as np
import pytest
import torch

from kormo_ds.compose import load_run, to_yaml
from kormo_ds.config import TrainConfig
from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.model import Transformer, init_weights
from kormo_ds.sequences import open as open_sequences
from kormo_ds.train.batches import plan
from kormo_ds.train.data import Reader
from kormo_ds.train.skip_rows import numbers, recorded, spans, write


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ([], []),
        ("", []),
        ([5, 2, 5], [2, 5]),
        ([[2, 5]], [2, 3, 4]),
        ([7, [0, 2], [1, 3]], [0, 1, 2, 7]),
        ([[8, 10]], [8, 9]),
    ],
)
def test_rows_that_are_named(setting, expected):
    assert numbers(setting, 10).tolist() == expected


def test_a_file_names_rows_and_is_written_back(tmp_path):
    file = tmp_path / "rows.txt"
    file.write_text("3\n\n5 8\n9, 10\n")
    assert numbers(str(file), 10).tolist() == [3, 5, 6, 7, 9]
    write(file, np.array([9, 3, 4, 3]))
    assert file.read_text() == "3 5\n9 10\n"
    assert numbers(str(file), 10).tolist() == [3, 4, 9]


@pytest.mark.parametrize(
    ("setting", "error", "message"),
    [
        ([10], BadInput, "data.skip_rows names row 10; rows of these sequences go from 0 to 9"),
        ([[8, 11]], BadInput, "names row 10;"),
        ([-1], BadInput, "names row -1;"),
        ([[5, 5]], BadConfig, r"data.skip_rows has \[5, 5\]; it takes row numbers"),
        (["x"], BadConfig, "data.skip_rows has 'x'"),
        ([1.5], BadConfig, "data.skip_rows has 1.5"),
        ([True], BadConfig, "data.skip_rows has True"),
        ([[1, 2, 3]], BadConfig, r"data.skip_rows has \[1, 2, 3\]"),
        ("nowhere.txt", BadConfig, "data.skip_rows = 'nowhere.txt': there is no such file"),
    ],
)
def test_what_names_no_rows_is_refused(setting, error, message):
    with pytest.raises(error, match=message):
        numbers(setting, 10)


def test_a_file_of_something_else_is_refused(tmp_path):
    file = tmp_path / "rows.txt"
    file.write_text("3\nfour\n")
    with pytest.raises(BadConfig, match="has a line 'four'"):
        numbers(str(file), 10)


@pytest.mark.parametrize("word", ["data.skip_rows=5", "data.skip_rows={a: 1}"])
def test_a_setting_of_another_kind_is_refused(word):
    with pytest.raises(BadConfig, match="data.skip_rows = .*: it must be a list of rows"):
        load_run("smoke", [word])


def test_the_setting_is_written_out_and_read_back(tmp_path):
    run = load_run("smoke", ["data.skip_rows=[7,[0,2]]"])
    (tmp_path / "run.yaml").write_text(to_yaml(run))
    assert load_run(str(tmp_path / "run.yaml")) == run
    assert numbers(run.data.skip_rows, 10).tolist() == [0, 1, 7]


def test_spans_are_runs_of_rows():
    assert spans(np.array([], np.int64)) == []
    assert spans(np.array([0, 1, 2, 7, 9, 10])) == [[0, 3], [7, 8], [9, 11]]


def test_the_state_records_from_which_step_on_which_rows_are_skipped():
    none, some = np.array([], np.int64), np.array([4, 5])
    assert recorded([], 0, none) == []
    first = recorded([], 3, some)
    assert first == [{"from_step": 3, "rows": [[4, 6]]}]
    assert recorded(first, 5, some) == first
    assert recorded(first, 7, none) == [*first, {"from_step": 7, "rows": []}]


def test_a_skipped_row_is_padding_in_its_place_and_all_others_are_as_they_were(sequences):
    table = open_sequences(str(sequences))
    train = TrainConfig(steps=1, tokens_per_step=8 * 32, micro_batch_rows=2)
    plain, skipping = (Reader(table, 42, plan(train, 32, 1), 0) for _ in range(2))
    rows = plain.rows(0)
    skipping.skipped = np.sort(rows[1:2, 1])
    for i, (before, after) in enumerate(zip(plain.read(0), skipping.read(0), strict=True)):
        assert after.lengths == before.lengths
        first = (before.tokens == after.tokens, before.labels == after.labels)
        if i != 1:
            assert all(same.all() for same in first)
            continue
        assert all(same[:32].all() for same in first)
        assert after.tokens[32:].tolist() == [0] * 32
        assert after.labels[32:].tolist() == [-100] * 32


@pytest.mark.parametrize("stage", [0, 1, 3])
def test_the_loss_is_the_mean_over_the_tokens_that_are_left(job, sequences, stage):
    """Loss and gradient norm of the first step, beside one pass over the seven other rows."""
    table = open_sequences(str(sequences))
    whole_step = TrainConfig(steps=1, tokens_per_step=256, micro_batch_rows=8)
    rows = Reader(table, 42, plan(whole_step, 32, 1), 0)
    [first] = rows.rows(0)
    name = f"without-one-{stage}"
    words = ("train.steps=1", f"data.skip_rows=[{first[5]}]", "optim.clip=0")
    codes, errors, output = job.run(job.case(name, stage, *words))
    assert (codes, errors) == ([0, 0], [[None]] * 2), output

    rows.skipped = first[5:6]
    [batch] = rows.read(0)
    model = Transformer(load_run("smoke", words_of(job, name, stage)).model)
    init_weights(model, 42)
    loss = model(batch.tokens, batch.labels, batch.positions, batch.lengths) / batch.n_scored
    loss.backward()
    norm = torch.stack([p.grad.norm() for p in model.parameters()]).norm()
    [(_, found, found_norm)] = job.losses(name)
    assert found == pytest.approx(loss.item(), rel=1e-6)
    assert found_norm == pytest.approx(norm.item(), rel=1e-5)
    whole = Reader(table, 42, rows.batches, 0).read(0)[0]
    assert whole.n_scored > batch.n_scored


def words_of(job, name, stage):
    return job.case(name, stage)["words"]
