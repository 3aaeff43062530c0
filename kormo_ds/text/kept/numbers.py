"""The numbers of a text by their value, so that 30,000, 30000, 3만 and 30 thousand are one.

Read are digits (full-width ones too) with groups of three and a decimal part, times thousand,
million, billion or trillion, or times 십, 백, 천, 만, 억, 조, which add up (1억 2,000만); English
months too, which are digits in Korean (March, 3월). 3만 may also mean "only 3", and 25K be a name:
both readings are kept. Signs, per cent and dates are not read; digits after a letter (utf8, x86)
are part of a name. Versions keep their form: 3.10 is not 3.1.
"""

import re
from collections import Counter
from decimal import Decimal
from typing import TypeAlias

from kormo_ds.text.kept.spoken import spoken

Readings: TypeAlias = tuple[str, ...]
"""What one number may mean, the likeliest first."""

_WIDE = str.maketrans({0xFF10 + digit: str(digit) for digit in range(10)})
_ENGLISH = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_LETTERS = {"K": 10**3, "k": 10**3, "M": 10**6}
_SMALL = {"": 1, "십": 10, "백": 10**2, "천": 10**3}
_LARGE = {"": 1, "만": 10**4, "억": 10**8, "조": 10**12}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = {name: str(number) for number, name in enumerate(_MONTHS, start=1)}

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?|\d+(?:\.\d+)*)"
# 조 may be an article of a law (제3조), and 만 and 천 begin other words (3천국), so behind a unit
# stands no syllable, or one that counts, or a particle.
_END = (
    r"(?:(?![가-힣])|(?=[개건곳권년달대도마명배번부분불시억여원위월일장점종주채초층톤편평표회]"
    r"|[을를이가은는에의와과]))"
)
_UNITS = rf"(?:[십백천]?[만억조]|[십백천]){_END}"
_NUMBER = re.compile(
    r"\b(?P<month>January|February|March|April|May(?= \d)|June|July|August|September|October"
    r"|November|December|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)(?=\.? \d))\b"
    r"|(?<![A-Za-z_\d])(?<![A-Za-z_\d]\.)(?<!&\#)(?:"
    rf"(?P<korean>(?<!제){_DIGITS}{_UNITS}(?:[ ]?{_DIGITS}{_UNITS})*)"
    rf"|(?P<digits>{_DIGITS})"
    r"(?:[ -](?P<unit>[Tt]housand|[MmBb]illion|[Tt]rillion)\b|(?P<letter>[KkM])\b)?)"
)
_TERM = re.compile(rf"({_DIGITS})([십백천]?)([만억조]?)")


def numbers(text: str) -> list[Readings]:
    """The numbers that `text` writes in digits, and its English months, in their order.

    >>> numbers("1억 2,000만 원, 30 thousand, 3.10, utf8, 3만")
    [('120000000',), ('30000',), ('3.10',), ('30000', '3')]
    """
    return [_read(match) for match in _NUMBER.finditer(text.translate(_WIDE))]


def matched(source: str, translation: str) -> tuple[int, int, int]:
    """How many numbers of a source are in its translation, and how many numbers each has.

    Numbers that are English words on the other side count for neither.

    >>> matched("In March 2020, two of 30,000 came.", "2020년 3월, 3만 명 중 2명이 왔다.")
    (3, 3, 3)
    """
    left, right = numbers(source), numbers(translation)
    ours, theirs = Counter(left), Counter(right)
    same = (ours & theirs).total()
    lost, added = list((ours - theirs).elements()), list((theirs - ours).elements())
    for number in list(lost) if added else ():  # by any reading
        other = next((n for n in added if set(n) & set(number)), None)
        if other is not None:
            lost.remove(number)
            added.remove(other)
            same += 1
    n_lost = _unspoken(lost, spoken(translation)) if lost else 0
    n_added = _unspoken(added, spoken(source)) if added else 0
    return same, same + n_lost, same + n_added


def _read(match: re.Match[str]) -> Readings:
    if month := match["month"]:
        return (_MONTH[month[:3]],)
    if match["korean"]:
        terms = [
            (digits.replace(",", ""), small, large)
            for digits, small, large in _TERM.findall(match["korean"])
        ]
        values = [_times(digits, _SMALL[small] * _LARGE[large]) for digits, small, large in terms]
        if len(terms) == 1:
            return (values[0], terms[0][0]) if terms[0][1:] == ("", "만") else (values[0],)
        return (_written(sum(map(Decimal, values), Decimal(0))),)
    digits = match["digits"].replace(",", "")
    if letter := match["letter"]:
        return digits, _times(digits, _LETTERS[letter])
    return (_times(digits, _ENGLISH[match["unit"].lower()]) if match["unit"] else digits,)


def _unspoken(found: list[Readings], words: Counter[str]) -> int:
    """How many of `found` no word stands for; each word stands for one."""
    n = 0
    for number in found:
        word = next((reading for reading in number if words[reading] > 0), None)
        if word is None:
            n += 1
        else:
            words[word] -= 1
    return n


def _times(digits: str, unit: int) -> str:
    return digits if digits.count(".") > 1 else _written(Decimal(digits) * unit)


def _written(value: Decimal) -> str:
    return f"{value:f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
