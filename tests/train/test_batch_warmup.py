"""Steps that grow: which rows each has, beside a plain torch loop, and killed across a change.

Two ranks with one row a micro-batch: step 0 takes one micro-batch on each, steps 1 and 2 three,
steps 3 to 5 four. So DeepSpeed's own count of micro-batches is never a multiple of the step's.
"""

import json
import signal

import numpy as np
import pytest
import torch

from kormo_ds import sequences as tables
from kormo_ds.compose import load_run
from kormo_ds.config import TrainConfig
from kormo_ds.errors import BadConfig
from kormo_ds.model import Batch, Transformer, init_weights
from kormo_ds.run_record.batch_warmup import Phase
from kormo_ds.sequences import Order
from kormo_ds.train.batches import plan
from kormo_ds.train.data import Reader

GROWING = ("train.batch_warmup=[[0,0.25],[0.17,0.75],[0.5,1]]", "train.micro_batch_rows=1")
POSITIONS = [0, 2, 8, 14, 22, 30, 38]
STAGES = [0, 1, 2, 3]


def cut(warmup, steps=100, rows=16, micro=2, world=2):
    train = TrainConfig(
        steps=steps, tokens_per_step=rows * 32, micro_batch_rows=micro, batch_warmup=warmup
    )
    return plan(train, 32, world)


def test_phases_of_a_run_and_positions_of_its_steps():
    made = cut([[0, 0.25], [0.05, 0.5], [0.1, 1]])
    assert made.phases == (Phase(0, 4, 0), Phase(5, 8, 20), Phase(10, 16, 60))
    assert [made.position(step) for step in (0, 1, 5, 6, 10, 11, 100)] == [
        *(0, 4, 20, 28, 60, 76),
        1500,
    ]
    assert [made.accumulated(step) for step in (0, 4, 5, 9, 10, 99)] == [1, 1, 2, 2, 4, 4]
    assert made.tokens(100) == 1500 * 32
    assert [made.start(6, 1, rank) for rank in (0, 1)] == [32, 34]


def test_without_a_warm_up_there_is_one_phase():
    made = cut([])
    assert made.phases == (Phase(0, 16, 0),) and made.accumulation == made.accumulated(7) == 4
    assert cut([[0, 1]]) == made


def test_a_phase_of_no_whole_step_has_none():
    assert cut([[0, 0.25], [0.05, 0.5], [0.1, 1]], steps=4).phases == (Phase(0, 16, 0),)
    assert cut([[0, 1 / 3], [0.1, 2 / 3], [0.6, 1]], steps=4, rows=12).phases == (
        Phase(0, 8, 0),
        Phase(2, 12, 16),
    )


@pytest.mark.parametrize("micro", [1, 2, 4])
@pytest.mark.parametrize("world", [1, 2])
def test_the_rows_of_every_step_know_neither_ranks_nor_micro_batches(sequences, micro, world):
    table = tables.open(str(sequences))
    made = cut([[0, 0.5], [0.5, 1]], steps=8, rows=16, micro=micro, world=world)
    readers = [Reader(table, 3, made, rank) for rank in range(world)]
    order = Order(table.n_rows, 3)
    for step, (first, rows) in enumerate([(0, 8), (8, 8), (16, 8), (24, 8), (32, 16), (48, 16)]):
        read = np.concatenate([reader.rows(step).reshape(-1) for reader in readers])
        assert sorted(read) == sorted(order.rows(first, rows))


@pytest.mark.parametrize(
    ("warmup", "rows", "message"),
    [
        (
            [[0, 0.3], [0.5, 1]],
            16,
            "train.batch_warmup: 0.3 of a step's 16 rows is 4.8 rows, not a multiple of "
            "train.micro_batch_rows = 2 on 2 ranks; 0.25 or 0.5 would be",
        ),
        (
            [[0, 0.01], [0.5, 1]],
            12,
            "train.batch_warmup: 0.01 of a step's 12 rows is 0.12 rows, not a multiple of "
            "train.micro_batch_rows = 2 on 2 ranks; 0.3333333333333333 would be",
        ),
        (
            [[0, 0.5], [0.5, 1]],
            4,
            "train.batch_warmup: 0.5 of a step's 4 rows is 2 rows, not a multiple of "
            "train.micro_batch_rows = 2 on 2 ranks; 1.0 would be",
        ),
    ],
)
def test_a_phase_that_does_not_divide_is_refused_with_shares_that_do(warmup, rows, message):
    with pytest.raises(BadConfig) as raised:
        cut(warmup, rows=rows)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("[[0,0.5,1]]", "it must be pairs [share of the steps, share of train.tokens_per_step]"),
        ("[[0.1,0.5],[0.2,1]]", "it must be from 0 on, and over before the last step"),
        ("[[0,0.5],[1,1]]", "it must be from 0 on, and over before the last step"),
        ("[[0,0.5],[0.2,0.5],[0.3,1]]", "it must be rising in both shares"),
        ("[[0,0.5],[0.3,0.75],[0.2,1]]", "it must be rising in both shares"),
        ("[[0,0.5],[0.2,0.9]]", "it must be of sizes above 0, the last of them 1"),
        ("[[0,0],[0.2,1]]", "it must be of sizes above 0, the last of them 1"),
        ("0.5", "train.batch_warmup: Invalid value assigned"),
    ],
)
def test_what_is_no_warm_up(word, message):
    with pytest.raises(BadConfig) as raised:
        load_run("smoke", [f"train.batch_warmup={word}"])
    assert message in str(raised.value) and "train.batch_warmup" in str(raised.value)


