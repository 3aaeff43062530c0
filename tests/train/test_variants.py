"""Variants of the model: loss and gradient norm of a step depend on its rows alone, as the plain
model's do, whatever shares them out: accumulation, ranks, ZeRO stage.
"""

import pytest

ONE_STEP = ("train.steps=1", "checkpoint.every=1")
MICRO = "train.micro_batch_rows"
VARIANTS = {
    "plain": (),
    "causal": ("model.mask=causal",),
    "mix": ("model.norm=mix", "model.n_layers=4"),
    "deepnorm": ("model.norm=deepnorm",),
    "xlda": ("model.mask=xlda", "model.positions=document"),
}
WAYS = [(1, 8, 0), (2, 1, 1), (2, 2, 3)]  # ranks, rows of a micro-batch, ZeRO stage


@pytest.fixture(scope="module")
def trained(job):
    for world in (1, 2):
        cases = [
            job.case(f"{name}-{world}-{stage}", stage, f"{MICRO}={micro}", *ONE_STEP, *words)
            for name, words in VARIANTS.items()
            for ranks, micro, stage in WAYS
            if ranks == world
        ]
        codes, errors, output = job.run(*cases, world=world)
        assert (codes, errors) == ([0] * world, [[None] * len(cases)] * world), output
    return job


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("ranks", "stage"), [(2, 1), (2, 3)])
def test_loss_and_gradient_norm(trained, variant, ranks, stage):
    [(_, loss, norm)] = trained.losses(f"{variant}-1-0")
    [(_, *other)] = trained.losses(f"{variant}-{ranks}-{stage}")
    assert other == [pytest.approx(loss, rel=2e-7), pytest.approx(norm, rel=2e-6)]


def test_each_variant_is_another_model(trained):
    norms = {name: trained.losses(f"{name}-1-0")[0][2] for name in VARIANTS}
    assert len(set(norms.values())) == len(norms)
