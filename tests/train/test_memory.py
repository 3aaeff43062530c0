"""What plan says of memory and disk: literal figures, and what real ranks and layers hold."""

from dataclasses import replace

import pytest
import torch

from kormo_ds.compose import load_run
from kormo_ds.config import ModelConfig
from kormo_ds.model import Transformer, init_weights
from kormo_ds.train import memory

P10B = 10_756_624_384
SHAPE = ModelConfig(
    vocab_size=2048,
    hidden_size=128,
    ffn_size=512,
    n_layers=4,
    n_heads=4,
    n_kv_heads=2,
    head_dim=32,
    attention="sdpa",
    loss_chunk=256,
)
SMALL_BUCKETS = [
    f"deepspeed.zero_optimization.{setting}"
    for setting in (
        "reduce_bucket_size=10000",
        "allgather_bucket_size=10000",
        "stage3_max_live_parameters=1000",
        "stage3_prefetch_bucket_size=1000",
        "stage3_param_persistence_threshold=0",
    )
]


@pytest.mark.parametrize(
    ("stage", "world", "gigabytes"),
    [(1, 8, 102), (2, 8, 43), (2, 16, 32), (3, 8, 24), (3, 16, 12)],
)
def test_model_states_of_the_10b_model_in_bf16(stage, world, gigabytes):
    assert round(sum(memory.states(P10B, world, stage, 2)) / 1e9) == gigabytes


@pytest.mark.parametrize(
    ("stage", "width", "bytes_each"),
    [
        (0, 4, (4, 4, 8)),
        (1, 4, (4, 4, 3)),
        (2, 4, (4, 1, 3)),
        (3, 4, (1, 1, 3)),
        (1, 2, (2, 6, 3)),
        (2, 2, (2, 1, 3)),
        (3, 2, (0.5, 1, 3)),
    ],
)
def test_bytes_a_parameter_on_one_of_four_ranks(stage, width, bytes_each):
    assert memory.states(1000, 4, stage, width) == tuple(1000 * each for each in bytes_each)


def test_the_papers_10b_run_on_8_gpus():
    needs = memory.of_run(load_run("stage1_10b"), P10B, 2 * 4096, 8)
    assert needs == memory.Memory(
        weights=2 * P10B,
        gradients=4 * P10B // 8,
        optimiser=12 * P10B // 8,
        buffers=2 * 200_000_000,
        activations=8192 * (40 * (12 * 4096 + 8 * 4096 + 8 * 16384) + 6 * 4096),
        logits=12 * 2048 * 125_184,
    )
    assert round(needs.total / 1e9, 1) == 116.5


@pytest.mark.parametrize(
    ("zero", "expected"),
    [
        ({"stage": 0}, 0),
        ({"stage": 2, "reduce_bucket_size": 100}, 200),
        ({"stage": 2, "reduce_bucket_size": 100, "overlap_comm": True}, 400),
        ({"stage": 2}, 2000),
        ({"stage": 3, "reduce_bucket_size": 100, "stage3_max_live_parameters": 300}, 1000),
        ({"stage": 3, "reduce_bucket_size": 10**9}, 6000),
    ],
)
def test_buffers_of_a_thousand_parameters_in_bf16(zero, expected):
    assert memory.buffers(zero, 1000, 2) == expected


def test_logits_are_of_a_chunk_or_of_all_tokens_where_they_are_fewer():
    assert memory.logits(SHAPE, 4096) == 12 * 256 * 2048
    assert memory.logits(SHAPE, 100) == 12 * 100 * 2048


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("n_tokens", [512, 1024])
@pytest.mark.parametrize("again", [False, True])
def test_activations_are_what_the_layers_keep(dtype, n_tokens, again):
    """Documents of one length, which the CPU's attention does not pad."""
    shape = replace(SHAPE, checkpoint_blocks=again)
    model = Transformer(shape)
    init_weights(model, 1)
    model = model.to(dtype)
    weights = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept, alive = {}, []

    def keep(tensor):
        store = tensor.untyped_storage()
        if store.data_ptr() not in weights:
            kept[store.data_ptr()] = store.nbytes()
            alive.append(tensor)
        return tensor

    tokens = torch.arange(n_tokens) % 2048
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model(tokens, tokens, torch.arange(n_tokens), [256] * (n_tokens // 256))
    width = 2 if dtype == torch.bfloat16 else 4
    planned = memory.activations(shape, n_tokens, width, "cpu")
    assert memory.activations(shape, n_tokens, width) < planned
    more = memory.activations(replace(SHAPE, n_layers=SHAPE.n_layers + 1), n_tokens, width, "cpu")
    one_layer = more - memory.activations(SHAPE, n_tokens, width, "cpu")
    planned -= one_layer if again else 0  # made again in the backward pass
    assert planned == pytest.approx(sum(kept.values()), rel=0.02)


@pytest.mark.parametrize(("dtype", "stage"), [("fp32", 0), ("bf16", 1), ("bf16", 2), ("bf16", 3)])
def test_two_ranks_hold_on_disk_and_in_memory_what_is_planned(job, dtype, stage):
    shape = {key: getattr(SHAPE, key) for key in ("vocab_size", "hidden_size", "ffn_size")}
    shape |= {key: getattr(SHAPE, key) for key in ("n_layers", "n_heads", "n_kv_heads", "head_dim")}
    name = f"weighed-{dtype}-{stage}"
    words = [*(f"model.{key}={value}" for key, value in shape.items()), *SMALL_BUCKETS]
    words += [f"train.precision={dtype}", "train.steps=2", "log.wandb=disabled"]
    codes, errors, output = job.run(job.case(name, stage, *words, weigh=True))
    assert (codes, errors) == ([0, 0], [[None]] * 2), output
    n, width = 1_508_480, memory.WIDTH[dtype]
    for rank in (0, 1):
        held = [int(line) for line in (job.folder / name / f"held-{rank}.jsonl").open()]
        assert max(held) == pytest.approx(sum(memory.states(n, 2, stage, width)), rel=0.01)
    folder = job.folder / name / "checkpoints" / "step-000002"
    written = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    assert written == pytest.approx(memory.checkpoint(n), rel=0.01)


@pytest.mark.parametrize(("stage", "again"), [(1, False), (2, True), (3, False)])
def test_a_rank_at_its_peak_holds_what_is_planned(job, stage, again):
    """States 180 MB, activations 170 or 40, logits 50; a small run takes the start's costs."""
    name = f"peak-{stage}-{again}"
    shape = {"vocab_size": 8192, "hidden_size": 256, "ffn_size": 1024, "n_layers": 6}
    shape |= {"n_heads": 4, "n_kv_heads": 2, "head_dim": 64, "loss_chunk": 512}
    words = [f"model.{key}={value}" for key, value in shape.items()]
    words += ["train.micro_batch_rows=32", "train.tokens_per_step=4096", "train.steps=2"]
    words += [f"model.checkpoint_blocks={again}", "log.wandb=disabled", "train.precision=fp32"]
    first = job.case(f"{name}-first", stage, "train.steps=1", "log.wandb=disabled")
    case = job.case(name, stage, *words, peak=True)
    codes, errors, output = job.run(first, case)
    assert (codes, errors) == ([0, 0], [[None, None]] * 2), output
    run = load_run("smoke", case["words"])
    planned = memory.of_run(run, 10_095_872, 32 * 32, 2, "cpu").total
    for rank in (0, 1):
        grown = int((job.folder / name / f"peak-{rank}").read_text())
        assert grown == pytest.approx(planned, rel=0.15)