@pytest.fixture(scope="module")
def whole(job):
    """Uninterrupted runs of every stage, one after the other in one job."""
    cases = [job.case(f"grown-{stage}", stage, *GROWING) for stage in STAGES]
    codes, errors, output = job.run(*cases)
    assert (codes, errors) == ([0, 0], [[None] * len(cases)] * 2), output
    return job


@pytest.fixture(scope="module")
def killed(job):
    """Killed in step 3, the first of a new size, and in step 5, after a resume from step 4."""
    for stage in (1, 3):
        for where in ([3, 2], [5, 3]):
            case = job.case(f"grown-killed-{stage}", stage, *GROWING, accident=["kill", *where])
            codes, _, output = job.run(case | {"rank": 1})
            assert codes[1] == -signal.SIGKILL, output
    cases = [job.case(f"grown-killed-{stage}", stage, *GROWING) for stage in (1, 3)]
    codes, errors, output = job.run(*cases)
    assert (codes, errors) == ([0, 0], [[None] * 2] * 2), output
    assert output.count("resuming at step 4 in ") == 2
    return job


@pytest.mark.parametrize("stage", [1, 3])
def test_killed_across_a_change_of_size_it_ends_the_same_to_the_bit(whole, killed, stage):
    assert killed.losses(f"grown-killed-{stage}") == whole.losses(f"grown-{stage}")
    for step in (2, 4, 6):
        ours = killed.weights(f"grown-killed-{stage}", step)
        assert ours == whole.weights(f"grown-{stage}", step)
    assert whole.weights(f"grown-{stage}", 2) != whole.weights(f"grown-{stage}", 4)


def plain(run, table):
    """The same run in a plain torch loop: the loss and gradient norm of each step."""
    model = Transformer(run.model)
    init_weights(model, run.seed)
    matrices = [p for n, p in model.named_parameters() if p.ndim > 1 and "embed" not in n]
    others = [p for n, p in model.named_parameters() if p.ndim == 1 or "embed" in n]
    adam = torch.optim.AdamW(
        [{"params": matrices}, {"params": others, "weight_decay": 0.0}],
        lr=run.optim.lr,
        betas=run.optim.betas,
        eps=run.optim.eps,
        weight_decay=run.optim.weight_decay,
    )
    order = Order(table.n_rows, run.seed)
    for step, (first, end) in enumerate(zip(POSITIONS, POSITIONS[1:], strict=False)):
        rows = table.take(order.rows(first, end - first))
        spans = [np.stack(both, axis=1) for both in rows.unscored]
        batch = Batch.of_rows(rows.input_ids, rows.lengths, spans)
        loss = model(batch.tokens, batch.labels, batch.positions, batch.lengths) / batch.n_scored
        adam.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), run.optim.clip)
        adam.step()
        yield step, loss.item(), norm.item()


@pytest.mark.parametrize("stage", STAGES)
def test_losses_and_norms_are_those_of_a_plain_loop(whole, stage):
    run = load_run("smoke", whole.case(f"grown-{stage}", stage, *GROWING)["words"])
    expected = list(plain(run, tables.open(str(whole.sequences))))
    assert {line["lr"] for line in whole.metrics(f"grown-{stage}")} == {run.optim.lr}
    for ours, theirs in zip(whole.losses(f"grown-{stage}"), expected, strict=True):
        assert ours == (
            theirs[0],
            pytest.approx(theirs[1], rel=1e-6),
            pytest.approx(theirs[2], rel=1e-5),
        )


@pytest.mark.parametrize("name", ["grown-1", "grown-killed-1"])
def test_tokens_are_counted_from_the_rows_that_were_taken(whole, killed, name):
    lines = whole.metrics(name)
    assert [line["tokens"] for line in lines] == [32 * rows for rows in POSITIONS[1:]]
    assert [line["epoch"] for line in lines] == [rows / 29 for rows in POSITIONS[1:]]
    folder = whole.folder / name
    assert json.loads((folder / "summary.json").read_text())["n_tokens"] == 38 * 32
    state = json.loads((folder / "checkpoints" / "step-000004" / "state.json").read_text())
    assert state["tokens"] == 22 * 32
    rates = [line["tokens_per_s"] * line["seconds"] / 32 for line in lines]
    assert rates == pytest.approx([2, 6, 6, 8, 8, 8])
