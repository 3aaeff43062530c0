"""A conversation as segments: texts and tokens, each with whose it is and whether it is scored.

    <|BOS|>
    <|BOT|>system⏎ … <|EOT|>⏎                                    if there is one, or tools
    <|BOT|>user⏎ … <|EOT|>⏎
    <|BOT|>assistant⏎ … <|EOT|>⏎                                 before the last question
    <|BOT|>assistant⏎<think>⏎ thoughts ⏎</think>⏎⏎ … <|EOT|>⏎    after it
    <|BOT|>user⏎<tool_response>⏎ … ⏎</tool_response><|EOT|>⏎     what tools returned

The structure is Qwen3's, the tokens around a turn are KORMo's. `template.jinja` writes the same
text. Nothing is found again in a text that was written: what is scored is known where it is made.

The empty block is `<think>⏎</think>`, not Qwen3's `<think>⏎⏎</think>`: where two new lines are one
token, the token behind `<think>` would say already whether thoughts follow. `kormo` does not score
that token, so nothing would teach a model the choice. Here both forms begin with `<think>⏎`, and
the choice is the first scored token: `</think>`, or the first thought.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from kormo_ds.chat import rules, tools
from kormo_ds.chat.plain import plain
from kormo_ds.documents.document import Turn
from kormo_ds.text.tokens import BOS, BOT, EOT, THINK, THINK_END

TEMPLATE = Path(__file__).with_name("template.jinja")
SAID = {
    (True, "en"): "Reasoning mode: on. Before you answer, think step by step, then write the "
    "answer.",
    (False, "en"): "Reasoning mode: off. Answer at once, without writing thoughts first.",
    (True, "ko"): "추론 모드: 켜짐. 답하기 전에 차근차근 생각한 뒤 답을 적는다.",
    (False, "ko"): "추론 모드: 꺼짐. 생각하는 과정을 쓰지 않고 바로 답한다.",
}
"""What the system prompt says where thinking is turned on or off: the first toggles of
`kormo sft variants`, so that a model that was trained on variants has read them."""


class Segment(NamedTuple):
    """A run of tokens that one rule holds for."""

    text: str
    """A text, or the spelling of one token."""
    is_token: bool
    role: str
    """system, user, assistant or tool; '' for what stands before the first turn."""
    scored: bool
    skip: int = 0
    """Of the first `skip` tokens of the turn, which begins with `<|BOT|>`, none is scored."""


def render(
    turns: Sequence[Turn],
    able: Sequence[Any] = (),
    rule: str = "kormo",
    *,
    prompt: bool = False,
    thinking: bool | None = None,
) -> list[Segment]:
    """The segments of a conversation.

    Args:
        turns: roles, contents and reasoning (`kormo_ds.documents.conversation`).
        able: definitions of tools that may be called.
        rule: one of `RULES`.
        prompt: end with the beginning of an answer, for a model to go on.
        thinking: whether a model shall think: the system prompt says so, in Korean if the last
            question has a Korean letter, and a prompt's block stays open or is closed. None says
            nothing, and leaves the block open.

    Raises:
        UnknownName: no such rule.
    """
    writer = _Writer(rules.check(rule))
    writer.add("", "frame", BOS, token=True)
    asked = max((i for i, one in enumerate(turns) if one["role"] == "user"), default=-1)
    first = turns[0] if turns and turns[0]["role"] == "system" else None
    system = plain(first["content"], "system") if first else ""
    if thinking is not None:
        toggle = SAID[thinking, _language(turns[asked]["content"] if asked >= 0 else "")]
        system = system if toggle in system else _joined(system, toggle)
    if able:
        system = _joined(system, tools.described(list(able)))
    if first or system:
        writer.turn("system", system)
    for i, one in enumerate(turns):
        role, content = one["role"], plain(one["content"] or "", one["role"])
        if one is first:
            continue
        if role == "tool":
            writer.response(
                content,
                begins=turns[i - 1]["role"] != "tool",
                ends=i + 1 == len(turns) or turns[i + 1]["role"] != "tool",
            )
        elif role == "assistant" and i > asked:
            writer.turn(role, content, plain(one["reasoning"] or "", role))
        else:
            writer.turn(role, content)
    if prompt:
        writer.begin("assistant")
        writer.open()
        if thinking is False:
            writer.close()
    return writer.segments


class _Writer:
    """Segments in the order in which they are written."""

    def __init__(self, rule: str):
        self.segments: list[Segment] = []
        self._rule, self._skip = rule, 0

    def add(self, role: str, part: str, text: str, *, token: bool = False) -> None:
        """One segment; none of an empty text."""
        if text:
            scored = rules.scores(self._rule, role, part)
            self.segments.append(Segment(text, token, role, scored, self._skip if scored else 0))

    def begin(self, role: str, name: str = "") -> None:
        """The beginning of a turn, under the name that it is written with."""
        self.add(role, "frame", BOT, token=True)
        self.add(role, "frame", f"{name or role}\n")

    def turn(self, role: str, content: str, thoughts: str | None = None) -> None:
        """A turn; `thoughts` of None is no block, '' an empty one."""
        self._skip = rules.skips(self._rule, thoughts is not None)
        self.begin(role)
        if thoughts is not None:
            self.open()
            self.add(role, "inner", thoughts and f"{thoughts}\n")
            self.close()
        self.add(role, "said", content)
        self.end(role)

    def open(self) -> None:
        """The beginning of a block of thoughts."""
        self.add("assistant", "open", THINK, token=True)
        self.add("assistant", "open", "\n")

    def close(self) -> None:
        """Its end."""
        self.add("assistant", "inner", THINK_END, token=True)
        self.add("assistant", "inner", "\n\n")

    def response(self, content: str, begins: bool, ends: bool) -> None:
        """What a tool returned; what several returned in a row is one turn."""
        if begins:
            self.begin("tool", "user")
        else:
            self.add("tool", "said", "\n")
        self.add("tool", "said", "<tool_response>", token=True)
        self.add("tool", "said", f"\n{content}\n")
        self.add("tool", "said", "</tool_response>", token=True)
        if ends:
            self.end("tool")

    def end(self, role: str) -> None:
        """The end of a turn."""
        self.add(role, "end", EOT, token=True)
        self.add(role, "frame", "\n")


def _joined(text: str, more: str) -> str:
    return f"{text}\n\n{more}" if text else more


def _language(text: str) -> str:
    return "ko" if any("가" <= letter <= "힣" for letter in text) else "en"
