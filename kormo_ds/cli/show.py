"""How results look in a terminal: aligned columns, wide Korean characters counted as two."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

WIDEST = 60
"""Columns of a cell at most; longer ones are cut and end in '…'."""


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], widest: int = WIDEST) -> str:
    """Rows as text: a header, a rule, numbers to the right, all else to the left.

    >>> print(table(["lang", "n"], [["ko", 1234], ["en", 5]]))
    lang      n
    ----  -----
    ko    1,234
    en        5
    """
    rows = [list(row) for row in rows]
    cells = [[_cut(cell(value), widest) for value in row] for row in rows]
    numeric = [
        any(row[i] is not None for row in rows)
        and all(row[i] is None or _is_number(row[i]) for row in rows)
        for i in range(len(columns))
    ]
    widths = [
        max([width(name), *(width(row[i]) for row in cells)]) for i, name in enumerate(columns)
    ]
    lines = [list(columns), ["-" * w for w in widths], *cells]
    return "\n".join(
        "  ".join(
            _pad(text, w, right) for text, w, right in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in lines
    )


def cell(value: Any) -> str:
    """One value as text: thousands separated, floats to four digits, NULL as '·'."""
    if value is None:
        return "·"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return " ".join(str(value).split())


def width(text: str) -> int:
    """Columns that `text` takes in a terminal."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cut(text: str, widest: int) -> str:
    if width(text) <= widest:
        return text
    kept = ""
    for char in text:
        if width(kept + char) > widest - 1:
            break
        kept += char
    return kept + "…"


def _pad(text: str, to: int, right: bool) -> str:
    space = " " * (to - width(text))
    return space + text if right else text + space
