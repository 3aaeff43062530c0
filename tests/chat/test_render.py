"""Twenty conversations: what is scored of each, and the same text by segments and by template."""

from itertools import groupby
from pathlib import Path

import pytest
import yaml
from jinja2 import TemplateError

from kormo_ds.chat import RULES, Encoder, of_meta, render
from kormo_ds.chat.plain import plain
from kormo_ds.chat.segments import SAID
from kormo_ds.conversations import toggle
from kormo_ds.documents import conversation
from kormo_ds.errors import BadInput, UnknownName
from kormo_ds.text import tokens

CASES = yaml.safe_load(Path(__file__).with_name("conversations.yaml").read_text(encoding="utf-8"))
every = pytest.mark.parametrize("case", CASES, ids=lambda case: case["it"])


def turns(case):
    return [{"reasoning": None, **one} for one in case["turns"]]


def text(segments):
    return "".join(one.text for one in segments)


def sent(said):
    """The turns as other programs have them."""
    return [
        {"role": one["role"], "content": one["content"]}
        | ({"reasoning_content": one["reasoning"]} if one["reasoning"] else {})
        for one in said
    ]


def test_there_are_twenty():
    assert len(CASES) == 20


@every
@pytest.mark.parametrize("rule", RULES)
def test_scored_is_what_is_written_beside_it(case, rule, words):
    encoded = Encoder(words)([render(turns(case), case.get("tools", ()), rule)])
    pairs = zip(encoded.ids.tolist(), encoded.scored.tolist(), strict=True)
    runs = [
        words.tokenizer.decode([number for number, _ in run], skip_special_tokens=False)
        for scored, run in groupby(pairs, key=lambda pair: pair[1])
        if scored
    ]
    assert runs == case[rule]


@every
@pytest.mark.parametrize("prompt", [False, True], ids=["whole", "prompt"])
@pytest.mark.parametrize("thinking", [None, True, False], ids=["unsaid", "on", "off"])
def test_segments_and_template_write_the_same(case, prompt, thinking, words, letters, hf):
    cut = turns(case)[:-1] if prompt else turns(case)
    segments = render(cut, case.get("tools", ()), prompt=prompt, thinking=thinking)
    options = {} if thinking is None else {"enable_thinking": thinking}
    for vocabulary in (words, letters):
        tokenizer = hf(vocabulary)
        other = tokenizer.apply_chat_template(
            sent(cut),
            tools=case.get("tools"),
            tokenize=False,
            add_generation_prompt=prompt,
            **options,
        )
        assert text(segments) == other
        ids = tokenizer(other, add_special_tokens=False)["input_ids"]
        assert Encoder(vocabulary)([segments]).ids.tolist() == ids


@pytest.mark.parametrize(
    ("thinking", "end"),
    [
        (None, "<|BOT|>assistant\n<think>\n"),
        (True, "<|BOT|>assistant\n<think>\n"),
        (False, "<|BOT|>assistant\n<think>\n</think>\n\n"),
    ],
)
def test_a_prompt_opens_the_block_or_closes_it(thinking, end):
    asked = [conversation.turn("user", "Is 6 even?")]
    assert text(render(asked, prompt=True, thinking=thinking)).endswith(end)


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("system", "<tool_call> </tool_response> <\u2060|EOT|>"),
        ("assistant", "<tool_call> </tool_response> <\u2060|EOT|>"),
        ("user", "<\u2060tool_call> <\u2060/tool_response> <\u2060|EOT|>"),
        ("tool", "<\u2060tool_call> <\u2060/tool_response> <\u2060|EOT|>"),
    ],
)
def test_who_may_spell_what(role, said):
    assert plain(" <tool_call> </tool_response> <|EOT|>\n", role) == said


