"""Ranks that share every row against ranks that do not: loss and gradient norm of two steps.

At every ZeRO stage, since a wrong factor differs from stage to stage and AdamW hides it from the
losses. The second step would differ if the first had moved the weights otherwise. A micro-batch is
one row, so that documents lie across the border of two ranks.
"""

import json
import shutil

import numpy as np
import pytest
import torch

from kormo_ds.compose import load_run
from kormo_ds.config import ModelConfig, TrainConfig
from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.model import Batch
from kormo_ds.train import ds_config
from kormo_ds.train.batches import plan
from kormo_ds.train.sequence_parallel import check

STAGES = [0, 1, 2, 3]
SP = "train.sequence_parallel"
ROWS = ("train.micro_batch_rows=1", "train.tokens_per_step=64", "optim.clip=0.1")
TWO_STEPS = (*ROWS, "train.steps=2", "checkpoint.every=1", "model.n_kv_heads=2")
OPTIONS = {
    "plain": (),
    "all": (
        "model.mask=causal",
        "optim.z_loss=0.01",
        "model.loss_chunk=20",
        "model.mlp_tile=12",
        "model.checkpoint_blocks=true",
    ),
    "xlda": ("model.mask=xlda", "model.positions=document"),
    "mtp": ("model.mtp_depth=2", "model.mtp_weight=0.5", "optim.z_loss=0.01"),
}
CASES = [(name, stage) for name in ("plain", "all") for stage in STAGES]
CASES += [(name, stage) for name in ("xlda", "mtp") for stage in (1, 3)]
TERMS = ("loss", "mtp_loss_1", "mtp_loss_2", "z_loss")


def run(job, cases, world=2):
    codes, errors, output = job.run(*cases, world=world)
    assert (codes, errors) == ([0] * world, [[None] * len(cases)] * world), output


def near(wanted):
    """Terms of the loss and gradient norm of metrics lines, up to rounding."""
    return [
        {key: pytest.approx(line[key], rel=1e-6) for key in TERMS if key in line}
        | {"step": line["step"], "grad_norm": pytest.approx(line["grad_norm"], rel=1e-5)}
        for line in wanted
    ]


def terms(lines):
    return [
        {key: line[key] for key in ("step", "grad_norm", *TERMS) if key in line} for line in lines
    ]


@pytest.fixture(scope="module")
def trained(job):
    run(
        job,
        [
            job.case(f"sp{sp}-{name}-{stage}", stage, *TWO_STEPS, *OPTIONS[name], f"{SP}={sp}")
            for name, stage in CASES
            for sp in (1, 2)
        ],
    )
    return job


@pytest.mark.parametrize(("name", "stage"), CASES)
def test_terms_of_the_loss_and_gradient_norm(trained, name, stage):
    got, wanted = (trained.metrics(f"sp{sp}-{name}-{stage}") for sp in (2, 1))
    assert terms(got) == near(wanted)
    assert ("mtp_loss_2" in got[0], "z_loss" in got[0]) == (name == "mtp", name in ("all", "mtp"))


RESHARDED = [(name, *way) for name in ("plain", "mtp") for way in ((2, 1, 1, 3), (1, 3, 2, 1))]


@pytest.fixture(scope="module")
def resharded(trained):
    """Copies of runs that end after one step, gone on with at another share and stage."""
    cases = []
    for name, sp, stage, other_sp, other in RESHARDED:
        copy = f"resharded-{name}-{sp}"
        shutil.copytree(trained.folder / f"sp{sp}-{name}-{stage}", trained.folder / copy)
        shutil.rmtree(trained.checkpoint(copy, 2))
        words = (*TWO_STEPS, *OPTIONS[name], f"{SP}={other_sp}")
        cases.append(trained.case(copy, other, *words))
    run(trained, cases)
    return trained


@pytest.mark.parametrize(("name", "sp", "stage", "other_sp", "other"), RESHARDED)
def test_a_checkpoint_goes_on_with_another_share(resharded, name, sp, stage, other_sp, other):
    copy = f"resharded-{name}-{sp}"
    wanted = resharded.metrics(f"sp{sp}-{name}-{stage}")
    lines = resharded.metrics(copy)
    assert terms(lines) == near(wanted)
    assert lines[0] == wanted[0] and lines[1] != wanted[1], "the first step was not taken again"


FOUR_HEADS = (*ROWS, "train.steps=5", "checkpoint.every=5", "model.n_heads=4", "model.n_kv_heads=4")
SPIKES = ("guard.window=2", "guard.history=2", "guard.sigma=1e-4", "guard.skip=loss")


@pytest.fixture(scope="module")
def four_ranks(job):
    """Two groups of two ranks and one of four, beside two ranks that share nothing.

    Any step above the median of the last two is a spike and dropped; five rows are validated.
    """
    held_out = (f"validation.sequences={job.sequences}", "validation.every=5", "validation.rows=5")
    words = (*FOUR_HEADS, *SPIKES, *held_out)
    for world, shares in ((2, (1,)), (4, (2, 4))):
        cases = [
            job.case(f"of{world}-sp{sp}-{stage}", stage, *words, f"{SP}={sp}")
            for sp in shares
            for stage in STAGES
        ]
        run(job, cases, world)
    return job


@pytest.mark.parametrize("sp", [2, 4])
@pytest.mark.parametrize("stage", STAGES)
def test_four_ranks_in_groups(four_ranks, sp, stage):
    got, wanted = (four_ranks.metrics(name) for name in (f"of4-sp{sp}-{stage}", f"of2-sp1-{stage}"))
    assert terms(got) == near(wanted)
    dropped = [line["step_skipped"] for line in got]
    assert dropped == [line["step_skipped"] for line in wanted]
    assert 0 < sum(dropped) < 4, "some of the later steps are dropped, and some are not"


