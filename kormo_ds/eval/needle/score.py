"""How much of what was asked an answer holds: exact numbers, however their digits are set apart.

Text is compared in NFC. Between the digits of a number there may be white space or one of the marks
that group digits, `1,234,567` or `1 234 567`; a number inside a longer one does not count. Of
several numbers each counts alike and their order does not matter, as in RULER.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from kormo_ds.eval.needle.grid import Cell

_APART = r"[\s,.'’_·-]{0,2}"


def found(answer: str, values: Sequence[str]) -> float:
    """Share of `values` that the answer holds, 0 to 1.

    >>> found("답은 1,234,567 그리고 99이다", ["1234567", "9"])
    0.5
    """
    text = unicodedata.normalize("NFC", answer)
    return sum(bool(_place(text, value)) for value in values) / len(values)


def is_settled(answer: str, values: Sequence[str]) -> bool:
    """Whether no longer answer can hold more: all are there, with something behind each."""
    text = unicodedata.normalize("NFC", answer)
    places = [_place(text, value) for value in values]
    return all(place and text[place.end() :].strip(" ,.'’_·-\n") for place in places)


def _place(text: str, value: str) -> re.Match[str] | None:
    return re.search(rf"(?<!\d){_APART.join(value)}(?!\d)", text)


@dataclass(frozen=True)
class Accuracy:
    """The mean of a cell's scores."""

    value: float
    stderr: float | None
    """None of a single one."""
    n: int


def accuracies(scores: Iterable[tuple[Cell, float]]) -> dict[Cell, Accuracy]:
    """The accuracy of each cell that was asked, in the cells' order."""
    by_cell: dict[Cell, list[float]] = defaultdict(list)
    for cell, score in scores:
        by_cell[cell].append(score)
    return {cell: _accuracy(values) for cell, values in sorted(by_cell.items())}


def _accuracy(values: Sequence[float]) -> Accuracy:
    n = len(values)
    return Accuracy(fmean(values), stdev(values) / n**0.5 if n > 1 else None, n)


@dataclass(frozen=True)
class Reach:
    """Up to which length a model finds needles of one language."""

    lang: str
    length: int
    """The longest tested length up to which none is under the threshold; 0: the first one is."""
    falls_at: int | None
    """The first tested length that is; None: none."""
    by_length: Mapping[int, float]
    """Mean over depths and forms."""


def reaches(cells: Mapping[Cell, Accuracy], threshold: float) -> list[Reach]:
    """The reach in each language, by the mean over depths and forms at each length.

    KORMo's Korean falls gradually past 13,000 tokens and is below 0.6 past 21,000 (arXiv
    2510.09426, section on mid-training).
    """
    found = []
    for lang in sorted({cell.lang for cell in cells}):
        lengths = sorted({cell.length for cell in cells if cell.lang == lang})
        by_length = {
            length: fmean(a.value for c, a in cells.items() if (c.lang, c.length) == (lang, length))
            for length in lengths
        }
        low = [length for length in lengths if by_length[length] < threshold]
        falls_at = low[0] if low else None
        held = [length for length in lengths if falls_at is None or length < falls_at]
        found.append(Reach(lang, held[-1] if held else 0, falls_at, by_length))
    return found
