"""Numbers in text, exactly: `1,234.5`, `2 1/2`, `3분의 1`, `25%`, `$18`, `3만 5천원`, LaTeX.

A number is a fraction of integers, the decimals that it was written with, a percent sign and a unit
of measure. `equal` says which roundings, percents and units count as the same.
"""

import re
import unicodedata
from fractions import Fraction
from typing import NamedTuple

from kormo_ds.generate.grade import units

ROUNDED_PLACES = 2
"""A reference of so many decimals, or more, may be rounded: 0.21 for 0.208."""
FRACTION_PLACES = 3
"""So many decimals, or more, may stand for a fraction that has no end: 0.333 for 1/3."""

_SMALL = {"천": 1000, "백": 100, "hundred": 100, "dozen": 12}
_LARGE = {"조": 10**12, "억": 10**8, "만": 10**4}
_LARGE |= {"trillion": 10**12, "billion": 10**9, "million": 10**6, "thousand": 1000}
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_KOREAN_SCALES = (
    r"[조억만천백]+(?=$|[\s\d,.)?!*]|원|명|개|달러|번|마리|대|권|톤|여|입니다|이다)"  # not 3조각
)
_SCALE = rf"(?:{_KOREAN_SCALES}|(?:trillion|billion|million|thousand|hundred|dozen)(?![a-z]))"
_NUMBER = re.compile(
    rf"""
    (?<![A-Za-z\d.^_\\]) (?<!\d:) (?!\d+:\d)
    (?:(?<![\w)])(?P<minus>-))? \s? (?P<money>[$₩￦€£¥])? \s? (?P<minus2>-)?
    (?:
        (?:(?P<whole>\d+) \s* (?:\s|와|과|and\s))? \s*
        (?: (?P<above>{_DIGITS}) \s? / \s? (?P<below>{_DIGITS}) (?![/\d])
          | (?P<below2>\d+) \s? 분의 \s? (?P<above2>\d+) )
      | (?P<scaled>{_DIGITS} \s? {_SCALE} (?: \s? {_DIGITS} \s? {_SCALE})* (?: \s? {_DIGITS})?)
      | (?P<plain>{_DIGITS}) (?: e (?P<power>[-+]?\d{{1,3}}) (?![\w]))?
    )
    (?P<percent> \s? (?:%|퍼센트|percent(?![a-z])))?
    (?: \s? -? (?P<unit>[^\W\d_]+))?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TOKEN = re.compile(rf"({_DIGITS})|([a-z]+|[조억만천백])", re.IGNORECASE)
_OPERATOR_BEFORE = re.compile(r"[+*/×÷^√π\\]\s*$|\d\s*-\s*$|[a-zA-Z]\s*-\s*$")
_OPERATOR_AFTER = re.compile(r"\s*(?:[+*/×÷^√π\\]|-\s*\d)")
_LIST = re.compile(r"\s*(?:,|;|/|and|or|와|과|및|또는|그리고)+\s*", re.IGNORECASE)


class Number(NamedTuple):
    """A number as it was written."""

    value: Fraction
    places: int | None
    """Decimals; None for a fraction."""
    is_percent: bool
    unit: str
    """A word of `units.MEASURES`, or empty."""
    start: int
    end: int
    """Where it stands in the text, its unit not included."""


def found(text: str) -> list[Number]:
    """All numbers of a text that is `plain`, in order."""
    numbers = map(_number, _NUMBER.finditer(text))
    return [number for number in numbers if number is not None]


def last(text: str) -> Number | None:
    """The last number of a text that is `plain`."""
    matches = list(_NUMBER.finditer(text))
    return next(filter(None, map(_number, reversed(matches))), None)


def read(text: str) -> Number | None:
    r"""The one number that a short text states; None for none, a list, or an expression.

    >>> read("x = 1,250 dollars a week").value
    Fraction(1250, 1)
    >>> read("2x + 1"), read("3, 4"), read("eighteen")
    (None, None, None)
    """
    text = re.split(r"=|≈|\\approx", plain(text))[-1]
    numbers = found(text)
    if not numbers or "\\" in text:
        return None
    first = numbers[0]
    if len(numbers) > 1:
        following = numbers[1]
        together = _sum(first, following)
        if together is not None and len(numbers) == 2:
            return together
        if _LIST.fullmatch(text[first.end : following.start]):
            return None
    if _OPERATOR_BEFORE.search(text[: first.start]) or _OPERATOR_AFTER.match(text, first.end):
        return None
    letter = re.match(r"[^\W\d_](?![^\W\d_])", text[first.end :])
    if letter and letter.group().isascii() and not units.known(letter.group()):
        return None  # 2x
    return first


def equal(reference: Number, answer: Number) -> bool | None:
    """Whether they are the same; None where their units cannot be compared.

    Units count where both have one. A percent is itself or a hundredth. A reference with decimals
    may be the rounded answer, and decimals may stand for a fraction without end.
    """
    value, wanted = answer.value, reference.value
    if reference.unit and answer.unit:
        dimension, factor = units.MEASURES[answer.unit]
        other, of_reference = units.MEASURES[reference.unit]
        if dimension != other:
            return None
        value = value * factor / of_reference
    pairs = [(wanted, value)]
    if answer.is_percent != reference.is_percent:
        pairs.append((wanted, value / 100) if answer.is_percent else (wanted / 100, value))
    return any(_same(one, reference, two, answer) for one, two in pairs)


def plain(text: str) -> str:
    r"""`text` in NFKC with the LaTeX of numbers written out.

    >>> plain(r"$2\frac{1}{2}\text{ cm}$"), plain("−½"), plain(r"1{,}000\%")
    ('2 1/2 cm', '-1/2', '1,000%')
    """
    text = re.sub(r"(?<=\d)(?=[¼-¾⅐-⅞])", " ", text)
    text = re.sub(r"(?<=\d)([²³])", r"^\1", text)
    text = unicodedata.normalize("NFKC", text).replace("⁄", "/").replace("−", "-")
    text = re.sub(r"(?<!\\)\$(?=\S)([^$\n]*?\S)\$(?!\d)", r"\1", text)  # mathematics, not money
    text = text.replace("{,}", ",").replace("\\%", "%").replace("\\$", "$")
    text = re.sub(r"\\(?:left|right|displaystyle|[!,;: ])", "", text)
    text = re.sub(r"\^\s*\{?\\circ\}?|\\degree", "°", text)
    text = re.sub(r"\\(?:text|mathrm|mbox|textbf|mathbf)\s*\{([^{}]*)\}", r"\1", text)
    text = re.sub(r"\\[dt]?frac\s*(\d)(\d)", r"\\frac{\1}{\2}", text)
    fraction = r"\\[dt]?frac\s*\{\s*(-?[\d.,]+)\s*\}\s*\{\s*([\d.,]+)\s*\}"
    text = re.sub(rf"(?<=\d)\s*{fraction}", r" \1/\2", text)
    text = re.sub(fraction, r"\1/\2", text)
    text = re.sub(r"\\[()\[\]]", "", text)
    return text.strip()


def _number(match: re.Match[str]) -> Number | None:
    part = match.groupdict()
    places: int | None = None
    if part["above"] or part["above2"]:
        below = _digits(part["below"] or part["below2"])
        if not below:
            return None
        value = _digits(part["above"] or part["above2"]) / below + int(part["whole"] or 0)
    elif part["scaled"]:
        value, places = _scaled(part["scaled"]), 0
    else:
        value = _digits(part["plain"]) * Fraction(10) ** int(part["power"] or 0)
        places = len(part["plain"].partition(".")[2])
    if part["minus"] or part["minus2"]:
        value = -value
    is_power = re.match(r"\^|\d|/", match.string[match.end() :])  # cm2, km/h
    word = "" if part["unit"] and part["unit"].isascii() and is_power else part["unit"]
    unit = units.known(word or "") or units.known(part["money"] or "")
    end = match.start("unit") if part["unit"] else match.end()
    return Number(value, places, bool(part["percent"]), unit, match.start(), end)


def _digits(text: str) -> Fraction:
    return Fraction(text.replace(",", ""))


def _scaled(text: str) -> Fraction:
    """`2천5백만`, `1.8 billion`: small scales add up, a large one multiplies what is before."""
    total = section = current = Fraction(0)
    for digits, scale in _TOKEN.findall(text.lower()):
        if digits:
            current = _digits(digits)
        elif scale in _SMALL:
            section, current = section + (current or 1) * _SMALL[scale], Fraction(0)
        else:
            total += (section + current) * _LARGE[scale]
            section = current = Fraction(0)
    return total + section + current


def _sum(first: Number, second: Number) -> Number | None:
    """`2 hours 30 minutes` as one number, in the unit of the first."""
    if not (first.unit and second.unit):
        return None
    dimension, factor = units.MEASURES[first.unit]
    other, smaller = units.MEASURES[second.unit]
    if dimension != other or smaller >= factor:
        return None
    return first._replace(value=first.value + second.value * smaller / factor, places=None)


def _same(wanted: Fraction, reference: Number, value: Fraction, answer: Number) -> bool:
    if wanted == value:
        return True
    places = reference.places
    if places is not None and places >= ROUNDED_PLACES:
        is_finer = answer.places is None or answer.places > places
        return is_finer and abs(wanted - value) * 2 <= Fraction(1, 10**places)
    if places is None and answer.places is not None and answer.places >= FRACTION_PLACES:
        return abs(wanted - value) * 2 <= Fraction(1, 10**answer.places)
    return False
