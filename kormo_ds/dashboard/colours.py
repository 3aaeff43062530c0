"""One colour a language, a source, a synthesizer, through all pages and in the report.

The palette is ten colours that people with deuteranopia or protanopia tell apart, on white and on
near-black; beyond ten names they come round again, which a legend or an axis has to tell apart.
Names of a lake get colours in their alphabetical order, so a colour is one of the lake, not of what
a panel happens to show.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

PALETTE = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC3311",
    "#33BBEE",
    "#7B68EE",
    "#AA3377",
    "#CC79A7",
    "#EE7733",
    "#8C564B",
)
NOBODY = "#999999"
"""Of what has no name: NULL, text that no model wrote."""
SPIKE = "#CC3311"
KINDS = ("lang", "source", "origin", "kind", "synthesizer", "run", "step", "reason")
"""Columns whose values keep their colour on all pages."""


@dataclass(frozen=True)
class Colours:
    """The colour of every name, by the column that it is of."""

    names: Mapping[str, Sequence[str]]
    """All names of the lake by column, e.g. 'lang' to ['en', 'ko']."""

    def of(self, column: str, values: Iterable[str | None], nameless: str) -> dict[str, str]:
        """The colour of each of `values`; `nameless` is what stands for NULL."""
        known = {name: i for i, name in enumerate(sorted(self.names.get(column, ())))}
        found = {}
        for value in sorted({value for value in values if value is not None}):
            place = known.setdefault(value, len(known))
            found[value] = NOBODY if value == nameless else PALETTE[place % len(PALETTE)]
        return found
