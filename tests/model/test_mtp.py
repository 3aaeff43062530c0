"""Multi-token prediction against its definition, document by document; borders by perturbation."""

import dataclasses
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from kormo_ds.config import ModelConfig
from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.model import Batch, Transformer, init_weights
from kormo_ds.model.mtp import ahead

torch.set_num_threads(1)
CONFIG = ModelConfig(
    vocab_size=128,
    hidden_size=32,
    ffn_size=48,
    n_layers=2,
    n_heads=4,
    n_kv_heads=2,
    head_dim=8,
    init_std=0.3,
    mtp_depth=2,
    loss_chunk=16,
)
NO = -100
LENGTHS = [np.array([9, 1, 2, 4]), np.array([13, 3])]
UNSCORED = [np.array([[3, 5]]), np.array([[13, 16]])]


def _batch(ids):
    return Batch.of_rows(ids, LENGTHS, UNSCORED, mtp_depth=2)


def _ids():
    return np.random.default_rng(0).integers(0, 64, (2, 16))


def _model(config=CONFIG):
    model = Transformer(config)
    init_weights(model, seed=3)
    for name, value in model.named_parameters():
        if "norm" in name:
            value.data.uniform_(0.5, 1.5, generator=torch.Generator().manual_seed(len(name)))
    return model


@pytest.mark.parametrize(
    ("lengths", "k", "wanted"),
    [
        ([5], 1, [2, 3, 4, 5, NO]),
        ([5], 3, [4, 5, NO, NO, NO]),
        ([5], 5, [NO] * 5),
        ([5], 9, [NO] * 5),
        ([3, 2], 1, [2, 3, NO, 5, NO]),
        ([1, 1, 3], 2, [NO, NO, 5, NO, NO]),
    ],
)
def test_ahead_stops_at_the_border(lengths, k, wanted):
    assert ahead(torch.tensor([1, 2, 3, 4, 5]), lengths, k).tolist() == wanted


def test_labels_and_counts_of_each_depth():
    batch = _batch(np.arange(32).reshape(2, 16))
    labels = batch.labels
    assert labels[:9].tolist() == [1, 2, NO, NO, 5, 6, 7, 8, NO]
    (tokens_1, labels_1), (tokens_2, labels_2) = batch.ahead[:, :, :9]
    assert tokens_1.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, NO]
    assert labels_1.tolist() == [2, NO, NO, 5, 6, 7, 8, NO, NO]
    assert tokens_2.tolist() == [2, 3, 4, 5, 6, 7, 8, NO, NO]
    assert labels_2.tolist() == [NO, NO, 5, 6, 7, 8, NO, NO, NO]
    assert (batch.n_scored, batch.n_scored_ahead(1), batch.n_scored_ahead(2)) == (22, 18, 15)


