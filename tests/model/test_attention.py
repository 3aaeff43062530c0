import logging

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from xformers.ops.fmha.attn_bias import BlockDiagonalCausalMask

from kormo_ds.config import ModelConfig
from kormo_ds.errors import BadConfig, UnknownName
from kormo_ds.model import Batch, Transformer, init_weights
from kormo_ds.model.attention import BACKENDS, choose
from kormo_ds.model.attention.dense import document_mask
from kormo_ds.model.attention.sdpa import bucket, plan

torch.set_num_threads(1)
CPU = torch.device("cpu")
ON_CPU = [n for n, b in BACKENDS.items() if b.refusal(CPU, torch.float32, 16) is None]
LENGTHS = [[7], [1, 1, 1], [3, 16, 3, 1], [17, 40, 17, 33, 20, 2], [64, 64]]


def test_mask_is_causal_inside_each_document():
    assert document_mask([2, 1, 3]).int().tolist() == [
        [1, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0],
        [0, 0, 1, 0, 0, 0],
        [0, 0, 0, 1, 0, 0],
        [0, 0, 0, 1, 1, 0],
        [0, 0, 0, 1, 1, 1],
    ]


@pytest.mark.parametrize("lengths", LENGTHS)
def test_mask_is_that_of_xformers(lengths):
    mask = BlockDiagonalCausalMask.from_seqlens(lengths)
    theirs = mask.materialize((sum(lengths), sum(lengths)))
    assert torch.equal(theirs == 0, document_mask(lengths))


def test_cpu_runs_sdpa_and_dense():
    assert ON_CPU == ["sdpa", "dense"]


@pytest.mark.parametrize(
    ("length", "padded"),
    [(1, 16), (16, 16), (17, 20), (32, 32), (33, 40), (100, 112), (4096, 4096), (4097, 5120)],
)
def test_bucket(length, padded):
    assert bucket(length) == padded


def test_plan_pads_each_document_with_its_own_last_token():
    planned = plan([3, 18, 2])
    assert planned.shapes == [(2, 3), (1, 18)]
    assert planned.take.tolist() == [0, 1, 2, 21, 22, 22, *range(3, 21)]
    assert planned.back.tolist() == [0, 1, 2, *range(6, 24), 3, 4]


def _heads(n_tokens, n_heads, dtype=torch.float64):
    return torch.randn(n_tokens, n_heads, 16, dtype=dtype)


@pytest.mark.parametrize("backend", ON_CPU)
@pytest.mark.parametrize("lengths", LENGTHS)
@pytest.mark.parametrize("n_kv_heads", [1, 2, 4])
def test_backends_give_the_masked_softmax_and_its_gradients(backend, lengths, n_kv_heads):
    torch.manual_seed(0)
    n_tokens = sum(lengths)
    inputs = [_heads(n_tokens, h).requires_grad_() for h in (4, n_kv_heads, n_kv_heads)]
    upstream = _heads(n_tokens, 4)

    queries, keys, values = (x.transpose(0, 1) for x in inputs)
    keys, values = (x.repeat_interleave(4 // n_kv_heads, 0) for x in (keys, values))
    mask = document_mask(lengths)
    wanted = F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask).transpose(0, 1)
    wanted_grads = torch.autograd.grad(wanted, inputs, upstream)

    got = BACKENDS[backend].prepare(lengths, CPU)(*inputs)
    got_grads = torch.autograd.grad(got, inputs, upstream)

    exact = {"rtol": 1e-6, "atol": 1e-6}
    torch.testing.assert_close(got, wanted, **exact)
    for ours, theirs in zip(got_grads, wanted_grads, strict=True):
        torch.testing.assert_close(ours, theirs, **exact)


@pytest.mark.parametrize("backend", ON_CPU)
@pytest.mark.parametrize("lengths", [[9, 14, 1, 8], [16, 16], [5, 40, 5], [1, 31]])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_no_document_sees_another(backend, lengths, dtype):
    """Changing all tokens of one document changes not a bit of the others' logits."""
    config = ModelConfig(
        vocab_size=128,
        hidden_size=64,
        ffn_size=128,
        n_layers=2,
        n_heads=4,
        n_kv_heads=2,
        head_dim=16,
        attention=backend,
    )
    model = Transformer(config)
    init_weights(model, seed=1)
    model.to(dtype)
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 64, (1, sum(lengths)))
    ends = np.cumsum(lengths)
    before = _logits(model, rows, lengths)
    for start, end in zip(ends - lengths, ends, strict=True):
        other = rows.copy()
        other[:, start:end] += 64
        after = _logits(model, other, lengths)
        same = (after == before).all(-1)
        assert not same[start:end].any()
        assert same[:start].all() and same[end:].all()