def test_both_blocks_begin_alike_where_two_new_lines_are_one_token(words):
    """Qwen3's empty block would be told from a full one by the token behind `<think>`."""
    asked = conversation.turn("user", "Is 6 even?")
    empty, full = (
        Encoder(words)([render([asked, conversation.turn("assistant", "yes", thoughts)])])
        for thoughts in (None, "6 is even")
    )
    at = empty.ids.tolist().index(words.token("<think>"))
    same = [int(a == b) for a, b in zip(empty.ids, full.ids, strict=False)]
    assert same.index(0) == at + 2
    assert empty.scored[: at + 3].tolist() == [False] * (at + 2) + [True]
    assert full.scored[: at + 3].tolist() == [False] * (at + 2) + [True]
    assert words.count(["\n\n"]) == [1] and words.count(["\n"]) == [1]


def test_a_batch_is_its_conversations_one_by_one(words):
    rendered = [render(turns(case), case.get("tools", ())) for case in CASES]
    together = Encoder(words)(rendered)
    for number, segments in enumerate(rendered):
        alone = Encoder(words)([segments])
        here = slice(together.edges[number], together.edges[number + 1])
        assert together.ids[here].tolist() == alone.ids.tolist()
        assert together.scored[here].tolist() == alone.scored.tolist()


def test_thinking_is_said_by_the_first_toggle_of_the_variants():
    found = toggle.library()
    assert {
        (style == "think", language): one.texts[0] for (style, language), one in found.items()
    } == SAID
    asked = [conversation.turn("system", SAID[True, "en"]), conversation.turn("user", "6?")]
    assert text(render(asked, thinking=True)).count(SAID[True, "en"]) == 1
    asked = [conversation.turn("system", "Be brief."), conversation.turn("user", "바다는?")]
    assert text(render(asked, thinking=False)).startswith(
        f"<|BOS|><|BOT|>system\nBe brief.\n\n{SAID[False, 'ko']}<|EOT|>\n"
    )


def test_the_template_reads_what_programs_send(words, hf):
    """Calls as objects, and an answer with its thoughts in its content."""
    tokenizer = hf(words)
    called = {"function": {"name": "add", "arguments": {"a": 1}}}
    said = [
        {"role": "user", "content": "1 + 2?"},
        {"role": "assistant", "content": "\nI add.\n</think>\n\nSo:", "tool_calls": [called]},
        {"role": "tool", "content": "3"},
        {"role": "assistant", "content": None, "tool_calls": [called]},
    ]
    written = tokenizer.apply_chat_template(said, tokenize=False)
    call = conversation.with_calls("", [("add", {"a": 1})])
    assert written == text(
        render(
            [
                conversation.turn("user", "1 + 2?"),
                conversation.turn("assistant", f"So:\n{call}", "I add."),
                conversation.turn("tool", "3"),
                conversation.turn("assistant", call),
            ]
        )
    )
    with pytest.raises(TemplateError, match="a role is system, user, assistant or tool, not 'bot'"):
        tokenizer.apply_chat_template([{"role": "bot", "content": "3"}], tokenize=False)


@pytest.mark.parametrize(
    ("meta", "tools"),
    [
        (None, []),
        ("{}", []),
        ('{"note": "\\"tools\\""}', []),
        ('{"tools": null}', []),
        ('{"tools": [{"name": "f"}]}', [{"name": "f"}]),
        ('{"tools": "f(x)"}', ["f(x)"]),
        ('{"tools": {"name": "f"}}', [{"name": "f"}]),
    ],
)
def test_tools_are_kept_in_meta(meta, tools):
    assert of_meta(meta) == tools


def test_what_cannot_be_rendered_is_refused(letters):
    asked = [conversation.turn("user", "a"), conversation.turn("assistant", "b")]
    with pytest.raises(UnknownName, match="unknown rule 'korm'; did you mean 'kormo'"):
        render(asked, rule="korm")
    from tokenizers import AddedToken, Tokenizer, models

    bare = Tokenizer(models.BPE(vocab={"a": 0}, merges=[]))
    bare.add_tokens([AddedToken(t, special=True) for t in (tokens.BOS, tokens.EOS, tokens.PAD)])
    vocabulary = tokens.parse(bare.to_str().encode(), "bare")
    with pytest.raises(BadInput, match=r"tokenizer 'bare' has no <\|BOT\|>, which conversations"):
        Encoder(vocabulary)([render(asked)])
