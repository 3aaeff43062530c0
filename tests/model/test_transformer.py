import dataclasses
import math

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from kormo_ds import project
from kormo_ds.config import ModelConfig
from kormo_ds.errors import BadInput
from kormo_ds.model import Batch, Transformer, init_weights
from kormo_ds.model.norm import RMSNorm
from kormo_ds.model.rope import angles, rotate

torch.set_num_threads(1)
SMALL = ModelConfig(
    vocab_size=128,
    hidden_size=32,
    ffn_size=48,
    n_layers=2,
    n_heads=4,
    n_kv_heads=2,
    head_dim=8,
)


def _config(name, **more):
    block = OmegaConf.load(project.file("model", name, "ds_configs/model", ".yaml")).model
    return ModelConfig(**{**more, **block})


@pytest.mark.parametrize(
    ("name", "vocabulary", "wanted"),
    [
        ("tiny", {"vocab_size": 8192}, 4_720_320),
        ("100m", {"vocab_size": 16_384}, 100_682_496),
        ("1b", {}, 1_318_127_616),
        ("10b", {}, 10_756_624_384),
    ],
)
def test_number_of_parameters(name, vocabulary, wanted):
    with torch.device("meta"):
        model = Transformer(_config(name, **vocabulary))
    assert sum(parameter.numel() for parameter in model.parameters()) == wanted


def test_parameter_names_and_shapes():
    with torch.device("meta"):
        model = Transformer(dataclasses.replace(SMALL, n_layers=1))
    assert {name: tuple(value.shape) for name, value in model.state_dict().items()} == {
        "embed_tokens.weight": (128, 32),
        "layers.0.pre_attention_layernorm.weight": (32,),
        "layers.0.self_attn.q_proj.weight": (32, 32),
        "layers.0.self_attn.k_proj.weight": (16, 32),
        "layers.0.self_attn.v_proj.weight": (16, 32),
        "layers.0.self_attn.o_proj.weight": (32, 32),
        "layers.0.pre_mlp_layernorm.weight": (32,),
        "layers.0.mlp.gate_proj.weight": (48, 32),
        "layers.0.mlp.up_proj.weight": (48, 32),
        "layers.0.mlp.down_proj.weight": (32, 48),
        "norm.weight": (32,),
        "lm_head.weight": (128, 32),
    }


def test_norm_divides_by_the_root_of_the_mean_square():
    norm = RMSNorm(2, eps=0.0)
    norm.weight.data = torch.tensor([1.0, 2.0])
    root = math.sqrt(12.5)
    assert norm(torch.tensor([[3.0, 4.0]])).tolist() == [
        [pytest.approx(3 / root), pytest.approx(8 / root)]
    ]


def test_norm_multiplies_the_weight_in_float32_and_casts_once():
    norm = RMSNorm(2, eps=0.0).bfloat16()
    norm.weight.data = torch.tensor([1.0, 1.0078125], dtype=torch.bfloat16)
    x = torch.tensor([[3.0, 4.0]], dtype=torch.bfloat16)
    wanted = torch.tensor([[3.0, 4.0 * 1.0078125]]) / math.sqrt(12.5)
    assert torch.equal(norm(x), wanted.bfloat16())


def test_rope_turns_channel_i_with_channel_i_plus_half():
    rope = angles(torch.tensor([0, 1]), head_dim=4, theta=10_000.0)
    x = torch.tensor([[[1.0, 2.0, 3.0, 4.0]]]).repeat(2, 1, 1)
    fast, slow = 1.0, 0.01
    assert rotate(x, rope).tolist() == [
        [[1.0, 2.0, 3.0, 4.0]],
        [
            [
                pytest.approx(math.cos(fast) - 3 * math.sin(fast)),
                pytest.approx(2 * math.cos(slow) - 4 * math.sin(slow)),
                pytest.approx(3 * math.cos(fast) + math.sin(fast)),
                pytest.approx(4 * math.cos(slow) + 2 * math.sin(slow)),
            ]
        ],
    ]


