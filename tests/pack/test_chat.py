"""Conversations in rows: what is scored, what is dropped, and that none sees another."""

import numpy as np
import pyarrow as pa
import pytest
import torch

import lake
from kormo_ds import sequences
from kormo_ds.chat import Encoder, render
from kormo_ds.config import ModelConfig
from kormo_ds.documents import conversation
from kormo_ds.errors import BadConfig, BadInput, UnknownName
from kormo_ds.model import Batch, Transformer, init_weights
from kormo_ds.model.loss import UNSCORED
from kormo_ds.pack import Settings, pack
from kormo_ds.pack.run import _check_scored
from kormo_ds.steps.n_chat_tokens import NChatTokens
from kormo_ds.text import tokens

CHATS = {
    "a": [("user", "Is 6 even?", None), ("assistant", "yes", "6 = 3 + 3")],
    "b": [("user", "7?", None), ("assistant", "no", None)],
    "c": [("user", "x" * 200, None), ("assistant", "long", None)],
    "d": [("user", "산은?", None), ("assistant", "높다", None), *[("user", "!", None)] * 2]
    + [("assistant", "네", "응")],
}
ALL = [(name, "sft", 1.0) for name in CHATS]


def turns(name):
    return [conversation.turn(*one) for one in CHATS[name]]


@pytest.fixture
def chats(make_lake, record, copy_step):
    """A lake of `CHATS` and one text; m@2 is the conversations."""
    lk = make_lake({"t": "plain <think> text"}, [("t", "web", 1.0)])
    rows = [
        {"doc_id": name, "text": conversation.text(turns(name)), "messages": turns(name)}
        for name in CHATS
    ]
    lk.append("documents", pa.Table.from_pylist(rows, schema=lk.schema("documents")))
    lk.fill("documents", [copy_step()])
    record(lk, ALL, version=2)
    return lk


def settings(**others):
    return Settings(**{"tokenizer": "bytes", "length": 128, "render": "chat"} | others)


def rows_of(lk, name):
    found = sequences.open(lk.path("sequences", name))
    return found, found.take(np.arange(found.n_rows))


def scored(lk, name):
    """Of each document the text of its scored tokens, as training labels them."""
    found, rows = rows_of(lk, name)
    tokenizer = tokens.named(lk, "bytes").tokenizer
    out = {}
    for number in range(found.n_rows):
        spans = np.stack(rows.unscored[number], axis=1)
        labels = Batch.of_rows(
            rows.input_ids[[number]], [rows.lengths[number]], [spans]
        ).labels.numpy()
        for piece in found.pieces(number):
            here = labels[piece.start : piece.end]
            kept = here[here != UNSCORED].tolist()
            out[piece.doc_id] = tokenizer.decode(kept, skip_special_tokens=False)
    return out


def test_scored_is_what_the_rule_says(chats):
    facts = pack(chats, "m", settings()).facts
    assert scored(chats, "m") == {
        "a": "6 = 3 + 3\n</think>\n\nyes<|EOT|>",
        "b": "</think>\n\nno<|EOT|>",
        "d": "높다<|EOT|>응\n</think>\n\n네<|EOT|>",
        "": "",
    }
    assert (facts["render"], facts["rule"], facts["strategy"]) == ("chat", "kormo", "best_fit")
    assert (facts["n_documents"], facts["n_dropped"]) == (4, 1)
    assert facts["n_tokens_dropped"] == 231
    assert facts["n_tokens_in"] == facts["n_tokens_packed"]
    said = "".join(scored(chats, "m").values())
    special = {"</think>": 3, "<|EOT|>": 4}
    n = len(said.encode()) - sum((len(token) - 1) * k for token, k in special.items())
    assert facts["n_tokens_scored"] == n
    pack(chats, "m", settings(rule="assistant", name="all"))
    assert scored(chats, "all")["b"] == "<think>\n</think>\n\nno<|EOT|>"
    assert scored(chats, "all")["d"] == "높다<|EOT|><think>\n응\n</think>\n\n네<|EOT|>"


def test_a_row_holds_whole_conversations_and_their_tokens(chats):
    pack(chats, "m", settings())
    found, _ = rows_of(chats, "m")
    encoder = Encoder(tokens.named(chats, "bytes"))
    pieces = [piece for number in range(found.n_rows) for piece in found.pieces(number)]
    assert sorted(piece.doc_id for piece in pieces if piece.doc_id) == ["a", "b", "d"]
    for piece in pieces:
        if piece.doc_id:
            assert piece.input_ids.tolist() == encoder([render(turns(piece.doc_id))]).ids.tolist()
            assert piece.offset == 0


