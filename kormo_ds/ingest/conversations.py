"""Rows of instruction files as conversations: the forms that people write them in.

    openai     {"messages": [{"role": "user", "content": …}, …], "tools": […]}
    sharegpt   {"conversations": [{"from": "human", "value": …}, …], "system": …, "tools": …}
    alpaca     {"instruction": …, "input": …, "output": …, "system": …, "history": [[…, …], …]}

A form is told, not guessed (`conversations=openai`). What a turn says beside role, content,
reasoning and calls of tools (name, weight, …) is not kept. Tools that a conversation may call go
into the column meta, as `tools`. Cost: a few look-ups a turn.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kormo_ds.documents import conversation
from kormo_ds.documents.document import Turn, Unusable
from kormo_ds.ingest.rows import value_of


@dataclass(frozen=True)
class Form:
    """How a row holds its turns, by names of columns and of the values of a turn."""

    turns: str
    role: str
    content: str
    reads: tuple[str, ...] = ("system", "tools", "functions")
    """Further columns."""


FORMS = {
    "openai": Form("messages", "role", "content"),
    "sharegpt": Form("conversations", "from", "value"),
    "alpaca": Form("", "", "", ("instruction", "input", "output", "system", "history")),
}
ROLES = {
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("user", "human"), "user"),
    **dict.fromkeys(("assistant", "gpt", "chatgpt", "model", "function_call"), "assistant"),
    **dict.fromkeys(("tool", "function", "observation"), "tool"),
}
"""What files call a role, and what it is; a `function_call` is nothing but a call."""
REASONING = ("reasoning", "reasoning_content", "thinking")
"""Names of a turn's reasoning, the first that is there counts."""
_RESPONSE = re.compile(r"<tool_response>\s*(.*?)\s*</tool_response>\s*", re.DOTALL)


class Conversations:
    """The conversations of one source."""

    def __init__(self, form: str, column: str = ""):
        """`form` is a key of FORMS; `column` holds the turns where its name is another."""
        self._form = FORMS[form]
        self._column = column or self._form.turns

    @property
    def reads(self) -> frozenset[str]:
        """The columns of a row that are looked at."""
        return frozenset(name for name in (self._column, *self._form.reads) if name)

    def turns(self, values: Mapping[str, Any]) -> list[Turn]:
        """The checked turns of a row.

        Raises:
            Unusable: the row is no conversation.
        """
        found = list(self._listed(values) if self._column else _alpaca(values))
        conversation.check(found)
        return found

    def tools(self, values: Mapping[str, Any]) -> Any:
        """Definitions of the tools that may be called, as they are in the row; None for none."""
        tools = values.get("tools")
        if tools is None and (functions := values.get("functions")):
            tools = [{"type": "function", "function": one} for one in functions]
        if isinstance(tools, str):
            try:
                tools = json.loads(tools)
            except ValueError:
                return tools or None
        return tools or None

    def _listed(self, values: Mapping[str, Any]) -> Iterator[Turn]:
        said = value_of(values, self._column)
        if said is None:
            shown = f"column '{self._column}' is missing; there are {list(values)}"
            raise Unusable("no_turns", shown)
        if not isinstance(said, list):
            raise Unusable("no_turns", f"{self._column} is {type(said).__name__}: {said!r}")
        yield from _system(values)
        for number, one in enumerate(said, 1):
            try:
                yield from self._turn(one)
            except Unusable as error:
                raise Unusable(error.reason, f"turn {number}: {error.detail}") from error

    def _turn(self, said: Any) -> Iterator[Turn]:
        """A turn of the file as turns: none of an empty system's, several of a tool's with more."""
        form = self._form
        if not isinstance(said, Mapping) or form.role not in said:
            there = list(said) if isinstance(said, Mapping) else repr(said)
            raise Unusable("bad_turn", f"it has no '{form.role}'; there is {there}")
        name = said[form.role]
        role = ROLES.get(name) if isinstance(name, str) else None
        if role is None:
            raise Unusable("unknown_role", f"{name!r}, not one of {', '.join(ROLES)}")
        content = _text(said.get(form.content))
        if role == "tool" and _RESPONSE.sub("", content).strip() == "":
            for part in _RESPONSE.findall(content) or [content]:
                yield conversation.turn(role, part)
            return
        if name == "function_call":
            content, calls = "", _called(_json(content))
        else:
            calls = _called(said.get("tool_calls") or said.get("function_call"))
        reasoning = next((said[key] for key in REASONING if said.get(key)), None)
        if not isinstance(reasoning, str | None):
            raise Unusable("bad_turn", f"reasoning is {type(reasoning).__name__}: {reasoning!r}")
        if role == "system" and not content.strip():
            return
        made = conversation.turn(role, content, reasoning)
        if calls and role != "assistant":
            raise Unusable("bad_turn", f"{role} calls a tool: {calls}")
        if calls:
            made["content"] = conversation.with_calls(made["content"], calls)
        yield made


