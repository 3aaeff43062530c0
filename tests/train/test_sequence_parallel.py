"""Two ranks that share every row against two that do not: loss and gradient norm of two steps.

At every ZeRO stage, since a wrong factor differs from stage to stage and AdamW hides it from the
losses. The second step would differ if the first had moved the weights otherwise.
"""

import dataclasses

import numpy as np
import pytest

from kormo_ds.compose import load_run
from kormo_ds.config import ModelConfig, TrainConfig
from kormo_ds.errors import BadConfig
from kormo_ds.model import Batch
from kormo_ds.train import ds_config
from kormo_ds.train.batches import plan
from kormo_ds.train.sequence_parallel import check

STAGES = [0, 1, 2, 3]
SP = "train.sequence_parallel"
TWO_STEPS = ("train.steps=2", "checkpoint.every=2", "model.n_kv_heads=2", "optim.clip=0.1")
OPTIONS = {
    "plain": (),
    "all": (
        "model.mask=causal",
        "optim.z_loss=0.01",
        "model.loss_chunk=20",
        "model.mlp_tile=12",
        "model.checkpoint_blocks=true",
    ),
}


@pytest.fixture(scope="module")
def trained(job):
    cases = [
        job.case(f"sp{sp}-{name}-{stage}", stage, *TWO_STEPS, *words, f"{SP}={sp}")
        for name, words in OPTIONS.items()
        for stage in STAGES
        for sp in (1, 2)
    ]
    codes, errors, output = job.run(*cases)
    assert (codes, errors) == ([0, 0], [[None] * len(cases)] * 2), output
    return job


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("stage", STAGES)
def test_loss_and_gradient_norm(trained, name, stage):
    pairs = zip(
        trained.losses(f"sp2-{name}-{stage}"), trained.losses(f"sp1-{name}-{stage}"), strict=True
    )
    for got, (step, loss, norm) in pairs:
        assert got == (step, pytest.approx(loss, rel=1e-6), pytest.approx(norm, rel=1e-5))


def test_shares_of_a_batch():
    whole = Batch.of_rows(np.arange(8).reshape(2, 4), [np.array([4])] * 2, [np.empty((0, 2))] * 2)
    first, second = whole.share(0, 2), whole.share(1, 2)
    assert (first.tokens.tolist(), second.tokens.tolist()) == ([0, 1, 2, 3], [4, 5, 6, 7])
    assert second.labels.tolist() == [5, 6, 7, -100]
    assert second.positions.tolist() == [0, 1, 2, 3]
    assert second.lengths == [4, 4]
    assert first.n_scored + second.n_scored == whole.n_scored


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


def test_depths_of_multi_token_prediction_are_refused():
    model = dataclasses.replace(MODEL, mtp_depth=1)
    with pytest.raises(BadConfig, match="= 2 and model.mtp_depth = 1: a depth reads embeddings"):
        check(2, model, 2, 64)


def test_readers_must_be_a_whole_number():
    train = TrainConfig(steps=1, tokens_per_step=64, micro_batch_rows=1, sequence_parallel=2)
    with pytest.raises(BadConfig, match="sequence_parallel = 2 does not divide the 3 ranks"):
        plan(train, 32, 3)