def test_no_conversation_sees_another(chats, record):
    """Tokens of one are changed: no logit of the other moves, in one row of both."""
    pack(chats, "m", settings(length=256))
    found, rows = rows_of(chats, "m")
    row = next(n for n in range(found.n_rows) if {"a", "b"} <= {p.doc_id for p in found.pieces(n)})
    pieces = {piece.doc_id: slice(piece.start, piece.end) for piece in found.pieces(row)}
    shape = {"hidden_size": 16, "ffn_size": 32, "n_layers": 2, "n_heads": 2, "n_kv_heads": 1}
    model = Transformer(ModelConfig(vocab_size=384, head_dim=8, init_std=0.3, **shape))
    init_weights(model, 1)

    def hidden(ids):
        spans = np.stack(rows.unscored[row], axis=1)
        batch = Batch.of_rows(ids[None], [rows.lengths[row]], [spans])
        heard = []
        hook = model.lm_head.register_forward_pre_hook(lambda _, given: heard.append(given[0]))
        with torch.no_grad():
            losses = model(*batch.inputs)
        hook.remove()
        return heard[0] if heard else losses

    ids = rows.input_ids[row]
    changed = ids.copy()
    changed[pieces["a"]] = (changed[pieces["a"]] + 1) % 250
    before, after = hidden(ids), hidden(changed)
    assert not torch.equal(before[pieces["a"]], after[pieces["a"]])
    for other in pieces.keys() - {"a", ""}:
        assert torch.equal(before[pieces[other]], after[pieces[other]])


def test_reasoning_is_text_with_thoughts(chats, record):
    record(chats, [*ALL, ("t", "web", 1.0)], version=3)
    facts = pack(chats, "m@3", settings(render="reasoning", length=64, name="r")).facts
    found, rows = rows_of(chats, "r")
    tokenizer = tokens.named(chats, "bytes").tokenizer
    text = tokenizer.decode(rows.input_ids.reshape(-1).tolist(), skip_special_tokens=False)
    assert text.startswith(
        "<|BOS|>Is 6 even?\n\n<think>\n6 = 3 + 3\n</think>\n\nyes<|EOS|><|BOS|>7?\n\nno<|EOS|>"
    )
    assert facts["strategy"] == "concat" and "rule" not in facts
    think = tokens.named(chats, "bytes").token("<think>")
    for ids, (starts, ends) in zip(rows.input_ids, rows.unscored, strict=True):
        assert np.flatnonzero(ids == think).tolist() == starts.tolist() == (ends - 1).tolist()
    assert facts["n_tokens_packed"] - facts["n_tokens_scored"] == sum(
        len(starts) for starts, _ in rows.unscored
    )


def test_counts_are_those_that_are_packed(chats, record):
    path = chats.path("tokenizers", "bytes")
    chats.fill("documents", [NChatTokens(tokenizer=path)])
    record(chats, ALL, version=3)
    counted = chats.sql("select doc_id, n_chat_tokens_bytes from documents order by 1").fetchall()
    encoder = Encoder(tokens.named(chats, "bytes"))
    sizes = [(name, len(encoder([render(turns(name))]).ids)) for name in sorted(CHATS)]
    assert counted == [*sizes, ("t", 0)]
    assert pack(chats, "m@3", settings()).facts["n_dropped"] == 1
    chats.drop("documents", ["n_chat_tokens_bytes"])
    chats.fill("documents", [Wrong()])
    record(chats, ALL, version=4)
    with pytest.raises(BadInput, match="column n_chat_tokens_bytes says 1 tokens for document 'a'"):
        pack(chats, "m@4", settings(name="w"))


class Wrong:
    """A step that says 1 of every conversation."""

    name, version, fingerprint, ordered = "n_chat_tokens", 1, "wrong", False
    reads = ("doc_id",)
    writes = (lake.Column("n_chat_tokens_bytes", pa.int64(), "tokens"),)

    def __call__(self, batch):
        return pa.RecordBatch.from_arrays(
            [pa.array([1] * batch.num_rows, pa.int64())], ["n_chat_tokens_bytes"]
        )


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ({"render": "chats"}, UnknownName, "unknown render 'chats'; did you mean 'chat'"),
        ({"rule": "korm"}, UnknownName, "unknown rule 'korm'; did you mean 'kormo'"),
        ({"strategy": "concat"}, BadConfig, "strategy=concat cuts conversations; render=chat"),
        ({"render": "text", "rule": "kormo"}, BadConfig, "rule=kormo is for render=chat alone"),
        ({"length": 20}, BadInput, "all 4 conversations have more than 20 tokens and would be"),
    ],
)
def test_settings_that_cannot_be(chats, words, error, message):
    with pytest.raises(error, match=message):
        pack(chats, "m", settings(**words))


def test_a_text_is_no_chat(chats, record):
    record(chats, [*ALL, ("t", "web", 1.0)], version=3)
    with pytest.raises(BadInput, match="document 't' is no conversation, which render=chat is for"):
        pack(chats, "m", settings())


def test_a_name_keeps_its_form(chats):
    pack(chats, "m", settings())
    with pytest.raises(BadConfig, match=r"\(rule kormo there, assistant asked\); choose another"):
        pack(chats, "m", settings(rule="assistant"))
    with pytest.raises(BadConfig, match="render chat there, text asked"):
        pack(chats, "m", settings(render="text", strategy="best_fit"))


@pytest.mark.parametrize(
    ("n_scored", "message"), [(0, "a model would learn nothing"), (9, "what users say")]
)
def test_rows_of_which_none_or_all_is_scored_are_refused(n_scored, message):
    totals = {"n_documents": 2, "n_dropped": 0, "n_tokens_packed": 9, "n_tokens_scored": n_scored}
    with pytest.raises(BadInput, match=message):
        _check_scored(totals, 64)
    _check_scored(totals | {"n_tokens_scored": 4}, 64)
