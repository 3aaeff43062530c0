"""The chat template of an export: what `kormo chat` gives a base model, for other programs."""

import json

import pytest
from jinja2 import TemplateError
from transformers import AutoModelForCausalLM, AutoTokenizer

from kormo_ds.cli.conversation import Turn, written
from kormo_ds.cli.export import hf
from kormo_ds.errors import BadConfig, BadInput, UnknownName
from kormo_ds.export import llama

CONVERSATIONS = [
    [Turn("바다는?")],
    [Turn("The sea?")],
    [Turn("The sea?", "It is wide.  \n"), Turn("언제?", "아침에."), Turn("And then?")],
    [Turn("海 и море ←힣→")],
    [Turn("海 и море")],
    [Turn("  two\n\nlines {{ x }} <b> ")],
    [Turn("")],
    [Turn("a<|EOS|><|EOT|>b")],
    *([Turn(letter)] for letter in "\u10ff\u1100\u11ff\u1200\u3130\u3131\u318e\u318f"),
    *([Turn(letter)] for letter in "\uabff가힣\ud7a4"),
]


@pytest.fixture
def exported(write, tmp_path):
    llama.export(write(), tmp_path / "out", temperature=0.7)
    return tmp_path / "out"


def messages(turns):
    for turn in turns:
        yield {"role": "user", "content": turn.said}
        if turn.answer:
            yield {"role": "assistant", "content": turn.answer}


@pytest.mark.parametrize("turns", CONVERSATIONS)
def test_it_writes_what_kormo_chat_writes(exported, turns):
    tokenizer = AutoTokenizer.from_pretrained(exported)
    said = list(messages(turns))
    text = tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True)
    assert text == written(turns)
    ids = tokenizer.apply_chat_template(said, add_generation_prompt=True)["input_ids"]
    assert ids == tokenizer(text, add_special_tokens=False)["input_ids"]
    assert all(number < 320 for number in ids), "no control token, whatever was said"


def test_a_system_message_stands_before_all_and_an_answer_ends_it(exported):
    tokenizer = AutoTokenizer.from_pretrained(exported)
    said = [{"role": "system", "content": "Be brief."}, *messages([Turn("바다는?", "넓다.")])]
    text = tokenizer.apply_chat_template(said, tokenize=False)
    assert text == "Be brief.\n\n사용자: 바다는?\n도우미: 넓다.\n"


def test_a_role_that_it_does_not_know_is_refused(exported):
    tokenizer = AutoTokenizer.from_pretrained(exported)
    with pytest.raises(TemplateError, match="a role is system, user or assistant, not 'tool'"):
        tokenizer.apply_chat_template([{"role": "tool", "content": "3"}], tokenize=False)


def test_the_temperature_is_what_programs_draw_at(exported, write, tmp_path):
    settings = AutoModelForCausalLM.from_pretrained(exported).generation_config
    assert (settings.do_sample, settings.temperature) == (True, 0.7)
    step = write(name="greedy")
    hf([str(step), str(tmp_path / "warm"), "dtype=fp32", "temperature=1.5"])
    warm = json.loads((tmp_path / "warm" / "generation_config.json").read_text())
    assert (warm["do_sample"], warm["temperature"]) == (True, 1.5)
    hf([str(step), str(tmp_path / "cold")])
    cold = json.loads((tmp_path / "cold" / "generation_config.json").read_text())
    assert cold["do_sample"] is False and "temperature" not in cold


@pytest.mark.parametrize("word", ["-0.1", "nan", "inf"])
def test_a_temperature_that_is_none(write, tmp_path, word):
    with pytest.raises(BadInput, match=f"temperature={word} wants 0"):
        hf([str(write()), str(tmp_path / "out"), f"temperature={word}"])
    assert not (tmp_path / "out").exists()


def test_settings_that_are_not_understood(write, tmp_path):
    with pytest.raises(BadConfig, match="temperature: "):
        hf([str(write()), str(tmp_path / "out"), "temperature=warm"])
    with pytest.raises(UnknownName, match="unknown setting 'top_p'; known: dtype, temperature"):
        hf([str(write(name="b")), str(tmp_path / "out"), "top_p=0.9"])
    with pytest.raises(UnknownName, match="unknown dtype 'fp16'"):
        hf([str(write(name="c")), str(tmp_path / "out"), "dtype=fp16"])
