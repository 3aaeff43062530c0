"""A document's text with what is left out of it marked, as pieces and as HTML.

Spans are byte offsets in UTF-8 (`lake.spans`), may overlap, and are of several kinds; a piece is
text that the same kinds cover. In HTML every piece is escaped, and a mark is told by its name and
its underline as well as by its colour.
"""

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kormo_ds.dashboard import plain

KINDS = {"duplicate": "dup_spans", "line": "line_spans", "personal": "pii_spans"}
"""What a mark means, and the column of documents that it comes from."""
STYLE = """<style>
.kormo-text { white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.65 }
.kormo-text mark { color: inherit; border-radius: 2px; padding: 0 1px }
.kormo-text mark b { font-size: 0.65em; vertical-align: super; opacity: 0.8; padding-right: 2px }
.kormo-duplicate { background: #0072b244; border-bottom: 2px solid #0072b2 }
.kormo-line { background: #e69f0044; border-bottom: 2px dashed #e69f00 }
.kormo-personal { background: #aa337744; border-bottom: 2px dotted #aa3377 }
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


def spans(row: Mapping[str, Any], base: str) -> list[Span]:
    """The spans of a document that are of the text `base`, 'text' or 'text_clean'.

    Args:
        row: the document's columns; those that lack have no spans.
        base: the text that they have to be of: duplicates are of what `bff_text` says, all others
            of the clean text where there is one.
    """
    clean = "text_clean" if row.get("text_clean") is not None else "text"
    of = {"duplicate": row.get("bff_text") or clean}
    found: list[Span] = []
    for kind, column in KINDS.items():
        same = of.get(kind, clean) == base or row.get("text") == row.get("text_clean")
        given = (row.get(column) or ()) if same else ()
        found += [Span(one["start"], one["end"], kind, one.get("kind") or "") for one in given]
    return found


def pieces(text: str, marks: Iterable[Span]) -> list[Piece]:
    """The text cut where spans begin and end.

    >>> pieces("가나다", [Span(3, 6, "line")])[1].text
    '나'
    """
    data = text.encode()
    marks = [mark for mark in marks if 0 <= mark.start < mark.end <= len(data)]
    edges = sorted({0, len(data), *(m.start for m in marks), *(m.end for m in marks)})
    order = list(KINDS)
    found = []
    for start, end in zip(edges, edges[1:], strict=False):
        over = [mark for mark in marks if mark.start <= start and end <= mark.end]
        over.sort(key=lambda mark: order.index(mark.kind))
        found.append(Piece(data[start:end].decode(errors="replace"), tuple(over)))
    return found


def part(whole: Sequence[Piece], first: int, n: int) -> list[Piece]:
    """Characters `first` to `first + n` of the pieces, marks kept where they are cut."""
    found, at = [], 0
    for piece in whole:
        text = piece.text[max(0, first - at) : max(0, first + n - at)]
        if text:
            found.append(Piece(text, piece.spans))
        at += len(piece.text)
    return found


def to_html(shown: Iterable[Piece], names: Mapping[str, str]) -> str:
    """The pieces as HTML; `names` says what a mark of each kind is called."""
    return f'<div class="kormo-text">{"".join(_mark(piece, names) for piece in shown)}</div>'


def _mark(piece: Piece, names: Mapping[str, str]) -> str:
    text = _text(piece.text)
    if not piece.spans:
        return text
    first = piece.spans[0]
    said = " + ".join(
        names[span.kind] + (f" {span.name}" if span.name else "") for span in piece.spans
    )
    named = _text(said)
    return f'<mark class="kormo-{first.kind}" title="{named}"><b>{named}</b>{text}</mark>'


def _text(text: str) -> str:
    return html.escape(plain.visible(text, lines=True), quote=True)
