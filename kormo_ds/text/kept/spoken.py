"""Numbers as words, where one language writes a word and the other digits.

Small cardinals and ordinals (two, third, 두 개, 세 번째), powers of ten (million, 백만), names of
bases (octal, 8진). They may stand for a number of the other side but need not be there: "two ways"
may become 방법들.
"""

import re
from collections import Counter

_ENGLISH = {
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
_KOREAN = {
    1: ("한", "하나", "첫"),
    2: ("두", "둘"),
    3: ("세", "셋"),
    4: ("네", "넷"),
    5: ("다섯",),
    6: ("여섯",),
    7: ("일곱",),
    8: ("여덟",),
    9: ("아홉",),
    10: ("열",),
    20: ("스무", "스물"),
    10**2: ("백",),
    10**3: ("천",),
    10**4: ("만",),
    10**6: ("백만",),
    10**8: ("억",),
    10**12: ("조",),
}
_VALUES = {
    word: str(n) for words in (_ENGLISH, _KOREAN) for n, all_ in words.items() for word in all_
}


def _either(words: dict[int, tuple[str, ...]]) -> str:
    return "|".join(sorted((word for some in words.values() for word in some), key=len)[::-1])


_WORD = re.compile(
    rf"\b(?:{_either(_ENGLISH)})\b|(?<![가-힣])(?:{_either(_KOREAN)})(?=[\s가-힣])", re.IGNORECASE
)


def spoken(text: str) -> Counter[str]:
    """The numbers that words of `text` may stand for.

    >>> sorted(spoken("Both of the two came: 세 번").elements())
    ['2', '2', '3']
    """
    return Counter(_VALUES[word.lower()] for word in _WORD.findall(text))
