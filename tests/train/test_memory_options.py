"""What trades time for memory changes neither losses, gradients nor weights.

Two ranks, two steps of two micro-batches each; documents differ in length from rank to rank.
"""

import pytest

TWO_STEPS = ("train.steps=2", "checkpoint.every=2")
STAGES = [1, 3]
OPTIONS = {
    "plain": (),
    "checkpointed": ("model.checkpoint_blocks=true",),
    "tiled": ("model.mlp_tile=24",),  # 64 tokens of a micro-batch are three tiles
    "tiled and checkpointed": ("model.mlp_tile=24", "model.checkpoint_blocks=true"),
}


@pytest.fixture(scope="module")
def trained(job):
    cases = [
        job.case(f"{name}-{stage}".replace(" ", "-"), stage, *TWO_STEPS, *words)
        for name, words in OPTIONS.items()
        for stage in STAGES
    ]
    codes, errors, output = job.run(*cases)
    assert (codes, errors) == ([0, 0], [[None] * len(cases)] * 2), output
    return job


@pytest.mark.parametrize("stage", STAGES)
def test_checkpointed_blocks_give_the_same_bits(trained, stage):
    plain, other = f"plain-{stage}", f"checkpointed-{stage}"
    assert trained.losses(other) == trained.losses(plain)
    assert trained.weights(other, 2) == trained.weights(plain, 2)


@pytest.mark.parametrize("name", ["tiled", "tiled-and-checkpointed"])
@pytest.mark.parametrize("stage", STAGES)
def test_tiles_give_the_same_losses_and_norms_within_rounding(trained, name, stage):
    for got, wanted in zip(
        trained.losses(f"{name}-{stage}"), trained.losses(f"plain-{stage}"), strict=True
    ):
        assert got == (
            wanted[0],
            pytest.approx(wanted[1], rel=2e-7),
            pytest.approx(wanted[2], rel=2e-6),
        )
