"""Phone, resident registration, business registration and card numbers in a window of plain text.

Digits that are part of more digits, of a word, a decimal or a path are none of these. A number
without separators needs a check digit or a prefix that says what it is.
"""

import re
from collections.abc import Iterator

from kormo_ds.text.pii import checks
from kormo_ds.text.pii.found import Found

_FREE = r"(?<![0-9A-Za-z_])(?<![0-9A-Za-z][.\-])(?<!\d,)"
"""Before a number: nothing that it could be the end of."""
_ENDS = r"(?![0-9A-Za-z_])(?![.\-]\d)"
"""After a number: nothing that it could be the beginning of."""
_AREA = r"(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|50[2-8])"
_MOBILE = r"1[016789]"
_BETWEEN = r"(?: ?[.\-)] ?)"

_PHONES = tuple(
    re.compile(pattern)
    for pattern in (
        # 010-1234-5678, 010 1234 5678, (010)1234-5678
        rf"(?<!\d)(?<![0-9A-Za-z_][.\-])(?<![A-Za-z_])"
        rf"(?:\(0{_MOBILE}\) ?|0{_MOBILE}(?:{_BETWEEN}|  ?))\d{{3,4}}(?: ?[.\-] ?|  ?)\d{{4}}"
        rf"{_ENDS}",
        # 02-123-4567, (031) 123-4567, 070.1234.5678, 0505-123-4567
        rf"{_FREE}(?:\(0{_AREA}\) ?|0{_AREA}{_BETWEEN})\d{{3,4}} ?[.\-] ?\d{{4}}{_ENDS}",
        # +82 10-1234-5678, +82-(0)2-123-4567, +821012345678
        rf"(?<![0-9A-Za-z_+])\+82[-. ]?(?:\(0\)|0)?[-. ]?(?:{_MOBILE}|{_AREA})[-. ]?\d{{3,4}}[-. ]?"
        rf"\d{{4}}{_ENDS}",
        # 82-10-1234-5678
        rf"{_FREE}82-(?:{_MOBILE}|{_AREA})-\d{{3,4}}-\d{{4}}{_ENDS}",
        # (415) 555-2671, 415-555-2671, 415.555.2671, 1-415-555-2671
        rf"{_FREE}(?:\+?1[-. ])?(?:\([2-9]\d\d\) ?|[2-9]\d\d(?=([-.])))[-.]?(?!555[-.]01)[2-9]\d\d"
        rf"(?:(?(1)\1|[-.]))\d{{4}}{_ENDS}",
    )
)
_BARE_MOBILE = re.compile(rf"(?<![0-9A-Za-z_.,/#%&?+\-])0(?:10\d|1[16789])\d{{7}}{_ENDS}(?!,\d)")
_INTERNATIONAL = re.compile(
    rf"(?<![0-9A-Za-z_+)\]])\+"
    rf"(?P<rest>[1-9]\d{{0,2}}(?:[-. ]?(?:\(\d{{1,4}}\)|\d{{1,14}}+)){{1,6}}+){_ENDS}"
)
_COUNTRY = re.compile(
    r"1|7|2(?:0|7|1[1-368]|[2-6]\d|9[0178])|3(?:[0-469]|5\d|7[0-8]|8[0-35-79])|4(?:[013-9]|2[013])"
    r"|5(?:[1-8]|0\d|9\d)|6(?:[0-6]|7[02-9]|8\d|9[0-2])|8(?:[1246]|5[0256]|80|86)|9(?:[0-58]|6[0-8]|7[0-79]|9[2-68])"
)
_RRN = re.compile(rf"{_FREE}(?<!/)\d{{6}}(?P<dash> ?- ?)?[1-8]\d{{6}}{_ENDS}")
_RRN_SAID = re.compile(r"주민|등록\s?번호|RRN|resident registration", re.IGNORECASE)
_BRN = re.compile(rf"{_FREE}(?<!/)(?:\d{{3}}-\d{{2}}-\d{{5}}|\d{{10}}){_ENDS}")
_BRN_SAID = re.compile(r"사업자|business registration", re.IGNORECASE)
_CARD = re.compile(
    rf"{_FREE}(?<![/=#])(?:\d{{4}}([- ])\d{{4}}\1\d{{4}}\1\d{{1,7}}|\d{{4}}([- ])\d{{6}}\2\d{{4,5}}"
    rf"|\d{{14,19}}){_ENDS}(?!,\d)"
)
_SAID_WITHIN = 20
"""Characters before a number in which it may be called by its name."""


def phones(text: str) -> Iterator[Found]:
    """Phone numbers: Korean, North American, and any that begin with + and a country code."""
    for pattern in (*_PHONES, _BARE_MOBILE):
        for match in pattern.finditer(text):
            yield Found(match.start(), match.end(), "PHONE")
    for match in _INTERNATIONAL.finditer(text):
        digits = re.sub(r"\D", "", match["rest"])
        is_long_enough = 10 <= len(digits) <= 15 and match["rest"][-2:].isdigit()
        is_american = digits[0] != "1" or (len(digits) == 11 and digits[1] in "23456789")
        if is_long_enough and is_american and _COUNTRY.match(digits):
            yield Found(match.start(), match.end(), "PHONE")


def rrns(text: str) -> Iterator[Found]:
    """Korean resident registration numbers, foreign residents' among them.

    The birthday must be a day. Numbers since October 2020 have random tails; therefore one whose
    check digit is wrong counts where it has the dash and its bearer was born since, or where the
    words before it say what it is.
    """
    for match in _RRN.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        day = checks.born(digits)
        if day is None or len(set(digits[6:])) == 1:
            continue
        said = _RRN_SAID.search(_before(text, match.start()))
        is_new = match["dash"] and day >= checks.RANDOM_TAILS_FROM
        is_checked = checks.rrn(digits) and (match["dash"] or not checks.ean(digits))
        if is_checked or said or is_new:
            yield Found(match.start(), match.end(), "RRN")


def brns(text: str) -> Iterator[Found]:
    """Korean business registration numbers; ten digits in a row only where they are called so."""
    for match in _BRN.finditer(text):
        is_said = "-" in match[0] or _BRN_SAID.search(_before(text, match.start()))
        if is_said and checks.brn(match[0].replace("-", "")):
            yield Found(match.start(), match.end(), "BRN")


def cards(text: str) -> Iterator[Found]:
    """Numbers of payment cards."""
    for match in _CARD.finditer(text):
        if checks.card(re.sub(r"\D", "", match[0])):
            yield Found(match.start(), match.end(), "CARD")


def _before(text: str, start: int) -> str:
    return text[max(0, start - _SAID_WITHIN) : start]
