"""Text of the data as text: what cannot be seen is made visible, and nothing is markup.

Control characters, marks that turn the direction of writing, invisible spaces and the like become
their code point in brackets, ⟨U+202E⟩. What writing needs stays: combining marks, variation
selectors, conjoining jamo, and the joiner inside an emoji.
"""

import datetime
import json
import re
from decimal import Decimal
from typing import Any

import pyarrow as pa

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_JOINER = "\u200d"
_EXACT = 2**53
"""Whole numbers from here on are not exact in a browser."""


def visible(text: str) -> str:
    r"""The text with everything in it to be seen; line ends and tabs stay.

    >>> visible("a\u202eb\x1b[31m")
    'a⟨U+202E⟩b⟨U+001B⟩[31m'
    """
    return _HIDDEN.sub(_shown, text)


def _shown(match: re.Match[str]) -> str:
    sign = match[0]
    if sign == "\r" and match.string[match.end() : match.end() + 1] == "\n":
        return ""
    if sign == _JOINER and _joins(match.string, match.start()):
        return sign
    return f"⟨U+{ord(sign):04X}⟩"


def _joins(text: str, place: int) -> bool:
    """Whether the joiner stands between two pictures."""
    before, after = text[max(0, place - 2) : place].rstrip("\ufe0f"), text[place + 1 : place + 2]
    return bool(before and after) and _is_picture(before[-1]) and _is_picture(after)


def _is_picture(sign: str) -> bool:
    return sign >= "\U0001f000" or "\u2190" <= sign <= "\u2bff"


def cut(text: str, most: int) -> str:
    """The text, or its begin and how much more there is.

    >>> cut("a long text", 6)
    'a long… (+5)'
    """
    return text if len(text) <= most else f"{text[:most]}… (+{len(text) - most:,})"


def column(name: str) -> str:
    """A column's name as a title: visible, never empty, none that Vega's tooltip takes for more.

    A tooltip shows a field called `image` as a picture, fetched from wherever its value says.
    """
    shown = visible(name).replace("\n", " ").strip() or "_"
    return f"{shown} " if shown.lower() in ("image", "title") else shown


def columns(names: list[str]) -> list[str]:
    """Titles of columns, each once."""
    found: list[str] = []
    for name in map(column, names):
        place = 2
        title = name
        while title in found:
            title, place = f"{name} ({place})", place + 1
        found.append(title)
    return found


def rows(table: pa.Table, most: int) -> pa.Table:
    """A table that any grid can show: numbers, booleans, and cells of visible text.

    Args:
        table: any answer; nested values become JSON, times ISO 8601, bytes hexadecimal.
        most: characters of a cell.
    """
    names = columns(table.column_names)
    arrays = [_column(table.column(i), most) for i in range(table.num_columns)]
    return pa.Table.from_arrays(arrays, names=names)


def _column(values: pa.ChunkedArray, most: int) -> pa.Array | pa.ChunkedArray:
    kind = values.type
    if pa.types.is_boolean(kind) or pa.types.is_floating(kind):
        return values
    if pa.types.is_integer(kind):
        cells = values.to_pylist()
        if all(value is None or abs(value) < _EXACT for value in cells):
            return pa.array(cells, pa.int64())
    return pa.array([_cell(value, most) for value in values.to_pylist()], pa.string())


def _cell(value: Any, most: int) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return visible(cut(value, most))
    if isinstance(value, bytes):
        return cut(value.hex(), most)
    if isinstance(value, int | float | Decimal):
        return str(value)
    return visible(cut(json.dumps(value, ensure_ascii=False, default=_simple), most).strip('"'))


def _simple(value: Any) -> str:
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)
