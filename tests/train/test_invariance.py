"""Loss and gradient norm of a step depend on its rows, not on how they are shared out.

Rows carry 0 to 7 tokens of padding, so that a mean of micro-batch means would differ in the third
digit. The same eight rows go through in several ways. Bounds: fp32 sums in another order.
"""

import json

import pytest
import torch
from safetensors.torch import load_file

from kormo_ds.compose import load_run
from kormo_ds.model import initial_value

WAYS = [  # ranks, rows of a micro-batch, ZeRO stage; the rest is accumulated
    (1, 8, 0),
    (1, 8, 3),
    (1, 1, 1),
    (2, 4, 1),
    (2, 2, 0),
    (2, 1, 1),
    (2, 1, 2),
    (2, 1, 3),
]
ONE_STEP = ("train.steps=1", "checkpoint.every=1")
STARTS = [("fp32", 0), ("fp32", 1), ("fp32", 2), ("fp32", 3), ("bf16", 1), ("bf16", 3)]


@pytest.fixture(scope="module")
def trained(job):
    """Every way, one step; and every start, written out before any step."""
    for world in (1, 2):
        cases = [
            job.case(
                f"{world}-{micro}-{stage}", stage, f"train.micro_batch_rows={micro}", *ONE_STEP
            )
            for ranks, micro, stage in WAYS
            if ranks == world
        ]
        if world == 2:
            cases += [
                job.case(name, stage, f"train.precision={dtype}", *ONE_STEP, start_only=True)
                for dtype, stage in STARTS
                for name in [f"start-{dtype}-{stage}"]
            ]
        codes, errors, output = job.run(*cases, world=world)
        assert (codes, errors) == ([0] * world, [[None] * len(cases)] * world), output
    return job


def first_step(job, name):
    [(step, loss, norm)] = job.losses(name)
    assert step == 0
    return loss, norm


@pytest.mark.parametrize(("ranks", "micro", "stage"), WAYS[1:])
def test_loss_and_gradient_norm(trained, ranks, micro, stage):
    loss, norm = first_step(trained, "1-8-0")
    ours = first_step(trained, f"{ranks}-{micro}-{stage}")
    print(
        f"\n{ranks} ranks: loss {abs(ours[0] / loss - 1):.1e}, norm {abs(ours[1] / norm - 1):.1e}"
    )
    assert ours == (
        pytest.approx(loss, rel=2e-7),
        pytest.approx(norm, rel=2e-6),
    )


@pytest.mark.parametrize(("dtype", "stage"), STARTS)
def test_the_start_is_the_same_to_the_bit_and_is_written_in_shards(trained, dtype, stage):
    folder = trained.folder / f"start-{dtype}-{stage}" / "weights"
    index = json.loads((folder / "model.safetensors.index.json").read_text())["weight_map"]
    shards = {name: load_file(folder / name) for name in set(index.values())}
    assert len(shards) > 3 and set(index) == {key for shard in shards.values() for key in shard}
    run = load_run("smoke", trained.case("any", stage)["words"])
    for key, shard in index.items():
        value = shards[shard][key]
        start = initial_value(key, value.shape, run.seed, run.model)
        start = start.bfloat16().float() if dtype == "bf16" else start
        assert torch.equal(value, start), key


def test_bf16_with_fp32_accumulation_trains_at_stages_1_2_and_3(trained):
    words = ("train.precision=bf16", *ONE_STEP)
    cases = [trained.case(f"bf16-{stage}", stage, *words) for stage in (1, 2, 3)]
    codes, errors, output = trained.run(*cases)
    assert (codes, errors) == ([0, 0], [[None] * 3] * 2), output
    loss, norm = first_step(trained, "1-8-0")
    for stage in (1, 2, 3):
        assert first_step(trained, f"bf16-{stage}") == (
            pytest.approx(loss, rel=1e-3),
            pytest.approx(norm, rel=2e-2),
        )
