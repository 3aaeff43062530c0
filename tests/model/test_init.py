import dataclasses

import torch

from kormo_ds.config import ModelConfig
from kormo_ds.model import Transformer, init_weights, initial_value

torch.set_num_threads(1)
CONFIG = ModelConfig(
    vocab_size=256,
    hidden_size=64,
    ffn_size=96,
    n_layers=2,
    n_heads=4,
    n_kv_heads=2,
    head_dim=16,
)


def _weights(config, seed):
    model = Transformer(config)
    init_weights(model, seed)
    return model.state_dict()


def test_a_value_depends_on_seed_and_name_only():
    value = initial_value("lm_head.weight", (64, 32), 7, CONFIG)
    assert value.dtype == torch.float32
    assert torch.equal(value, initial_value("lm_head.weight", (64, 32), 7, CONFIG))
    assert not torch.equal(value, initial_value("lm_head.weight", (64, 32), 8, CONFIG))
    assert not torch.equal(value, initial_value("embed_tokens.weight", (64, 32), 7, CONFIG))


def test_the_global_generator_is_neither_read_nor_moved():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    value = initial_value("lm_head.weight", (64, 32), 7, CONFIG)
    assert torch.equal(before, torch.get_rng_state())
    torch.manual_seed(2)
    assert torch.equal(value, initial_value("lm_head.weight", (64, 32), 7, CONFIG))


def test_the_default_dtype_and_device_change_nothing():
    value = initial_value("lm_head.weight", (64, 32), 7, CONFIG)
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device("meta"):
            again = initial_value("lm_head.weight", (64, 32), 7, CONFIG)
    finally:
        torch.set_default_dtype(torch.float32)
    assert torch.equal(value, again)


def test_a_deeper_model_begins_with_the_same_layers():
    shallow = _weights(CONFIG, 5)
    deep = _weights(dataclasses.replace(CONFIG, n_layers=4), 5)
    assert all(torch.equal(value, deep[name]) for name, value in shallow.items())
    assert len(deep) == len(shallow) + 2 * 9


def test_matrices_are_normal_and_norms_are_one():
    for name, value in _weights(CONFIG, 5).items():
        if "norm" in name:
            assert torch.equal(value, torch.ones(64)), name
        else:
            n = value.numel()
            assert abs(value.mean()) < 5 * 0.02 / n**0.5, name
            assert abs(value.std() - 0.02) < 5 * 0.02 / (2 * n) ** 0.5, name


def test_all_matrices_differ():
    matrices = [value for value in _weights(CONFIG, 5).values() if value.dim() == 2]
    assert len({value.flatten()[:16].numpy().tobytes() for value in matrices}) == len(matrices)