def written(job, name, file):
    return [json.loads(line) for line in (job.folder / name / file).open()]


@pytest.mark.parametrize("sp", [2, 4])
@pytest.mark.parametrize("stage", STAGES)
def test_spikes_name_the_same_rows_with_the_same_losses(four_ranks, sp, stage):
    got, wanted = (
        written(four_ranks, name, "spikes.jsonl")
        for name in (f"of4-sp{sp}-{stage}", f"of2-sp1-{stage}")
    )
    assert [spike["step"] for spike in got] == [spike["step"] for spike in wanted] != []
    assert {len(spike["ranks"]) for spike in got} == {4 // sp}
    for spike, other in zip(got, wanted, strict=True):
        ours, theirs = by_row(spike), by_row(other)
        assert len(ours) == 2
        assert ours == {
            row: (pytest.approx(loss, rel=1e-5), count) for row, (loss, count) in theirs.items()
        }


def by_row(spike):
    """Of each row of a spike the sum of its losses and its scored tokens."""
    return {
        row: (loss, count)
        for rank in spike["ranks"]
        for part in rank
        for row, loss, count in zip(
            *(part[k] for k in ("rows", "loss_sums", "n_scored")), strict=True
        )
    }


@pytest.mark.parametrize("sp", [2, 4])
@pytest.mark.parametrize("stage", STAGES)
def test_validation_sums_what_the_ranks_of_a_group_hold(four_ranks, sp, stage):
    [got], [wanted] = (
        written(four_ranks, name, "validation.jsonl")
        for name in (f"of4-sp{sp}-{stage}", f"of2-sp1-{stage}")
    )
    assert sorted(got["bpb"]) == ["all", "component=a", "component=b"]
    assert got["bpb"] == pytest.approx(wanted["bpb"], rel=1e-6)
    assert got["n_bytes"] == wanted["n_bytes"]


def test_held_out_rows_that_cannot_be_shared_are_refused(job, write_rows, tmp_path):
    odd = write_rows(tmp_path / "odd", 4, "odd" * 21, length=33)
    words = (*TWO_STEPS, f"{SP}=2", f"validation.sequences={odd}")
    _, errors, output = job.run(job.case("odd", 1, *words))
    assert errors[0] == errors[1], output
    told = "train.sequence_parallel = 2 does not divide the 33 tokens of a row of validation.seq"
    assert errors[0][0].startswith(told)


def test_shares_of_a_batch():
    lengths = [np.array([4]), np.array([3, 1])]
    whole = Batch.of_rows(np.arange(8).reshape(2, 4), lengths, [np.empty((0, 2))] * 2, mtp_depth=1)
    first, second = whole.share(0, 2), whole.share(1, 2)
    assert (first.tokens.tolist(), second.tokens.tolist()) == ([0, 1, 2, 3], [4, 5, 6, 7])
    assert second.labels.tolist() == [5, 6, -100, -100]
    assert second.positions.tolist() == [0, 1, 2, 3]
    assert second.lengths == [4, 3, 1]
    assert second.ahead.tolist() == [[[5, 6, -100, -100], [6, -100, -100, -100]]]
    assert first.n_scored + second.n_scored == whole.n_scored
    assert first.n_scored_ahead(1) + second.n_scored_ahead(1) == whole.n_scored_ahead(1) == 3
    assert whole.share(1, 4).tokens.tolist() == [2, 3]
    assert whole.share(1, 4).ahead[0, 0].tolist() == [3, -100]
    assert whole.share(3, 4).in_stream(torch.tensor([7, 9])).tolist() == [0] * 6 + [7, 9]


def test_a_batch_without_equal_shares_is_refused():
    batch = Batch.of_rows(np.zeros((1, 9), int), [np.array([9])], [np.empty((0, 2))])
    with pytest.raises(BadInput, match="a batch of 9 tokens has no 2 equal shares; set train.seq"):
        batch.share(1, 2)


def test_ranks_that_share_rows_are_fewer_readers_and_deepspeed_counts_them_all():
    run = load_run("smoke", ["train.sequence_parallel=2"])
    batches = plan(run.train, 32, 8)
    assert batches.world == 4
    rendered = ds_config.render(run, batches)
    assert rendered["train_batch_size"] == (
        rendered["train_micro_batch_size_per_gpu"] * rendered["gradient_accumulation_steps"] * 8
    )


MODEL = ModelConfig(
    vocab_size=128, hidden_size=32, ffn_size=64, n_layers=2, n_heads=6, n_kv_heads=2, head_dim=16
)


@pytest.mark.parametrize(
    ("sp", "world", "tokens", "message"),
    [
        (4, 8, 64, r"= 4 does not divide the 6 heads \(model.n_heads\)"),
        (3, 6, 63, r"= 3 does not divide the 2 key and value heads"),
        (2, 2, 33, "= 2 does not divide the 33 tokens of a row; take a divisor of 33"),
        (2, 3, 64, "= 2 does not divide the 3 ranks"),
    ],
)
def test_what_cannot_be_shared_is_refused(sp, world, tokens, message):
    with pytest.raises(BadConfig, match=f"train.sequence_parallel {message}"):
        check(sp, MODEL, world, tokens)


def test_readers_must_be_a_whole_number():
    train = TrainConfig(steps=1, tokens_per_step=64, micro_batch_rows=1, sequence_parallel=2)
    with pytest.raises(BadConfig, match="sequence_parallel = 2 does not divide the 3 ranks"):
        plan(train, 32, 3)
