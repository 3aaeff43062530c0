"""Operations of a step: the table of KORMo-10B, and every product of a small model by hand."""

from dataclasses import replace

import pytest

from kormo_ds.compose import load_run
from kormo_ds.config import ModelConfig
from kormo_ds.train import flops

TEN = load_run("stage1_10b").model
SMALL = ModelConfig(
    vocab_size=128,
    hidden_size=32,
    ffn_size=64,
    n_layers=2,
    n_heads=4,
    n_kv_heads=2,
    head_dim=16,
)


def test_parameters_of_matrix_products_are_counted():
    assert flops.matrix_parameters(TEN) == 10_243_538_944
    one_layer = 32 * 64 + 2 * 32 * 32 + 64 * 32 + 3 * 32 * 64
    assert flops.matrix_parameters(SMALL) == 2 * one_layer + 128 * 32


@pytest.mark.parametrize(
    ("length", "palm", "causal"),
    [(4096, 69.5, 65.5), (8192, 77.6, 69.5), (32768, 125.9, 93.7)],
)
def test_gigaflops_a_token_of_10b(length, palm, causal):
    assert round(flops.palm(TEN, 1, length) / 1e9, 1) == palm
    one_document = flops.documents(TEN, length, length**2) / length
    assert round(one_document / 1e9, 1) == causal


@pytest.mark.parametrize(("share", "tokens_a_second"), [(0.35, 4982), (0.40, 5693), (0.45, 6405)])
def test_tokens_a_second_of_10b_at_a_share_of_989_teraflops(share, tokens_a_second):
    assert round(share * 989.4e12 / flops.palm(TEN, 1, 4096)) == pytest.approx(
        tokens_a_second, abs=3
    )


def test_documents_of_a_row_cost_what_their_own_pairs_cost():
    row, cut = flops.documents(SMALL, 64, 64**2), flops.documents(SMALL, 64, 40**2 + 24**2)
    pairs = 6 * 2 * 4 * 16
    assert row - cut == pairs * 2 * 40 * 24
    assert flops.palm(SMALL, 64, 64) - row == pairs * 64**2
    assert flops.documents(SMALL, 0, 0) == 0


@pytest.mark.parametrize("lengths", [[24], [7, 16, 1]])
@pytest.mark.parametrize("config", [SMALL, replace(SMALL, mtp_depth=2)])
def test_torch_counts_the_same_products(config, lengths):
    """torch's own counter: full pairs of each document, so twice our causal half."""
    import numpy as np
    from torch.utils.flop_counter import FlopCounterMode

    from kormo_ds.model import Batch, Transformer, init_weights

    model = Transformer(config)
    init_weights(model, seed=1)
    batch = Batch.of_rows(
        np.arange(sum(lengths))[None],
        [np.array(lengths)],
        [np.empty((0, 2), int)],
        mtp_depth=config.mtp_depth,
    )
    with FlopCounterMode(display=False) as counted:
        model(*batch.inputs).sum().backward()
    products = 6 * flops.matrix_parameters(config) * sum(lengths)
    aten = {str(kind): n for kind, n in counted.get_flop_counts()["Global"].items()}
    assert aten["aten.mm"] == products
