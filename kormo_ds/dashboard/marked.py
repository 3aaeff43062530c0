"""A document's text with what is left out of it marked, as pieces and as HTML.

Spans are byte offsets in UTF-8 (`lake.spans`), may overlap, and are of several kinds; a piece is
text that the same kinds cover. Pieces that stay, and the masks of those that do not, are the final
text, by the code that packing uses. In HTML every piece is escaped, and a mark is told by brackets
with its name and by its underline as well as by its colour.
"""

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from kormo_ds.dashboard import plain
from lake.spans import gone

KINDS = {"duplicate": "dup_spans", "line": "line_spans", "personal": "pii_spans"}
"""What a mark means, and the column of documents that it comes from."""
HIDDEN = "•••"
"""What is shown in place of personal data."""
STYLE = """<style>
.kormo-text { white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.65;
  unicode-bidi: plaintext }
.kormo-text:focus-visible { outline: 2px solid #0072b2; outline-offset: 2px }
.kormo-text mark { color: inherit; border-radius: 2px; padding: 0 1px; unicode-bidi: isolate }
.kormo-text mark b { font-size: 0.72em; font-weight: 600; user-select: none }
.kormo-legend mark { margin-right: 1em }
.kormo-line { background: #e69f0044; border-bottom: 2px dashed #e69f00 }
.kormo-duplicate { background: #0072b244; border-bottom: 3px double #0072b2 }
.kormo-personal { background: #aa337744; border-bottom: 3px dotted #aa3377 }
</style>"""


@dataclass(frozen=True)
class Span:
    """A part of a text: bytes `start` to `end` of its UTF-8, `end` not included."""

    start: int
    end: int
    kind: str
    """A key of KINDS."""
    name: str = ""
    """What stands in its place, of personal data."""


@dataclass(frozen=True)
class Piece:
    """Text that the same spans cover, in the order of KINDS; none where it stays."""

    text: str
    spans: tuple[Span, ...] = ()
    mask: str = ""
    """What the final text has at its begin, '[EMAIL]'."""


def spans(row: Mapping[str, Any], base: str) -> list[Span]:
    """The spans of a document that are of the text `base`, 'text' or 'text_clean'.

    Args:
        row: the document's columns; those that lack have no spans.
        base: the text that they have to be of: duplicates are of what `bff_text` says, all others
            of the clean text where there is one.
    """
    found: list[Span] = []
    for kind, column in KINDS.items():
        given = (row.get(column) or ()) if _is_of(row, column, base) else ()
        found += [Span(one["start"], one["end"], kind, one.get("kind") or "") for one in given]
    return found


def elsewhere(row: Mapping[str, Any], base: str) -> list[str]:
    """Columns whose spans are of another text than `base`."""
    return [name for name in KINDS.values() if row.get(name) and not _is_of(row, name, base)]


def pieces(text: str, marks: Iterable[Span]) -> list[Piece]:
    """The text cut where spans begin and end; spans beyond the text mark nothing.

    >>> pieces("가나다", [Span(3, 6, "line")])[1].text
    '나'
    """
    data = text.encode()
    order = list(KINDS)
    marks = [mark for mark in marks if 0 <= mark.start < mark.end <= len(data)]
    marks.sort(key=lambda mark: order.index(mark.kind))
    masks = {start: mask for start, _, mask in gone(map(_edit, marks))}
    opening: dict[int, list[Span]] = {}
    for mark in marks:
        opening.setdefault(mark.start, []).append(mark)
    edges = sorted({0, len(data), *opening, *(mark.end for mark in marks)})
    found = []
    over: list[Span] = []
    for start, end in pairwise(edges):
        over = [mark for mark in over if mark.end > start] + opening.get(start, [])
        over.sort(key=lambda mark: order.index(mark.kind))
        said = data[start:end].decode(errors="replace")
        found.append(Piece(said, tuple(over), masks.get(start, "")))
    return found


def final(whole: Iterable[Piece]) -> str:
    """What is trained on of a text in pieces."""
    return "".join(piece.mask if piece.spans else piece.text for piece in whole)


def part(whole: Sequence[Piece], first: int, n: int) -> list[Piece]:
    """Characters `first` to `first + n` of the pieces, marks kept where they are cut."""
    found, at = [], 0
    for piece in whole:
        text = piece.text[max(0, first - at) : max(0, first + n - at)]
        if text:
            found.append(Piece(text, piece.spans, piece.mask if at >= first else ""))
        at += len(piece.text)
    return found


def to_html(
    shown: Iterable[Piece], names: Mapping[str, str], label: str = "", hides: bool = False
) -> str:
    """The pieces as HTML.

    Args:
        shown: of a text, or of a part of it.
        names: what a mark of each kind is called.
        label: what the text is called to those who hear it.
        hides: show HIDDEN in place of personal data.
    """
    body = "".join(_mark(piece, names, hides) for piece in shown)
    said = f'role="region" tabindex="0" aria-label="{_text(label)}"'
    return f'<div class="kormo-text" dir="auto" {said}>{body}</div>'


def legend(kinds: Iterable[str], names: Mapping[str, str]) -> str:
    """What marks of these kinds look like."""
    shown = "".join(
        f'<mark class="kormo-{kind}"><b>[</b>{_text(names[kind])}<b>]</b></mark>' for kind in kinds
    )
    return f'<div class="kormo-text kormo-legend">{shown}</div>'


def _is_of(row: Mapping[str, Any], column: str, base: str) -> bool:
    clean = "text_clean" if row.get("text_clean") is not None else "text"
    of = (row.get("bff_text") or clean) if column == "dup_spans" else clean
    return of == base or row.get("text") == row.get("text_clean")


def _edit(mark: Span) -> dict[str, Any]:
    edit: dict[str, Any] = {"start": mark.start, "end": mark.end}
    return edit | ({"kind": mark.name} if mark.kind == "personal" else {})


def _mark(piece: Piece, names: Mapping[str, str], hides: bool) -> str:
    if not piece.spans:
        return _text(piece.text)
    first = piece.spans[0]
    named = _text(
        " + ".join(
            names[span.kind] + (f" {span.name}" if span.name else "") for span in piece.spans
        )
    )
    is_hidden = hides and any(span.kind == "personal" for span in piece.spans)
    text = HIDDEN if is_hidden else _text(piece.text)
    return (
        f'<mark class="kormo-{first.kind}" title="{named}"><b>[{named}: </b>{text}<b>]</b></mark>'
    )


def _text(text: str) -> str:
    return html.escape(plain.visible(text, lines=True), quote=True)
