"""Korean particles that depend on the word before them: 은 or 는, 이 or 가, 을 or 를, 으로 or 로.

What decides is whether the word, as it is read aloud, ends in a consonant; before 으로 a final ㄹ
counts as none. How a word is read:

    Hangul    its last syllable
    digits    the number in Korean: 1 일, 10 십, 100,000 십만, 10¹² 조; behind a decimal point digit
              by digit. A code read digit by digit ends alike but for thirteen digits and more
    capitals  letter by letter where a word has capitals alone: L 엘, M 엠, N 엔, R 알, the others
              end in a vowel
    Latin     a word with small letters as English: it ends in a consonant behind l, m, n, ng, and
              behind b, c, k, p, t, ck after a single vowel (Git 깃, web 웹, but test 테스트)

Marks that close quotes or brackets are looked through. Any other ending counts as a vowel.
"""

import re

_PLACE = re.compile(r"\{([가-힣]+)/([가-힣]+)\}")
_CLOSING = "\"'”’)]}」』》〉`*_"
_FIRST, _LAST, _FINALS, _RIEUL = 0xAC00, 0xD7A3, 28, 8
_NUMBER = re.compile(r"\d[\d,]*(\.\d+)?$")
_DIGITS = "영일이삼사오육칠팔구"
_PLACES = ("", "십", "백", "천")
_UNITS = ("", "만", "억", "조", "경", "해")
_CAPITALS = re.compile(r"(?<![A-Za-z])[A-Z]*([A-Z])$")
_NAMES = {"L": "엘", "M": "엠", "N": "엔", "R": "알"}
_LATIN = re.compile(r"[A-Za-z]+$")
_ENGLISH = re.compile(r"(?:[lmn]|ng|(?<![aeiou])[aeiou](?:[bckpt]|ck))$", re.IGNORECASE)


def resolved(text: str) -> str:
    """`text` with every {A/B} replaced by A behind a consonant and by B behind a vowel.

    >>> resolved("서울{은/는} 바다{으로/로} 3{을/를} 연필{으로/로}")
    '서울은 바다로 3을 연필로'
    """
    parts = []
    end = 0
    for place in _PLACE.finditer(text):
        parts.append(text[end : place.start()])
        parts.append(chosen("".join(parts), place[1], place[2]))
        end = place.end()
    return "".join([*parts, text[end:]])


def chosen(word: str, closed: str, open_: str) -> str:
    """The form that follows `word`: `closed` behind a consonant, else `open_`.

    >>> chosen("서울", "으로", "로"), chosen("100", "이", "가"), chosen("GPU", "을", "를")
    ('로', '이', '를')
    """
    final = _final(word.rstrip(_CLOSING))
    if final == _RIEUL and closed.startswith("으로"):
        return open_
    return closed if final else open_


def _final(word: str) -> int:
    """Number of the last consonant as Unicode counts them, 0 where the word ends in a vowel."""
    last = word[-1:]
    if last and _FIRST <= ord(last) <= _LAST:
        return (ord(last) - _FIRST) % _FINALS
    if number := _NUMBER.search(word):
        return _final(_read(number[0]))
    if letters := _CAPITALS.search(word):
        return _final(_NAMES.get(letters[1], "이"))
    if latin := _LATIN.search(word):
        if latin[0][-1] in "lL":
            return _RIEUL
        return 4 if _ENGLISH.search(latin[0]) else 0
    return 0


def _read(number: str) -> str:
    """The last syllable of a number read in Korean."""
    whole, point, fraction = number.partition(".")
    if point:
        return _DIGITS[int(fraction[-1])]
    digits = whole.replace(",", "")
    bare = digits.rstrip("0")
    if not bare:
        return _DIGITS[0]
    zeros = len(digits) - len(bare)
    if zeros == 0:
        return _DIGITS[int(digits[-1])]
    units = _UNITS[min(zeros // 4, len(_UNITS) - 1)]
    return units or _PLACES[zeros % 4]
