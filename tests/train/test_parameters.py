"""Which parameters are decayed, by name, and how many there are in the paper's models."""

import pytest
import torch

from kormo_ds.compose import load_run
from kormo_ds.config import ModelConfig
from kormo_ds.model import Transformer
from kormo_ds.train.engine import groups
from kormo_ds.train.parameters import Counts, count, is_decayed

TINY = ModelConfig(
    vocab_size=128, hidden_size=8, ffn_size=16, n_layers=1, n_heads=2, n_kv_heads=1, head_dim=4
)


def test_the_two_groups_by_name():
    model = Transformer(TINY)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    decayed, plain = groups(model, 0.033)
    assert (decayed["weight_decay"], plain["weight_decay"]) == (0.033, 0.0)
    assert [names[id(parameter)] for parameter in decayed["params"]] == [
        "layers.0.self_attn.q_proj.weight",
        "layers.0.self_attn.k_proj.weight",
        "layers.0.self_attn.v_proj.weight",
        "layers.0.self_attn.o_proj.weight",
        "layers.0.mlp.gate_proj.weight",
        "layers.0.mlp.up_proj.weight",
        "layers.0.mlp.down_proj.weight",
        "lm_head.weight",
    ]
    assert [names[id(parameter)] for parameter in plain["params"]] == [
        "embed_tokens.weight",
        "layers.0.pre_attention_layernorm.weight",
        "layers.0.pre_mlp_layernorm.weight",
        "norm.weight",
    ]


def test_a_bias_is_not_decayed():
    layer = torch.nn.Linear(2, 2)
    assert is_decayed(layer, layer.weight.ndim) and not is_decayed(layer, layer.bias.ndim)


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("stage1_10b", Counts(10_756_624_384, 512_753_664, 10_243_538_944)),
        ("stage1_1b", Counts(1_318_127_616, 256_376_832, 1_061_683_200)),
    ],
)
def test_parameters_of_the_papers_models(run, expected):
    assert count(load_run(run).model) == expected
