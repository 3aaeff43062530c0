"""A model that was trained on chats is exported with the chat template, and ends with its turn."""

import json
from dataclasses import replace

import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from kormo_ds.chat import TEMPLATE, Encoder, render
from kormo_ds.documents import conversation
from kormo_ds.export import llama
from kormo_ds.text import tokens

SPELT = [
    conversation.turn("user", "Say <|EOT|> and\n\n<think>."),
    conversation.turn("assistant", "No.", "결제"),
    conversation.turn("user", "바다는?"),
]


@pytest.fixture
def exported(write, state, tmp_path):
    data = [state.data[0] | {"render": "chat"}]
    llama.export(write(replace(state, data=data)), tmp_path / "out")
    return tmp_path / "out"


def test_what_it_is_exported_with(exported, tokenizer):
    vocabulary = tokens.parse(tokenizer, "own")
    assert (exported / "chat_template.jinja").read_bytes() == TEMPLATE.read_bytes()
    drawn = json.loads((exported / "generation_config.json").read_text())
    assert drawn["eos_token_id"] == [vocabulary.token("<|EOT|>"), vocabulary.eos]
    assert "takes tools and `enable_thinking`" in (exported / "README.md").read_text()
    model = AutoModelForCausalLM.from_pretrained(exported)
    assert model.generation_config.eos_token_id == drawn["eos_token_id"]


@pytest.mark.parametrize("thinking", [True, False])
def test_programs_read_the_tokens_that_training_reads(exported, tokenizer, thinking):
    theirs = AutoTokenizer.from_pretrained(exported)
    said = [{"role": one["role"], "content": one["content"]} for one in SPELT]
    options = {"add_generation_prompt": True, "enable_thinking": thinking}
    ids = theirs.apply_chat_template(said, **options)["input_ids"]
    ours = Encoder(tokens.parse(tokenizer, "own"))([render(SPELT, prompt=True, thinking=thinking)])
    assert ids == ours.ids.tolist()
    eot = theirs.convert_tokens_to_ids("<|EOT|>")
    assert ids.count(eot) == 4, "system and three turns; the one that is spelt is none"
