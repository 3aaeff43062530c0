"""What a conversation is: who may speak when, where reasoning stands, and its text.

    [system] user … assistant           the last turn is an assistant's
             user, assistant [call], tool, assistant

Rules: nothing but system turns stands before the first user turn; a tool's turn follows an
assistant's or another tool's; the last turn is an assistant's. Further system turns, and several
turns of one role in a row, are taken: real files have them. Content is empty in no turn but a
tool's, which may have returned nothing.

A call of a tool is a part of the content of the assistant's turn, a block as Qwen3's template
writes it, so that a conversation is roles and texts alone:

    <tool_call>
    {"name": "weather", "arguments": {"city": "부산"}}
    </tool_call>
"""

import json
from collections.abc import Sequence

from kormo_ds.documents.document import Turn, Unusable

ROLES = ("system", "user", "assistant", "tool")
KIND = "conversation"
"""What the column `kind` says of a conversation, if nobody says otherwise."""
REASONS = {
    "no_turns": "the row has no list of turns, or no turn in it",
    "bad_turn": "a turn is no object, has no role, or its content, reasoning or calls of tools "
    "cannot be read; or its reasoning is never closed, given twice, or not an assistant's",
    "unknown_role": "a turn's role is none that its form knows",
    "not_text": "a turn holds an image, sound or file",
    "empty_turn": "a turn of a user or assistant is empty, or white space only",
    "bad_order": "an assistant or tool speaks before the user, or a tool that nobody called",
    "unanswered": "the last turn is not an assistant's",
}
"""Why something is no conversation."""
_OPEN, _CLOSE = "<think>", "</think>"


def turn(role: str, content: str, reasoning: str | None = None) -> Turn:
    """A turn; reasoning that stands in an assistant's content is taken out of it.

    Raises:
        Unusable: reasoning that is not an assistant's, is never closed, or is given twice.
    """
    if reasoning is not None:
        reasoning = reasoning.strip() or None
    if role != "assistant":
        if reasoning is not None:
            raise Unusable("bad_turn", f"{role} has reasoning: {reasoning}")
        return Turn(role=role, content=content, reasoning=None)
    found, rest = split_reasoning(content)
    if reasoning is not None and found not in (None, reasoning):
        raise Unusable("bad_turn", f"reasoning is given twice: {reasoning} and {found}")
    return Turn(role=role, content=rest, reasoning=reasoning or found)


def split_reasoning(content: str) -> tuple[str | None, str]:
    r"""The reasoning that `content` begins with, and what follows it.

    Where a template has opened the block before the model wrote, `<think>` itself is missing. An
    empty block is no reasoning.

    >>> split_reasoning("<think>\n5 + 5\n</think>\n\n10")
    ('5 + 5', '10')
    >>> split_reasoning("5 + 5</think>10"), split_reasoning("<think>\n\n</think>\n\n10")
    (('5 + 5', '10'), (None, '10'))

    Raises:
        Unusable: `<think>` is never closed.
    """
    opened = content.lstrip().startswith(_OPEN)
    if not opened and (_OPEN in content or content.count(_CLOSE) != 1):
        return None, content
    inside, closed, rest = content.partition(_CLOSE)
    if not closed:
        raise Unusable("bad_turn", f"{_OPEN} is never closed: {content}")
    return inside.lstrip().removeprefix(_OPEN).strip() or None, rest.lstrip()


def with_calls(content: str, calls: Sequence[tuple[str, object]]) -> str:
    """The content of a turn that says `content` and calls tools, each (name, arguments)."""
    blocks = []
    for name, arguments in calls:
        said = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
        blocks.append(f"<tool_call>\n{said}\n</tool_call>")
    return "\n".join([content, *blocks] if content else blocks)


def check(turns: Sequence[Turn]) -> None:
    """Refuse what is no conversation.

    Raises:
        Unusable: with a key of `REASONS`; the detail names the turn, from 1.
    """
    if not turns:
        raise Unusable("no_turns", "there is no turn")
    before, asked = "", False
    for number, one in enumerate(turns, 1):
        role, content = one["role"], one["content"]
        if role not in ROLES:
            raise Unusable("unknown_role", f"turn {number}: {role}, not one of {', '.join(ROLES)}")
        if role != "tool" and (not content or content.isspace()):
            raise Unusable("empty_turn", f"turn {number}: {role} says nothing")
        if role in ("assistant", "tool") and not asked:
            raise Unusable("bad_order", f"turn {number}: {role} speaks before the user")
        if role == "tool" and before not in ("assistant", "tool"):
            raise Unusable("bad_order", f"turn {number}: a tool answers {before}")
        before, asked = role, asked or role == "user"
    if before != "assistant":
        raise Unusable("unanswered", f"the last of {len(turns)} turns is {before}: {content}")


def text(turns: Sequence[Turn]) -> str:
    r"""The text of a conversation, which filters, deduplication and contamination read.

    What is said, turn by turn, with a blank line between; neither roles nor reasoning. A chain in
    English before an answer in Korean would make the document one of no language.

    >>> text([turn("user", "5 + 5?"), turn("assistant", "<think>Add.</think>10")])
    '5 + 5?\n\n10'
    """
    return "\n\n".join(one["content"] for one in turns if one["content"])


def reasons(turns: Sequence[Turn]) -> bool:
    """Whether the answer to the last user turn has reasoning: that is what a mode turns on.

    An answer may take several turns, where a tool is called.
    """
    for one in reversed(turns):
        if one["role"] == "user":
            return False
        if one["reasoning"]:
            return True
    return False


def without_reasoning(turns: Sequence[Turn]) -> list[Turn]:
    """The turns as somebody would have said them who did not think."""
    return [Turn(role=t["role"], content=t["content"], reasoning=None) for t in turns]