def hint(values: Mapping[str, Any]) -> str:
    """How a row without text could be read that looks like a conversation."""
    for name, form in FORMS.items():
        wanted = {form.turns} if form.turns else {"instruction", "output"}
        if wanted <= values.keys():
            return f"; if rows are conversations, say so: conversations={name}"
    return ""


def _alpaca(values: Mapping[str, Any]) -> Iterator[Turn]:
    """One question and its answer, after those of a history."""
    texts = {name: values.get(name) or "" for name in ("instruction", "input", "output")}
    for name, text in texts.items():
        if not isinstance(text, str):
            raise Unusable("bad_turn", f"{name} is {type(text).__name__}: {text!r}")
    if not values.keys() & {"instruction", "output"}:
        raise Unusable("no_turns", f"no 'instruction' and 'output'; there are {list(values)}")
    yield from _system(values)
    for pair in values.get("history") or ():
        if not (
            isinstance(pair, list) and len(pair) == 2 and all(isinstance(x, str) for x in pair)
        ):
            raise Unusable("bad_turn", f"history holds no pair of texts: {pair!r}")
        yield conversation.turn("user", pair[0])
        yield conversation.turn("assistant", pair[1])
    asked = "\n\n".join(part for part in (texts["instruction"], texts["input"]) if part)
    yield conversation.turn("user", asked)
    yield conversation.turn("assistant", texts["output"])


def _system(values: Mapping[str, Any]) -> Iterator[Turn]:
    """The system prompt that has a column of its own."""
    said = values.get("system")
    if said is not None and not isinstance(said, str):
        raise Unusable("bad_turn", f"system is {type(said).__name__}: {said!r}")
    if said and not said.isspace():
        yield conversation.turn("system", said)


def _text(content: Any) -> str:
    """The content of a turn: a text, nothing, or a list of parts that are texts."""
    if content is None or isinstance(content, str):
        return content or ""
    if not isinstance(content, list):
        raise Unusable("bad_turn", f"content is {type(content).__name__}: {content!r}")
    texts = []
    for part in content:
        if not isinstance(part, Mapping) or not isinstance(part.get("text"), str):
            kind = part.get("type") if isinstance(part, Mapping) else part
            raise Unusable("not_text", f"a part of it is {kind!r}")
        texts.append(part["text"])
    return "\n".join(texts)


def _called(calls: Any) -> list[tuple[str, object]]:
    """Names and arguments of calls: one object or a list of them, as they are or in `function`."""
    if not calls:
        return []
    found = []
    for call in calls if isinstance(calls, list) else [calls]:
        inner = call.get("function") or call if isinstance(call, Mapping) else None
        if not isinstance(inner, Mapping) or not isinstance(inner.get("name"), str):
            raise Unusable("bad_turn", f"a call of a tool has no name: {call!r}")
        arguments = inner.get("arguments")
        if isinstance(arguments, str):
            arguments = _json(arguments or "{}")
        found.append((inner["name"], {} if arguments is None else arguments))
    return found


def _json(said: str) -> Any:
    try:
        return json.loads(said)
    except (ValueError, RecursionError) as error:
        raise Unusable("bad_turn", f"a call of a tool is not JSON, {error}: {said}") from error
