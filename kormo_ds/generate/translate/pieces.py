"""Long texts as pieces that are translated one by one.

    text = separator + piece + separator + piece + … + separator

A piece ends at a blank line outside of code and formulas; a paragraph that is too long by itself is
cut at the end of a line, then of a sentence, and what has none stays longer. Separators are the
white space around pieces and are kept as they are, so that pieces which come back unchanged make
the text again, to the byte.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from kormo_ds.text.kept.parts import CODE, FORMULA, parts

_BORDERS = (re.compile(r"\n[ \t]*\n\s*"), re.compile(r"\n[ \t]*"), re.compile(r"(?<=[.!?。])\s+"))
"""Between paragraphs, lines, sentences."""


class Piece(NamedTuple):
    """A piece of a text, and what stands before it."""

    separator: str
    text: str
    """Begins and ends with no white space; empty only for what follows the last piece."""


def cut(text: str, chars: int) -> list[Piece]:
    r"""The pieces of a text, each of `chars` characters at most where it can be cut so.

    The last one has no text: its separator is the white space at the end.

    >>> [piece.text for piece in cut("# One\n\nTwo three.\n", 12)]
    ['# One', 'Two three.', '']
    """
    spans = [(part.start, part.end) for part in parts(text) if part.kind in (CODE, FORMULA)]
    found, end = [], 0
    for start, stop in _merged(list(_atoms(text, 0, len(text), 0, chars, spans)), chars):
        found.append(Piece(text[end:start], text[start:stop]))
        end = stop
    return [*found, Piece(text[end:], "")]


def join(pieces: list[Piece]) -> str:
    """The text again."""
    return "".join(part for piece in pieces for part in piece)


def _atoms(
    text: str, start: int, stop: int, level: int, chars: int, spans: list[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """The smallest spans that are needed: paragraphs, and lines or sentences of long ones."""
    start, stop = _trimmed(text, start, stop)
    if start == stop:
        return
    if stop - start <= chars or level == len(_BORDERS):
        yield start, stop
        return
    at = start
    for border in _BORDERS[level].finditer(text, start, stop):
        if not _inside(border.start(), spans):
            yield from _atoms(text, at, border.start(), level + 1, chars, spans)
            at = border.end()
    yield from _atoms(text, at, stop, level + 1, chars, spans)


def _merged(atoms: list[tuple[int, int]], chars: int) -> Iterator[tuple[int, int]]:
    """Neighbours together, as long as they fit."""
    waiting: tuple[int, int] | None = None
    for start, stop in atoms:
        if waiting is not None and stop - waiting[0] > chars:
            yield waiting
            waiting = None
        waiting = (start if waiting is None else waiting[0], stop)
    if waiting is not None:
        yield waiting


def _inside(at: int, spans: list[tuple[int, int]]) -> bool:
    i = bisect_right(spans, (at, at)) - 1
    return i >= 0 and at < spans[i][1]


def _trimmed(text: str, start: int, stop: int) -> tuple[int, int]:
    inside = text[start:stop]
    left = len(inside) - len(inside.lstrip())
    return start + left, max(start + left, start + len(inside.rstrip()))
