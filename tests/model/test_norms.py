"""MixLN and DeepNorm against their definitions in float64, written without the model's modules."""

import dataclasses
import math

import pytest
import torch

from kormo_ds.config import ModelConfig
from kormo_ds.errors import BadConfig
from kormo_ds.model import Sampling, Transformer, generate, init_weights, initial_value

torch.set_num_threads(1)
CONFIG = ModelConfig(
    vocab_size=128,
    hidden_size=32,
    ffn_size=48,
    n_layers=9,
    n_heads=4,
    n_kv_heads=2,
    head_dim=8,
    init_std=0.3,
    max_positions=64,
)
POST = {"pre": 0, "mix": 2, "deepnorm": 9}
ALPHA = {"pre": 1.0, "mix": 1.0, "deepnorm": 18**0.25}


def _model(norm):
    model = Transformer(dataclasses.replace(CONFIG, norm=norm))
    init_weights(model, seed=3)
    for name, value in model.named_parameters():
        if "norm" in name:  # ones would hide a norm that is not applied or applied twice
            value.data.uniform_(0.5, 1.5, generator=torch.Generator().manual_seed(len(name)))
    return model


def _reference(norm, weights, tokens):
    """Logits of one document."""
    n = len(tokens)

    def normed(x, name):
        return x / (x.square().mean(-1, keepdim=True) + CONFIG.norm_eps).sqrt() * weights[name]

    def attention(x, at):
        q, k, v = (
            (x @ weights[f"{at}.self_attn.{p}_proj.weight"].T).reshape(n, -1, 8) for p in "qkv"
        )
        turns = torch.arange(n)[:, None] * CONFIG.rope_theta ** (-torch.arange(4) * 2 / 8).double()
        cos, sin = turns.cos()[:, None], turns.sin()[:, None]
        q, k = (
            torch.cat([a * cos - b * sin, b * cos + a * sin], -1)
            for a, b in (q.chunk(2, -1), k.chunk(2, -1))
        )
        mixed = torch.zeros_like(q)
        for head in range(4):
            scores = q[:, head] @ k[:, head // 2].T / math.sqrt(8)
            scores[torch.ones(n, n).triu(1).bool()] = float("-inf")
            mixed[:, head] = scores.softmax(-1) @ v[:, head // 2]
        return mixed.reshape(n, -1) @ weights[f"{at}.self_attn.o_proj.weight"].T

    def mlp(x, at):
        gate, up = (x @ weights[f"{at}.mlp.{p}_proj.weight"].T for p in ("gate", "up"))
        return (gate * gate.sigmoid() * up) @ weights[f"{at}.mlp.down_proj.weight"].T

    x = weights["embed_tokens.weight"][tokens]
    for layer in range(9):
        at = f"layers.{layer}"
        for half, name in ((attention, "attention"), (mlp, "mlp")):
            if layer < POST[norm]:
                x = normed(ALPHA[norm] * x + half(x, at), f"{at}.post_{name}_layernorm.weight")
            else:
                x = x + half(normed(x, f"{at}.pre_{name}_layernorm.weight"), at)
    if norm != "deepnorm":
        x = normed(x, "norm.weight")
    return x @ weights["lm_head.weight"].T


@pytest.mark.parametrize("norm", POST)
@torch.no_grad()
def test_logits_are_those_of_the_definition(norm):
    model = _model(norm)
    weights = {name: value.double() for name, value in model.state_dict().items()}
    tokens = torch.tensor([5, 77, 31, 2, 9, 120, 3])
    got = model.logits(tokens, torch.arange(7), [7])
    wanted = _reference(norm, weights, tokens)
    torch.testing.assert_close(got.double(), wanted, rtol=5e-4, atol=5e-4)


@pytest.mark.parametrize("norm", POST)
@torch.no_grad()
def test_a_cache_gives_what_the_whole_stream_gives(norm):
    model = _model(norm)
    sampling = Sampling(max_tokens=30)
    cached = list(generate(model, [3, 100, 7], n_ids=128, stop=-1, sampling=sampling))
    stream = [3, 100, 7]
    for _ in range(30):
        logits = model.logits(torch.tensor(stream), torch.arange(len(stream)), [len(stream)])
        stream.append(int(logits[-1].argmax()))
    assert cached == stream[3:]


def test_mix_has_post_norms_in_its_first_quarter():
    names = [name for name, _ in _model("mix").named_parameters() if "attention_layernorm" in name]
    assert names == [
        f"layers.{n}.{'post' if n < 2 else 'pre'}_attention_layernorm.weight" for n in range(9)
    ]


def test_mix_of_three_layers_is_refused():
    message = "model.n_layers = 3: it must be 4 or more where model.norm = 'mix'"
    with pytest.raises(BadConfig, match=message):
        dataclasses.replace(CONFIG, norm="mix", n_layers=3)


@pytest.mark.parametrize(
    ("name", "gain"),
    [
        ("layers.3.self_attn.q_proj.weight", 1.0),
        ("layers.3.self_attn.k_proj.weight", 1.0),
        ("layers.3.self_attn.v_proj.weight", 72**-0.25),
        ("layers.3.self_attn.o_proj.weight", 72**-0.25),
        ("layers.3.mlp.gate_proj.weight", 72**-0.25),
        ("layers.3.mlp.up_proj.weight", 72**-0.25),
        ("layers.3.mlp.down_proj.weight", 72**-0.25),
    ],
)
def test_the_start_of_deepnorm(name, gain):
    deep = dataclasses.replace(CONFIG, norm="deepnorm")
    value = initial_value(name, (300, 200), 1, deep)
    torch.testing.assert_close(value.std().item(), gain * math.sqrt(2 / 500), rtol=0.02, atol=0)
    plain = initial_value(name, (300, 200), 1, CONFIG)
    torch.testing.assert_close(value / value.std(), plain / plain.std())


def test_embedding_and_head_of_deepnorm_start_as_ever():
    deep = dataclasses.replace(CONFIG, norm="deepnorm")
    for name in ("embed_tokens.weight", "lm_head.weight"):
        assert torch.equal(
            initial_value(name, (64, 32), 1, deep), initial_value(name, (64, 32), 1, CONFIG)
        )
