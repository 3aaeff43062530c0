"""Only the input of a layer is kept; the rest of it is made again, bit for bit."""

import dataclasses

import numpy as np
import pytest
import torch

from kormo_ds.config import ModelConfig
from kormo_ds.model import Batch, Sampling, Transformer, generate, init_weights

torch.set_num_threads(1)
CONFIG = ModelConfig(
    vocab_size=128,
    hidden_size=32,
    ffn_size=64,
    n_layers=3,
    n_heads=4,
    n_kv_heads=2,
    head_dim=8,
)


def _trained(checkpoint_blocks):
    """Loss, gradients and the number of elements that autograd keeps of one forward pass."""
    model = Transformer(dataclasses.replace(CONFIG, checkpoint_blocks=checkpoint_blocks))
    init_weights(model, seed=3)
    rows = np.arange(64).reshape(2, 32)
    batch = Batch.of_rows(rows, [np.array([20, 12]), np.array([32])], [np.empty((0, 2))] * 2)
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda x: (kept.append(x.numel()), x)[1], id):
        loss = model(batch.tokens, batch.labels, batch.positions, batch.lengths)
    loss = model(batch.tokens, batch.labels, batch.positions, batch.lengths)
    loss.backward()
    return loss.item(), [p.grad for p in model.parameters()], sum(kept)


@pytest.fixture(scope="module")
def both():
    return _trained(False), _trained(True)


def test_same_loss_and_gradients(both):
    (loss, grads, _), (other_loss, other_grads, _) = both
    assert loss == other_loss
    assert all(torch.equal(a, b) for a, b in zip(grads, other_grads, strict=True))


def test_a_prompt_is_continued_as_without():
    config = dataclasses.replace(CONFIG, max_positions=32, init_std=0.3)
    continued = []
    for on in (False, True):
        model = Transformer(dataclasses.replace(config, checkpoint_blocks=on, mlp_tile=2 * on))
        init_weights(model, seed=3)
        sampling = Sampling(max_tokens=9)
        continued.append(list(generate(model, [3, 9, 4], n_ids=128, stop=-1, sampling=sampling)))
    assert continued[0] == continued[1]


def test_less_is_kept(both):
    (_, _, kept), (_, _, kept_with_checkpoints) = both
    assert kept_with_checkpoints < kept / 3
