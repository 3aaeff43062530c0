import dataclasses

import pytest
import torch
import torch.nn.functional as F

from kormo_ds.config import ModelConfig
from kormo_ds.model.mlp import SwiGLU

torch.set_num_threads(1)
T, D, WIDE = 50, 16, 256
CONFIG = ModelConfig(
    vocab_size=128,
    hidden_size=D,
    ffn_size=WIDE,
    n_layers=1,
    n_heads=2,
    n_kv_heads=1,
    head_dim=8,
)


def _mlp(tile):
    mlp = SwiGLU(dataclasses.replace(CONFIG, mlp_tile=tile))
    generator = torch.Generator().manual_seed(0)
    for parameter in mlp.parameters():
        parameter.data.normal_(0.0, 0.3, generator=generator)
    return mlp


def _input():
    return torch.randn(T, D, generator=torch.Generator().manual_seed(1)).requires_grad_()


@pytest.mark.parametrize("tile", [0, 1, 7, 49, 50, 64])
def test_any_tile_gives_the_definition_and_its_gradients(tile):
    mlp, x = _mlp(tile), _input()
    gate, up, down = (p.weight for p in (mlp.gate_proj, mlp.up_proj, mlp.down_proj))
    wanted = (F.silu(x @ gate.T) * (x @ up.T)) @ down.T
    upstream = torch.randn(T, D, generator=torch.Generator().manual_seed(2))
    wanted_grads = torch.autograd.grad(wanted, [x, gate, up, down], upstream)
    got = mlp(x)
    got_grads = torch.autograd.grad(got, [x, gate, up, down], upstream)
    torch.testing.assert_close(got, wanted)
    for ours, theirs in zip(got_grads, wanted_grads, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("tile", "kept"), [(0, T * WIDE), (10, T * D)])
def test_what_autograd_keeps(tile, kept):
    """The largest activation that is kept for the backward pass; weights aside."""
    mlp, sizes = _mlp(tile), []
    weights = {parameter.data_ptr() for parameter in mlp.parameters()}

    def note(x):
        if x.data_ptr() not in weights:
            sizes.append(x.untyped_storage().nbytes() // 4)
        return x

    with torch.autograd.graph.saved_tensors_hooks(note, lambda x: x):
        mlp(_input())
    assert max(sizes) == kept
