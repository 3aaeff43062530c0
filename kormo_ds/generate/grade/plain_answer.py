"""Short answers made comparable: NFC, case, punctuation, articles, Korean endings and particles."""

import re
import unicodedata
from functools import lru_cache

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_KEPT = re.compile(r"%|(?<!\w)-(?=[\d.])|(?<=\d)[./:](?=\d)|(?<!\d)\.(?=\d)")
_ARTICLE = re.compile(r"^(?:a|an|the) (?=.)")
_ENDING = re.compile(r"(?<=\S)(?:이었습니다|였습니다|입니다|이에요|예요|이다)$")
_PARTICLE = re.compile(r"(?<=\S)(?:에서|으로|까지|부터|이나|은|는|이|가|을|를|의|에|로|와|과|도)$")


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """`text` in NFC and lower case; without punctuation, an article before it, an ending after it.

    Marks stay that change what is said: `%`, a minus before a number, `.`, `/` and `:` between
    digits, and symbols (`+`, `<`, `₩`). Apostrophes and thousands commas go without a trace. A
    text of punctuation alone stays as it is.

    >>> plain('"The  Eiffel Tower."'), plain("철도용지입니다."), plain("-1,000.5%")
    ('eiffel tower', '철도용지', '-1000.5%')
    """
    text = unicodedata.normalize("NFC", text).replace("−", "-").casefold()
    text = re.sub("['’]", "", _THOUSANDS.sub("", text))
    kept = {match.start() for match in _KEPT.finditer(text)}
    without = "".join(
        " " if unicodedata.category(character)[0] == "P" and at not in kept else character
        for at, character in enumerate(text)
    )
    words = " ".join(without.split())
    return _ENDING.sub("", _ARTICLE.sub("", words)) or " ".join(text.split())


def same(one: str, two: str) -> bool:
    """Whether two `plain` texts are equal, or are once one of them loses the particle at its end.

    A particle is never cut for its own sake: 고양이 is not 고양, but "고양이가" is 고양이.

    >>> same("서울에서", "서울"), same("고양이", "고양"), same("고양이", "강아지")
    (True, True, False)
    """
    return one == two or _PARTICLE.sub("", one) == two or one == _PARTICLE.sub("", two)