def test_rope_angles_stay_float32_and_the_heads_keep_their_dtype():
    rope = angles(torch.tensor([131_071]), head_dim=4, theta=500_000.0)
    assert {part.dtype for part in rope} == {torch.float32}
    assert rotate(torch.ones(1, 1, 4, dtype=torch.bfloat16), rope).dtype == torch.bfloat16


def _reference(weights, config, tokens):
    """The decoder over one document, in float64 numpy, written from its definition."""

    def norm(x, name):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + config.norm_eps) * weights[name]

    def turn(heads):
        half = config.head_dim // 2
        out = np.empty_like(heads)
        for position in range(len(heads)):
            for i in range(half):
                angle = position * config.rope_theta ** (-2 * i / config.head_dim)
                a, b = heads[position, :, i], heads[position, :, i + half]
                out[position, :, i] = a * math.cos(angle) - b * math.sin(angle)
                out[position, :, i + half] = b * math.cos(angle) + a * math.sin(angle)
        return out

    def softmax(scores):
        e = np.exp(scores - scores.max())
        return e / e.sum()

    x = weights["embed_tokens.weight"][tokens]
    for n in range(config.n_layers):
        at = f"layers.{n}."
        h = norm(x, at + "pre_attention_layernorm.weight")
        q, k, v = (
            (h @ weights[f"{at}self_attn.{p}_proj.weight"].T).reshape(len(x), -1, config.head_dim)
            for p in "qkv"
        )
        q, k = turn(q), turn(k)
        mixed = np.zeros_like(q)
        for t in range(len(x)):
            for head in range(config.n_heads):
                group = head // (config.n_heads // config.n_kv_heads)
                seen = softmax(k[: t + 1, group] @ q[t, head] / math.sqrt(config.head_dim))
                mixed[t, head] = seen @ v[: t + 1, group]
        x = x + mixed.reshape(len(x), -1) @ weights[at + "self_attn.o_proj.weight"].T
        h = norm(x, at + "pre_mlp_layernorm.weight")
        gate, up = (h @ weights[f"{at}mlp.{p}_proj.weight"].T for p in ("gate", "up"))
        x = x + (gate / (1 + np.exp(-gate)) * up) @ weights[at + "mlp.down_proj.weight"].T
    return norm(x, "norm.weight") @ weights["lm_head.weight"].T


def test_logits_are_those_of_the_definition():
    config = dataclasses.replace(SMALL, init_std=0.3)
    model = Transformer(config)
    init_weights(model, seed=3)
    weights = {name: value.double().numpy() for name, value in model.state_dict().items()}
    documents = [[5, 77, 31, 2, 9], [120, 3, 3], [64]]
    stream = torch.tensor([token for document in documents for token in document])
    with torch.no_grad():
        got = model.logits(stream, torch.arange(9), [5, 3, 1])
    wanted = np.concatenate([_reference(weights, config, document) for document in documents])
    np.testing.assert_allclose(got.numpy(), wanted, rtol=2e-4, atol=2e-4)


def test_forward_is_the_sum_of_losses():
    model = Transformer(SMALL)
    init_weights(model, seed=3)
    rows = np.arange(16).reshape(2, 8)
    batch = Batch.of_rows(rows, [np.array([5, 3]), np.array([8])], [np.array([[1, 2]])] * 2)
    inputs = (batch.tokens, batch.labels, batch.positions, batch.lengths)
    with torch.no_grad():
        losses = model.losses(*inputs)
        total = model(*inputs)
    assert (losses == 0).tolist() == (batch.labels == -100).tolist()
    assert total.shape == (1,) and total.dtype == torch.float32
    assert torch.equal(total[0], losses.sum())


@pytest.mark.parametrize("lengths", [[3, 2], [3, 0, 5], []])
def test_lengths_must_be_those_of_the_stream(lengths):
    model = Transformer(SMALL)
    with pytest.raises(BadInput, match="sum to the 8 tokens"):
        model.logits(torch.arange(8), torch.arange(8), lengths)
