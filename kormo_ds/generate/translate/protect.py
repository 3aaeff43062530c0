"""Markers in the place of what must come back unchanged: fenced code, formulas, addresses.

A marker is ⟦K1⟧, ⟦K2⟧, …; where a text has such a word itself, another letter is taken. Inline code
stays, as a sentence needs it to be understood; it is checked afterwards. The marks of a marker may
come back with white space inside.
"""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import count

from kormo_ds.text.kept.parts import CODE, FORMULA, URL, parts

LOST, DOUBLED, UNKNOWN = "marker_lost", "marker_doubled", "marker_unknown"
_LETTER = re.compile(r"[^\W\d_]")


class Changed(Exception):
    """Markers that did not come back once each: `reason` and `detail`."""

    def __init__(self, reason: str, detail: str):
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True)
class Protected:
    """A text with markers, and what they stand for."""

    text: str
    name: str
    """What markers begin with: 'K'."""
    kept: tuple[str, ...]
    """Marker 1 stands for the first of these."""

    @property
    def is_empty(self) -> bool:
        """True where nothing is left to translate."""
        return not _LETTER.search(self._markers().sub("", self.text))

    def restored(self, translation: str) -> str:
        """A translation with what its markers stand for.

        Raises:
            Changed: a marker is lost, is there twice, or was never given.
        """
        found = Counter(map(int, self._markers().findall(translation)))
        for n, part in enumerate(self.kept, start=1):
            if found[n] != 1:
                raise Changed(DOUBLED if found[n] else LOST, part)
            del found[n]
        if found:
            raise Changed(UNKNOWN, f"marker {min(found)}")
        return self._markers().sub(lambda found: self.kept[int(found[1]) - 1], translation)

    def _markers(self) -> re.Pattern[str]:
        return re.compile(rf"⟦\s*{self.name}(\d+)\s*⟧")


def protect(text: str, on: bool = True) -> Protected:
    """`text` with markers for its parts; without any where it is not `on`.

    >>> protect("See https://example.org for $x^2$.").text
    'See ⟦K1⟧ for ⟦K2⟧.'
    """
    name = next(f"K{'K' * i}" for i in count() if not re.search(rf"⟦\s*K{'K' * i}\d", text))
    kept: list[str] = []
    said, at = [], 0
    for part in parts(text) if on else ():
        inside = text[part.start : part.end]
        if part.kind in (FORMULA, URL) or (part.kind == CODE and inside[:3] in ("```", "~~~")):
            kept.append(inside)
            said += [text[at : part.start], f"⟦{name}{len(kept)}⟧"]
            at = part.end
    return Protected("".join([*said, text[at:]]), name, tuple(kept))
