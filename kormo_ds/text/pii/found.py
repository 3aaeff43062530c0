"""What is found in a window, the forms that it may be written in, and which of two it is."""

from bisect import bisect
from collections.abc import Iterable
from typing import NamedTuple

_DASHES = "‐‑‒–—―−－ㅡ"
_WIDE = {ord("　"): " ", ord("\xa0"): " "} | {0xFF01 + i: chr(0x21 + i) for i in range(94)}
PLAIN = _WIDE | {ord(dash): "-" for dash in _DASHES}
"""Full-width forms, dashes and wide spaces as ASCII, one character for one."""
KINDS = ("RRN", "CARD", "BRN", "PHONE", "IP", "EMAIL")
"""All kinds, the most specific first; the mask of a kind is `'[' || kind || ']'`."""


class Found(NamedTuple):
    """One piece of personal data, in characters of its window."""

    start: int
    end: int
    kind: str


def apart(found: Iterable[Found]) -> list[Found]:
    """Those that stay, ascending: of two that overlap the longer, then the more specific."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda f: (f.start - f.end, KINDS.index(f.kind), f.start)):
        place = bisect(kept, one)
        starts_free = not place or kept[place - 1].end <= one.start
        if starts_free and (place == len(kept) or one.end <= kept[place].start):
            kept.insert(place, one)
    return kept