def _reference(model, batch):
    """Sums of losses by depth, in float64; every document by itself, nothing shifted or masked."""
    weights = {name: value.double() for name, value in model.named_parameters()}
    table = weights["embed_tokens.weight"]

    def norm(x, name):
        return x / (x.square().mean(-1, keepdim=True) + CONFIG.norm_eps).sqrt() * weights[name]

    def layer(x, at):
        n = len(x)
        h = norm(x, f"{at}.pre_attention_layernorm.weight")
        q, k, v = (
            (h @ weights[f"{at}.self_attn.{p}_proj.weight"].T).reshape(n, -1, 8) for p in "qkv"
        )
        turns = torch.arange(n)[:, None] * CONFIG.rope_theta ** (-torch.arange(4) * 2 / 8).double()
        cos, sin = turns.cos()[:, None], turns.sin()[:, None]
        q, k = (
            torch.cat([a * cos - b * sin, b * cos + a * sin], -1)
            for a, b in (q.chunk(2, -1), k.chunk(2, -1))
        )
        hidden = torch.ones(n, n).triu(1).bool()
        mixed = [
            (q[:, i] @ k[:, i // 2].T / math.sqrt(8)).masked_fill(hidden, -torch.inf).softmax(-1)
            @ v[:, i // 2]
            for i in range(4)
        ]
        x = x + torch.cat(mixed, -1) @ weights[f"{at}.self_attn.o_proj.weight"].T
        h = norm(x, f"{at}.pre_mlp_layernorm.weight")
        gate, up = (h @ weights[f"{at}.mlp.{p}_proj.weight"].T for p in ("gate", "up"))
        return x + (gate * gate.sigmoid() * up) @ weights[f"{at}.mlp.down_proj.weight"].T

    sums = [torch.zeros((), dtype=torch.float64) for _ in range(3)]
    start = 0
    for length in batch.lengths:
        tokens = batch.tokens[start : start + length]
        labels = batch.labels[start : start + length]
        start += length
        x = layer(layer(table[tokens], "layers.0"), "layers.1")
        final = "norm.weight"
        for k in range(3):
            if k:
                if length <= k:
                    break
                at = f"mtp.{k - 1}"
                both = [
                    norm(x[: length - k], f"{at}.hidden_norm.weight"),
                    norm(table[tokens[k:]], f"{at}.embedding_norm.weight"),
                ]
                x = layer(torch.cat(both, -1) @ weights[f"{at}.projection.weight"].T, f"{at}.block")
                final = f"{at}.norm.weight"
            logits = norm(x, final) @ weights["lm_head.weight"].T
            sums[k] = sums[k] + F.cross_entropy(logits, labels[k:], reduction="sum")
    return torch.stack(sums)


def test_sums_and_gradients_are_those_of_the_definition():
    model = _model()
    batch = _batch(_ids())
    weights = torch.tensor([1.0, 0.5, 0.25])
    parameters = list(model.parameters())
    wanted = _reference(model, batch)
    wanted_grads = torch.autograd.grad((wanted * weights).sum(), parameters)
    got = model(*batch.inputs)
    got_grads = torch.autograd.grad((got * weights).sum(), parameters)
    torch.testing.assert_close(got.double(), wanted, rtol=1e-5, atol=1e-4)
    for name, ours, theirs in zip(
        dict(model.named_parameters()), got_grads, wanted_grads, strict=True
    ):
        scale = theirs.abs().max().item()
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4 * scale, msg=name)


@torch.no_grad()
def test_nothing_of_another_document_reaches_a_depth():
    """Changing the second document changes the sums by the change of that document alone."""
    ids = _ids()
    other = ids.copy()
    other[1, :13] += 64
    model = _model()
    rows = [slice(0, 1), slice(1, 2)]
    one, two = (Batch.of_rows(ids[r], LENGTHS[r], UNSCORED[r], mtp_depth=2) for r in rows)
    alone = model(*one.inputs) + model(*two.inputs)
    torch.testing.assert_close(model(*_batch(ids).inputs), alone)
    two = Batch.of_rows(other[1:], LENGTHS[1:], UNSCORED[1:], mtp_depth=2)
    torch.testing.assert_close(
        model(*_batch(other).inputs), model(*one.inputs) + model(*two.inputs)
    )


def test_the_next_tokens_loss_and_logits_do_not_know_of_depths():
    plain = dataclasses.replace(CONFIG, mtp_depth=0)
    with_depths, without = Transformer(CONFIG), Transformer(plain)
    init_weights(with_depths, seed=3)
    init_weights(without, seed=3)
    batch = _batch(_ids())
    assert torch.equal(
        with_depths.losses(*batch.inputs[:1], batch.labels, *batch.inputs[2:6]),
        without.losses(*batch.inputs[:1], batch.labels, *batch.inputs[2:6]),
    )
    assert with_depths(*batch.inputs).shape == (3,)
    assert without(*batch.inputs[:6]).shape == (1,)


def test_a_batch_without_the_depths_tokens_is_refused():
    with pytest.raises(BadInput, match="mtp_depth = 2, and the batch was made for 0; give Batch"):
        _model()(*_batch(_ids()).inputs[:6])


@pytest.mark.parametrize(("key", "value"), [("mtp_depth", -1), ("mtp_weight", -0.1)])
def test_a_depth_or_weight_that_cannot_be(key, value):
    with pytest.raises(BadConfig, match=rf"model\.{key} = {value}: it must be 0 or more"):
        dataclasses.replace(CONFIG, **{key: value})
