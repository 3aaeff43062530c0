"""The tools that a conversation may call, as the system prompt names them."""

import json
from typing import Any

from kormo_ds.chat.plain import plain

HEAD = (
    "You may call tools. Between <tools> and </tools> stands one JSON object a tool, "
    "with its name and parameters:\n<tools>\n"
)
TAIL = (
    "\n</tools>\nA call is one JSON object with the name of a tool and its arguments, each call "
    "between tags of its own:\n"
    '<tool_call>\n{"name": NAME, "arguments": {}}\n</tool_call>'
)


def of_meta(meta: str | None) -> list[Any]:
    """The tools that the column `meta` keeps of a conversation; [] for none."""
    if not meta or '"tools"' not in meta:
        return []
    found = json.loads(meta).get("tools") or []
    return found if isinstance(found, list) else [found]


def described(tools: list[Any]) -> str:
    """The block of a system prompt."""
    lines = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in tools]
    return HEAD + "\n".join(plain(line, "user") for line in lines) + TAIL
