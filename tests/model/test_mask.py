"""The three masks against masks written token by token, and by changing what must not be seen."""

import dataclasses

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from kormo_ds.config import ModelConfig
from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.model import Batch, Transformer, init_weights
from kormo_ds.model.attention import BACKENDS, choose
from kormo_ds.model.mask import visible

torch.set_num_threads(1)
CPU = torch.device("cpu")
MASKS = ["document", "causal", "xlda"]
ON_CPU = ["sdpa", "dense"]
CONFIG = ModelConfig(
    vocab_size=128,
    hidden_size=32,
    ffn_size=64,
    n_layers=2,
    n_heads=4,
    n_kv_heads=2,
    head_dim=8,
)
ROWS = [  # (tokens, language) of each piece; the last piece of the second row is padding
    [(5, "ko"), (3, "en"), (4, "ko"), (2, ""), (2, "en")],
    [(7, "en"), (4, "ko"), (5, "")],
    [(16, "ko")],
]
PADDING = [[], [(11, 16)], []]


def _batch(ids=None, positions="row"):
    ids = np.arange(48).reshape(3, 16) if ids is None else ids
    return Batch.of_rows(
        ids,
        [np.array([n for n, _ in row]) for row in ROWS],
        [np.array(spans).reshape(-1, 2) for spans in PADDING],
        languages=[[language for _, language in row] for row in ROWS],
        positions=positions,
    )


def _sees(mask):
    """Who sees whom, [48, 48], one pair at a time from the definition."""
    places = []
    for row, pieces in enumerate(ROWS):
        for number, (n, language) in enumerate(pieces):
            padding = (row, number) == (1, 2)
            places += [((row, "padding") if padding else (row, ""), (row, number), language)] * n
    seen = torch.zeros(48, 48, dtype=torch.bool)
    for query, (row, piece, language) in enumerate(places):
        for key, (other_row, other_piece, other_language) in enumerate(places[: query + 1]):
            if mask == "causal":
                seen[query, key] = row == other_row
            elif piece == other_piece:
                seen[query, key] = True
            elif mask == "xlda" and row == other_row and language and other_language:
                seen[query, key] = language != other_language
    return seen


def test_the_rule_of_xlda_in_one_row():
    [rule] = visible("xlda", [2, 1, 2], [3], ["ko", "en", "ko"]).rules
    assert rule.int().tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [0, 0, 1, 1, 0],
        [0, 0, 1, 1, 1],
    ]


def test_blocks_of_the_masks():
    batch = _batch()
    assert batch.rows == [5, 2, 1, 1]
    pieces = (batch.lengths, batch.rows, batch.languages)
    assert visible("document", *pieces).blocks == [5, 3, 4, 2, 2, 7, 4, 5, 16]
    assert visible("causal", *pieces).blocks == [16, 11, 5, 16]
    seen = visible("xlda", *pieces)
    assert seen.blocks == [16, 11, 5, 16]
    assert [rule is None for rule in seen.rules] == [False, False, True, True]
    assert visible("xlda", [3, 4], [], []).blocks == [3, 4]


@pytest.mark.parametrize("backend", ON_CPU)
@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("n_kv_heads", [1, 4])
def test_backends_give_the_softmax_under_each_mask_and_its_gradients(backend, mask, n_kv_heads):
    torch.manual_seed(0)
    inputs = [
        torch.randn(48, heads, 16, dtype=torch.float64, requires_grad=True)
        for heads in (4, n_kv_heads, n_kv_heads)
    ]
    upstream = torch.randn(48, 4, 16, dtype=torch.float64)
    queries, keys, values = (x.transpose(0, 1) for x in inputs)
    keys, values = (x.repeat_interleave(4 // n_kv_heads, 0) for x in (keys, values))
    wanted = F.scaled_dot_product_attention(queries, keys, values, attn_mask=_sees(mask))
    wanted = wanted.transpose(0, 1)
    wanted_grads = torch.autograd.grad(wanted, inputs, upstream)

    batch = _batch()
    seen = visible(mask, batch.lengths, batch.rows, batch.languages)
    got = BACKENDS[backend].prepare(seen.blocks, CPU, seen.rules)(*inputs)
    got_grads = torch.autograd.grad(got, inputs, upstream)
    exact = {"rtol": 1e-6, "atol": 1e-6}
    torch.testing.assert_close(got, wanted, **exact)
    for ours, theirs in zip(got_grads, wanted_grads, strict=True):
        torch.testing.assert_close(ours, theirs, **exact)


@pytest.mark.parametrize("backend", ON_CPU)
@pytest.mark.parametrize("mask", MASKS)
@torch.no_grad()
def test_a_changed_token_changes_those_that_see_it_and_not_a_bit_of_others(backend, mask):
    """One layer, so that a token is seen directly or not at all."""
    config = dataclasses.replace(CONFIG, n_layers=1, mask=mask, attention=backend, init_std=0.3)
    model = Transformer(config)
    init_weights(model, seed=1)
    model.double()
    ids = np.arange(48).reshape(3, 16)
    before = _logits(model, _batch(ids))
    sees = _sees(mask)
    for token in range(48):
        other = ids.copy()
        other.reshape(-1)[token] += 64
        changed = (_logits(model, _batch(other)) != before).any(-1)
        assert torch.equal(changed, sees[:, token]), token


def _logits(model, batch):
    return model.logits(batch.tokens, batch.positions, batch.lengths, batch.rows, batch.languages)


@pytest.mark.parametrize("mask", MASKS)
@torch.no_grad()
def test_documents_alone_have_the_same_logits_under_every_mask(mask):
    model = Transformer(dataclasses.replace(CONFIG, mask=mask))
    init_weights(model, seed=1)
    document = Transformer(CONFIG)
    init_weights(document, seed=1)
    stream = (torch.arange(9), torch.arange(9), [4, 5])
    assert torch.equal(model.logits(*stream), document.logits(*stream))


def test_positions_start_in_each_row_or_in_each_document():
    assert _batch().positions.tolist() == [*range(16)] * 3
    wanted = [place for row in ROWS for n, _ in row for place in range(n)]
    assert _batch(positions="document").positions.tolist() == wanted


@pytest.mark.parametrize(("mask", "same"), [("document", True), ("causal", False)])
@torch.no_grad()
def test_positions_matter_only_where_documents_see_each_other(mask, same):
    model = Transformer(dataclasses.replace(CONFIG, mask=mask, init_std=0.3))
    init_weights(model, seed=1)
    row, document = (_logits(model, _batch(positions=p)) for p in ("row", "document"))
    assert torch.allclose(row, document, rtol=1e-3, atol=1e-4) is same


def test_xformers_refuses_xlda_with_its_reason():
    cuda = torch.device("cuda")
    refusal = BACKENDS["xformers"].refusal(cuda, torch.bfloat16, 128, "xlda")
    assert refusal == "its kernels mask whole blocks, and model.mask=xlda chooses inside them"
    with pytest.raises(BadConfig, match="model.attention=xformers cannot run here, .*mask=xlda"):
        choose("xformers", cuda, torch.bfloat16, 128, "xlda")
    assert choose("auto", cuda, torch.bfloat16, 128, "xlda").backend.name == "sdpa"


def test_rows_and_languages_must_be_those_of_the_pieces():
    with pytest.raises(BadInput, match="rows of a batch have 3 pieces, its lengths 2"):
        visible("causal", [4, 4], [3], [])
    with pytest.raises(BadInput, match="language of each of 2 pieces, and 0 are given"):
        visible("xlda", [4, 4], [2], [])
