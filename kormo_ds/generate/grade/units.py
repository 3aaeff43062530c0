"""Units of measure that can be converted, exactly; other words after a number are no units here."""

from fractions import Fraction

_TABLE: dict[str, dict[str, int | Fraction]] = {
    "length": {
        "mm 밀리미터 millimeter": Fraction(1, 1000),
        "cm 센티미터 centimeter": Fraction(1, 100),
        "m 미터 meter": 1,
        "km 킬로미터 kilometer": 1000,
        "inch 인치": Fraction(254, 10000),
        "ft foot feet 피트": Fraction(3048, 10000),
        "yd yard 야드": Fraction(9144, 10000),
        "mile 마일": Fraction(1609344, 1000),
    },
    "mass": {
        "mg 밀리그램 milligram": Fraction(1, 1000),
        "g 그램 gram": 1,
        "kg 킬로그램 kilogram": 1000,
        "톤 ton tonne": 10**6,
    },
    "volume": {
        "ml 밀리리터 milliliter": Fraction(1, 1000),
        "dl 데시리터 deciliter": Fraction(1, 10),
        "l 리터 liter": 1,
    },
    "time": {
        "s sec second 초": 1,
        "min minute 분": 60,
        "h hr hour 시간": 3600,
        "day 일": 86400,
        "week 주": 604800,
    },
    "money": {"cent": Fraction(1, 100), "dollar $": 1},
    "won": {"won 원 ₩ ￦": 1},
}
MEASURES: dict[str, tuple[str, Fraction]] = {
    word: (dimension, Fraction(factor))
    for dimension, measures in _TABLE.items()
    for words, factor in measures.items()
    for word in words.split()
}
_KOREAN_ENDINGS = (
    "입니다",
    "이에요",
    "예요",
    "이다",
    "이며",
    "이고",
    "이므로",
    "동안",
    "씩",
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
)


def known(word: str) -> str:
    """The word of the table that `word` is, or empty.

    >>> known("Hours"), known("미터입니다"), known("apples")
    ('hour', '미터', '')
    """
    word = word.lower()
    forms = [word, word.removesuffix("s"), word.removesuffix("es")]
    forms += [word.removesuffix(ending) for ending in _KOREAN_ENDINGS]
    return next((form for form in forms if form in MEASURES), "")
