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
    "mtp": ("model.mtp_depth=2", "model.mtp_weight=0.3"),
    "z": ("optim.z_loss=0.01", "model.loss_chunk=20"),
    "both": ("model.mtp_depth=1", "optim.z_loss=0.01", "model.checkpoint_blocks=true"),
    "xlda": ("model.mask=xlda", "model.positions=document"),
}
WAYS = [(1, 8, 0), (2, 1, 1), (2, 4, 2), (2, 2, 3)]  # ranks, rows of a micro-batch, ZeRO stage


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


def first_step(job, name):
    [values] = job.metrics(name)
    terms = ("loss", "mtp_loss", "z_loss", "grad_norm")
    return {key: values[key] for key in values if key.startswith(terms) and "score" not in key}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("ranks", "stage"), [(2, 1), (2, 2), (2, 3)])
def test_losses_and_gradient_norm(trained, variant, ranks, stage):
    wanted = first_step(trained, f"{variant}-1-0")
    other = first_step(trained, f"{variant}-{ranks}-{stage}")
    assert other == {
        key: pytest.approx(value, rel=2e-6 if key == "grad_norm" else 2e-7)
        for key, value in wanted.items()
    }


@pytest.mark.parametrize(
    ("variant", "terms"),
    [
        ("plain", []),
        ("mtp", ["mtp_loss_1", "mtp_loss_2"]),
        ("z", ["z_loss"]),
        ("both", ["mtp_loss_1", "z_loss"]),
    ],
)
def test_terms_are_reported_apart_and_the_loss_stays_the_next_tokens(trained, variant, terms):
    values = first_step(trained, f"{variant}-1-0")
    assert sorted(values) == sorted(["loss", "grad_norm", *terms])
    plain = first_step(trained, "plain-1-0")["loss"]
    assert values["loss"] == pytest.approx(plain, rel=2e-7)
    near_uniform = pytest.approx(plain, abs=0.05)  # ln 128, at the start
    assert all(values[term] == near_uniform for term in terms if term.startswith("mtp"))
    assert values.get("z_loss", 0.01 * plain**2) == pytest.approx(0.01 * plain**2, rel=0.01)


def test_each_variant_is_another_model(trained):
    norms = {name: trained.losses(f"{name}-1-0")[0][2] for name in VARIANTS}
    assert len(set(norms.values())) == len(norms)
