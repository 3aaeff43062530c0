"""Check digits and dates of numbers, by which a number is told from any other of its length."""

import re
from datetime import date

_RRN = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_BRN = (1, 3, 7, 1, 3, 7, 1, 3, 5)
RANDOM_TAILS_FROM = date(2020, 10, 5)
"""From this day on new resident numbers have a random tail (Enforcement Rule of the Resident
Registration Act, 2020), so that they end in no check digit."""

_LAST_YEAR = 2035
"""Of a birthday. A constant, since what a step writes must not depend on the day it runs."""


def born(digits: str) -> date | None:
    """The birthday of a resident registration number, 13 digits; None where it is no day yet.

    The seventh digit gives the century: 1, 2, 5, 6 the 1900s; 3, 4, 7, 8 the 2000s; 5 to 8 are
    foreign residents.
    """
    century = {"1": 1900, "2": 1900, "5": 1900, "6": 1900}.get(digits[6], 2000)
    try:
        day = date(century + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        return None
    return day if day.year <= _LAST_YEAR else None


def rrn(digits: str) -> bool:
    """Whether 13 digits end in the check digit of a resident registration number."""
    total = sum(int(d) * weight for d, weight in zip(digits, _RRN, strict=False))
    offset = 13 if digits[6] in "5678" else 11
    return (offset - total % 11) % 10 == int(digits[12])


def ean(digits: str) -> bool:
    """Whether 13 digits end in the check digit of a barcode (EAN-13) or ISBN."""
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits))
    return total % 10 == 0


def brn(digits: str) -> bool:
    """Whether 10 digits end in the check digit of a business registration number."""
    total = sum(int(d) * weight for d, weight in zip(digits, _BRN, strict=False))
    total += int(digits[8]) * 5 // 10
    return (10 - total % 10) % 10 == int(digits[9]) and len(set(digits)) > 2


_ISSUERS = re.compile(
    r"4(?:\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[68]\d)\d{11}"  # Diners Club
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12}"  # Discover
    r"|35(?:2[89]|[3-8]\d)\d{12}"  # JCB
    r"|62\d{14,17}"  # UnionPay
    r"|94\d{14}"  # Korean domestic cards
)


def card(digits: str) -> bool:
    """Whether digits have a known issuer's prefix and length, and pass Luhn's check."""
    if not _ISSUERS.fullmatch(digits):
        return False
    doubled = (2 * int(d) for d in digits[-2::-2])
    total = sum(d - 9 if d > 9 else d for d in doubled) + sum(int(d) for d in digits[::-2])
    return total % 10 == 0
