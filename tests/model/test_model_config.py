import dataclasses
from typing import get_args, get_type_hints

import pytest

from kormo_ds.config import ModelConfig
from kormo_ds.errors import BadConfig
from kormo_ds.model.attention import BACKENDS

GOOD = ModelConfig(
    vocab_size=128,
    hidden_size=32,
    ffn_size=48,
    n_layers=2,
    n_heads=4,
    n_kv_heads=2,
    head_dim=8,
)


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("n_layers", 0, "1 or more"),
        ("loss_chunk", -1, "1 or more"),
        ("head_dim", 7, "even"),
        ("n_heads", 3, "a multiple of n_kv_heads 2"),
    ],
)
def test_a_shape_that_cannot_be_is_refused(key, value, wanted):
    with pytest.raises(BadConfig, match=rf"model\.{key} = {value}: it must be {wanted}"):
        dataclasses.replace(GOOD, **{key: value})


def test_the_config_knows_the_backends():
    assert set(get_args(get_type_hints(ModelConfig)["attention"])) == {"auto", *BACKENDS}
