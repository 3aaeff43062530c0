"""`kormo chat` with a model that was trained on chats: its prompt, its thoughts, its bad words."""

import io
import json
import sys

import pytest

from kormo_ds.cli import templated
from kormo_ds.cli.chat import chat
from kormo_ds.cli.conversation import Turn
from kormo_ds.cli.stream import visible
from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.eval.checkpoint import read
from kormo_ds.model import Sampling
from kormo_ds.run_record import manifest
from kormo_ds.run_record.state import FILE


@pytest.fixture
def chat_run(run_folder):
    """The run of random weights, whose newest checkpoint says that it read chats."""
    step = manifest.find(run_folder)
    (step / FILE).write_text(json.dumps({"data": [{"sequences": "f", "render": "chat"}]}))
    (step / manifest.MANIFEST).unlink()
    manifest.commit(step, manifest.share(step, 0, 1))
    return run_folder


@pytest.mark.parametrize(
    ("think", "beginning", "end"),
    [
        (None, "<|BOS|><|BOT|>user\nhi<|EOT|>\n", "<|BOT|>assistant\n<think>\n"),
        (True, "<|BOS|><|BOT|>system\nReasoning mode: on.", "<|BOT|>assistant\n<think>\n"),
        (False, "<|BOS|><|BOT|>system\nReasoning mode: off.", "<think>\n</think>\n\n"),
    ],
)
def test_the_prompt_is_the_template_s(vocabulary, think, beginning, end):
    turns = [Turn("hi", "hello"), Turn("who?")]
    ids = templated.prompt(vocabulary, turns, think)
    text = vocabulary.tokenizer.decode(ids, skip_special_tokens=False)
    assert text.startswith(beginning) and text.endswith(end)
    assert "<|BOT|>assistant\nhello<|EOT|>\n<|BOT|>user\nwho?<|EOT|>\n" in text
    room = len(templated.prompt(vocabulary, turns[1:], think))
    assert templated.fitting(vocabulary, turns, think, room) == turns[1:]
    with pytest.raises(BadInput, match=f"{room} tokens are more than the {room - 1} that there"):
        templated.fitting(vocabulary, turns, think, room - 1)


@pytest.mark.parametrize(
    ("pieces", "thoughts", "answer"),
    [
        (["a", "b</th", "ink>\n\nc", "d"], "ab", "\n\ncd"),
        (["</think>", "c"], "", "c"),
        (["a </thin", "g> b</think>c</think>"], "a </thing> b", "c</think>"),
        (["never", " closed </thi"], "never closed </thi", ""),
    ],
)
def test_thoughts_are_told_from_the_answer(pieces, thoughts, answer):
    heard = []
    assert "".join(templated.said(pieces, heard.append)) == answer
    assert "".join(heard) == thoughts


def test_a_conversation(chat_run, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("hello\n"))
    chat([str(chat_run), "max_tokens=12", "temperature=0", "think=on"])
    shown = capsys.readouterr()
    assert "answers by its chat template" in shown.err
    asked = read(chat_run)
    heard = []
    pieces = templated.answer(
        asked.model(),
        asked.vocabulary,
        [Turn("hello")],
        True,
        Sampling(max_tokens=12),
        heard.append,
    )
    said = "".join(pieces)
    assert shown.out.strip() == visible(said).strip()
    assert visible("".join(heard)) in shown.err and heard


def test_words_that_cannot_be(chat_run):
    with pytest.raises(BadConfig, match="think=maybe is neither on nor off"):
        chat([str(chat_run), "think=maybe"])


def test_a_model_that_knows_no_chats(run_folder):
    with pytest.raises(BadInput, match="demo step-000010 was not trained on chats, so think= says"):
        chat([str(run_folder), "think=on"])
