"""Prompts that a lake's documents were made with: each file is kept as `prompts/ID@VERSION.md`.

So a document leads to the words that were asked for ever, whatever became of the file. A prompt is
a header in YAML between two lines `---`, and a body; `kormo_ds.generate.prompt` says what is in it.
"""

import re
from typing import TYPE_CHECKING, Any

from kormo_ds.errors import BadConfig, BadInput

if TYPE_CHECKING:
    from lake import Lake

FOLDER = "prompts"
_FILE = re.compile(r"---[ \t]*\n(?P<header>.*?\n)---[ \t]*\n(?P<body>.*)\Z", re.DOTALL)
_PLACEHOLDER = re.compile(r"\$(?:(\$)|\w+|\{\w+\})")


def parts(text: str) -> tuple[dict[str, Any], str]:
    """Header and body of a prompt's file.

    Raises:
        BadInput: no header, or one that is not YAML of names and values.
    """
    import yaml

    found = _FILE.match(text.replace("\r\n", "\n"))
    if found is None:
        raise BadInput("no header: it begins with a line ---, names and values, and a line ---")
    try:
        header = yaml.safe_load(found["header"])
    except yaml.YAMLError as error:
        raise BadInput(f"its header is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(header, dict):
        raise BadInput("its header holds no names and values, such as 'id: textbook_ko'")
    return header, found["body"].strip()


def keep(lk: "Lake", name: str, text: str) -> None:
    """Keep a prompt in the lake, under 'ID@VERSION'; the same again changes nothing.

    Raises:
        BadConfig: the lake has another text under that name.
    """
    there = read(lk, name)
    if there is None:
        lk.write_bytes(text.encode(), FOLDER, f"{name}.md")
    elif there != text:
        raise BadConfig(
            f"prompt {name} is not the one that this lake's documents were made with "
            f"({lk.path(FOLDER, name)}.md); raise its version"
        )


def read(lk: "Lake", name: str) -> str | None:
    """The file of a prompt 'ID@VERSION' that was kept; None where there is none."""
    try:
        return lk.read_bytes(FOLDER, f"{name}.md").decode()
    except FileNotFoundError:
        return None


def instructions(text: str) -> str:
    r"""What a prompt's file says itself, its system message too, without what is put into it.

    >>> instructions("---\nsystem: Be brief.\n---\nSum up in $$ for $audience:\n$seed")
    'Be brief.\nSum up in $ for  :\n '
    """
    header, body = parts(text)
    system = str(header.get("system") or "").strip()
    return _PLACEHOLDER.sub(lambda found: found[1] or " ", f"{system}\n{body}".strip())
