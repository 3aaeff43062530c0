"""English numbers as words, which Korean writes as digits: two, third, million, octal (8진).

They may stand for a number of the Korean side but need not be there: "two ways" may become 방법들.
Korean words are not read: they stand for English digits in 6 of 3,173 pairs of pages.
"""

import re
from collections import Counter

_WORDS = {
    0: ("zero", "nonzero"),
    1: ("one", "once", "first"),
    2: ("two", "twice", "second", "both", "binary"),
    3: ("three", "third"),
    4: ("four", "fourth"),
    5: ("five", "fifth"),
    6: ("six", "sixth"),
    7: ("seven", "seventh"),
    8: ("eight", "eighth", "octal"),
    9: ("nine", "ninth"),
    10: ("ten", "tenth", "decimal"),
    11: ("eleven", "eleventh"),
    12: ("twelve", "twelfth", "dozen"),
    16: ("hexadecimal",),
    20: ("twenty",),
    30: ("thirty",),
    40: ("forty",),
    50: ("fifty",),
    60: ("sixty",),
    70: ("seventy",),
    80: ("eighty",),
    90: ("ninety",),
    10**2: ("hundred",),
    10**3: ("thousand",),
    10**6: ("million",),
    10**9: ("billion",),
    10**12: ("trillion",),
}
_VALUES = {word: str(n) for n, words in _WORDS.items() for word in words}
_WORD = re.compile(rf"\b(?:{'|'.join(sorted(_VALUES, key=len, reverse=True))})\b", re.IGNORECASE)


def spoken(text: str) -> Counter[str]:
    """The numbers that words of `text` may stand for.

    >>> sorted(spoken("Both of the two came first").elements())
    ['1', '2', '2']
    """
    return Counter(_VALUES[word.lower()] for word in _WORD.findall(text))
