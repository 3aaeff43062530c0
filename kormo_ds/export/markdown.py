"""Text and tables of Markdown (GitHub's) in which no name can be markup."""

import html
import re
from collections.abc import Iterable, Sequence
from typing import Any

_MARKUP = re.compile(r"([\\`*_\[\]|~#$])")


def text(value: Any) -> str:
    r"""A value as it should be read: one line, with nothing in it that Markdown or HTML would see.

    >>> text("a|b <b>_c_</b>")
    'a\\|b &lt;b&gt;\\_c\\_&lt;/b&gt;'
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
    return _MARKUP.sub(r"\\\1", html.escape(line, quote=False))


def cell(value: Any) -> str:
    """A value of a table: thousands separated, floats to four digits after the point, None as –."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4f}"
    return text(value)


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table; columns of numbers stand to the right. `head` is ours and not escaped."""
    rows = [list(row) for row in rows]
    right = [any(isinstance(row[i], int | float) for row in rows) for i in range(len(head))]
    lines = [head, ["---:" if r else "---" for r in right], *([cell(v) for v in r] for r in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def block(content: str, language: str = "") -> str:
    """A block of code that `content` cannot end: its fence is longer than any in it."""
    longest = max([2, *(len(run) for run in re.findall("`+", content))])
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{content}\n{fence}"
