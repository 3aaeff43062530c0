import numpy as np
import pytest
import torch

from kormo_ds.config import ModelConfig
from kormo_ds.model import Batch, Transformer, init_weights, labels_of

NO = -100


@pytest.mark.parametrize(
    ("tokens", "lengths", "unscored", "labels"),
    [
        ([5, 6, 7], [3], [], [6, 7, NO]),
        ([5, 6, 7], [1, 2], [], [NO, 7, NO]),
        ([5, 6, 7], [1, 1, 1], [], [NO, NO, NO]),
        ([5, 6, 7, 8], [4], [(1, 3)], [NO, NO, 8, NO]),
        ([5, 6, 7, 8], [4], [(0, 1)], [6, 7, 8, NO]),
        ([5, 6, 7, 8], [4], [(3, 4), (0, 2)], [NO, 7, NO, NO]),
        ([5, 6, 0, 0], [2, 2], [(2, 4)], [6, NO, NO, NO]),
    ],
)
def test_labels(tokens, lengths, unscored, labels):
    got = labels_of(np.array(tokens, dtype=np.int32), lengths, np.array(unscored))
    assert got.tolist() == labels
    assert got.dtype == np.int64


def test_rows_become_one_stream():
    batch = Batch.of_rows(
        np.array([[1, 2, 3, 4], [5, 6, 7, 8]], dtype=np.int32),
        [np.array([3, 1]), np.array([2, 2])],
        [np.empty((0, 2)), np.array([[1, 2]])],
    )
    assert batch.tokens.tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert batch.labels.tolist() == [2, 3, NO, NO, NO, NO, 8, NO]
    assert batch.positions.tolist() == [0, 1, 2, 3, 0, 1, 2, 3]
    assert batch.lengths == [3, 1, 2, 2]
    assert batch.n_scored == 3


def test_a_batch_moves_as_a_whole():
    batch = Batch.of_rows(np.array([[1, 2]]), [np.array([2])], [np.empty((0, 2))]).to("meta")
    devices = {batch.tokens.device.type, batch.labels.device.type, batch.positions.device.type}
    assert devices == {"meta"}
    assert batch.lengths == [2]


def test_a_micro_batch_without_a_scored_token_adds_nothing():
    """Its loss and gradient are 0, and no number is lost; a step of such alone is refused."""
    torch.manual_seed(0)
    shape = {"hidden_size": 16, "ffn_size": 32, "n_layers": 1, "n_heads": 2, "n_kv_heads": 1}
    model = Transformer(ModelConfig(vocab_size=128, head_dim=8, **shape))
    init_weights(model, 1)
    ids = np.arange(16, dtype=np.int32).reshape(2, 8)
    spans = [np.array([[0, 8]])] * 2
    batch = Batch.of_rows(ids, [np.array([8])] * 2, spans)
    assert batch.n_scored == 0
    loss = model(*batch.inputs).sum()
    loss.backward()
    assert loss.item() == 0
    assert all(p.grad is None or not p.grad.any() for p in model.parameters())
