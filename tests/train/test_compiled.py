"""Compiled layers against plain ones, by the compiler that runs here."""

import dataclasses

import numpy as np
import pytest
import torch

from kormo_ds.config import ModelConfig
from kormo_ds.model import Batch, Transformer, init_weights
from kormo_ds.train.compiled import compile_layers

torch.set_num_threads(1)
CONFIG = ModelConfig(
    vocab_size=128,
    hidden_size=32,
    ffn_size=64,
    n_layers=4,
    n_heads=2,
    n_kv_heads=1,
    head_dim=16,
)


@pytest.mark.parametrize("more", [{}, {"norm": "mix", "checkpoint_blocks": True}])
def test_loss_and_gradients_are_the_same_within_rounding(more):
    config = dataclasses.replace(CONFIG, **more)
    plain, compiled = Transformer(config), Transformer(config)
    for model in (plain, compiled):
        init_weights(model, seed=3)
    compile_layers(compiled)
    assert list(compiled.state_dict()) == list(plain.state_dict())
    rows = np.arange(64).reshape(2, 32)
    batch = Batch.of_rows(rows, [np.array([20, 12]), np.array([32])], [np.empty((0, 2))] * 2)
    losses = [model(*batch.inputs) for model in (plain, compiled)]
    torch.testing.assert_close(losses[1], losses[0], rtol=1e-6, atol=0)
    grads = [
        torch.autograd.grad(x, list(m.parameters()))
        for x, m in zip(losses, (plain, compiled), strict=True)
    ]
    for ours, theirs in zip(grads[1], grads[0], strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("norm", "graphs"), [("pre", 1), ("deepnorm", 1), ("mix", 2)])
def test_layers_of_a_kind_share_one_graph_in_every_batch(norm, graphs):
    """Twelve layers: more than the compiler would compile one function for before it gives up."""
    torch._dynamo.reset()
    model = Transformer(dataclasses.replace(CONFIG, n_layers=12, norm=norm))
    init_weights(model, seed=3)
    made = []
    compile_layers(model, lambda graph, _: (made.append(graph), graph.forward)[1])
    rows = np.arange(32).reshape(1, 32)
    for lengths in ([20, 12], [32], [8, 8, 16]):
        batch = Batch.of_rows(rows, [np.array(lengths)], [np.empty((0, 2))])
        model(*batch.inputs)
    assert len(made) == graphs


def test_a_run_of_two_ranks_has_the_losses_of_a_plain_one(job):
    words = ("train.steps=2", "checkpoint.every=2")
    cases = [
        job.case(name, 1, *words, f"train.compile={on}")
        for name, on in (("not-compiled", "false"), ("compiled", "true"))
    ]
    codes, errors, output = job.run(*cases)
    assert (codes, errors) == ([0, 0], [[None, None]] * 2), output
    for got, wanted in zip(job.losses("compiled"), job.losses("not-compiled"), strict=True):
        assert got == (
            wanted[0],
            pytest.approx(wanted[1], rel=1e-6),
            pytest.approx(wanted[2], rel=1e-5),
        )