@torch.no_grad()
def _logits(model, rows, lengths):
    batch = Batch.of_rows(rows, [np.array(lengths)], [np.empty((0, 2))])
    return model.logits(batch.tokens, batch.positions, batch.lengths)


def test_choice_is_logged_with_every_refusal(caplog):
    choose.cache_clear()
    with caplog.at_level(logging.INFO):
        choice = choose("auto", CPU, torch.float32, 16)
    assert choice.backend.name == "sdpa"
    assert caplog.messages == [
        "attention: sdpa (first that runs on cpu; xformers refused: it has kernels for cuda only, "
        "this is cpu)"
    ]


def test_a_name_is_honoured_or_refused():
    assert choose("dense", CPU, torch.float32, 16).backend.name == "dense"
    with pytest.raises(BadConfig, match="model.attention=xformers cannot run here, .*cuda only"):
        choose("xformers", CPU, torch.float32, 16)
    with pytest.raises(UnknownName, match="did you mean 'xformers'"):
        choose("xformer", CPU, torch.float32, 16)


def test_torchs_kernels_take_grouped_heads_forward_and_backward():
    """Shapes on the meta device: the call is one that the kernel accepts, with its gradient."""
    heads = [
        torch.empty(10, n, 16, device="meta", dtype=torch.bfloat16, requires_grad=True)
        for n in (4, 2, 2)
    ]
    mixed = BACKENDS["torch_varlen"].prepare([3, 7], torch.device("meta"))(*heads)
    grads = torch.autograd.grad(mixed.sum(), heads)
    assert [x.shape for x in (mixed, *grads)] == [
        (10, 4, 16),
        (10, 4, 16),
        (10, 2, 16),
        (10, 2, 16),
    ]


@pytest.mark.parametrize(
    ("device", "dtype", "head_dim", "reason"),
    [
        (CPU, torch.bfloat16, 16, "it has kernels for cuda only, this is cpu"),
        (torch.device("cuda"), torch.float32, 16, "its kernels are of bfloat16 and float16"),
        (torch.device("cuda"), torch.bfloat16, 20, "its kernels want head_dim to be a multiple"),
        (torch.device("cuda"), torch.bfloat16, 264, "a multiple of 8 up to 256, this is 264"),
    ],
)
def test_torchs_kernels_say_where_they_do_not_run(device, dtype, head_dim, reason):
    assert reason in BACKENDS["torch_varlen"].refusal(device, dtype, head_dim)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("backend", ["xformers", "torch_varlen", "sdpa"])
def test_cuda_backends_give_the_masked_softmax(backend):
    cuda = torch.device("cuda")
    if refusal := BACKENDS[backend].refusal(cuda, torch.bfloat16, 16):
        pytest.skip(f"{backend}: {refusal}")
    lengths = [17, 40, 1, 33]
    heads = [_heads(sum(lengths), h, torch.bfloat16).cuda().requires_grad_() for h in (4, 2, 2)]
    got = BACKENDS[backend].prepare(lengths, cuda)(*heads)
    wanted = BACKENDS["dense"].prepare(lengths, cuda)(*heads)
    torch.testing.assert_close(got, wanted, rtol=0.02, atol=0.02)
    upstream = torch.ones_like(got)
    for ours, theirs in zip(
        torch.autograd.grad(got, heads, upstream),
        torch.autograd.grad(wanted, heads, upstream),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, rtol=0.05, atol=0.05)
