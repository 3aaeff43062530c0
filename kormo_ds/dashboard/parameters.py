"""The `$name`s of a text that may be unfinished, and their values from what fields say."""

import re
from collections.abc import Mapping
from typing import Any

import lake

_TOKENS = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$"""
    r"|\$(?P<name>[^\W\d]\w*)",
    re.DOTALL,
)


def names(text: str) -> list[str]:
    """The parameters of a text in their order, those in strings and comments left out.

    >>> names("select $a, '$b', $a -- $c")
    ['a']
    """
    found = (match["name"] for match in _TOKENS.finditer(text))
    return list(dict.fromkeys(name for name in found if name))


def declared(text: str) -> dict[str, lake.Param]:
    """What a header says of the parameters; nothing where there is none, or it cannot be read."""
    if not re.search(r"^--\s*param\b", text, re.MULTILINE):
        return {}
    try:
        return dict(lake.Query.parse(text, "console").params)
    except lake.BadQuery:
        return {}


def values(text: str, given: Mapping[str, str]) -> dict[str, Any]:
    """A value for every parameter: of its type where a header declares it, else as it reads.

    Args:
        text: the question.
        given: what the fields say; a field that is empty or says the default says nothing.

    Raises:
        BadQuery: a value is missing, or its type refuses it.
    """
    known = declared(text)
    said = {
        name: given[name]
        for name in names(text)
        if given.get(name) and not (name in known and given[name] == shown(known[name]))
    }
    if known:
        return lake.Query.parse(text, "console").values(said)
    for name in names(text):
        if name not in said:
            raise lake.BadQuery(f"the query needs a value for ${name}; write one in its field")
    return {name: _literal(value) for name, value in said.items()}


def shown(param: lake.Param) -> str:
    """A parameter's default as its field shows it."""
    return "" if param.default is None else str(param.default)


def _literal(text: str) -> Any:
    """An integer or a number where the text is one, else the text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
