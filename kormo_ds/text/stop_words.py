"""Stop words of English and Korean, each a bit, and how a word is matched with them.

English: a word is one of the list, in lower case, as in Gopher. Korean: the list is FineWeb-2's
for `kor_Hang`, which counts morphemes, and most of it never stands alone: particles and endings.
So an eojeol is matched by how it ends: `학교에서` is `에서`, `2024년` is `년`, `중요한` is `한`.
A word that is nothing else counts too, for a mark cuts off the particle behind it (`은` in
`"main"은`). Of two endings the longer one counts: `집으로` is `으로`, not `로`. The stems 하, 했,
있 and 되 count before 다, 는 and 고: `되는` is `되` and `는`. A noun may end as a particle does
(`나이`, `종이`), so Korean nouns in a row reach two of the list sooner than English ones.
"""

from functools import cache

import numpy as np
from numba import njit

ENGLISH = ("the", "be", "to", "of", "and", "that", "have", "with")
"""Rae et al. 2021 ("Gopher", section A1.1)."""
KOREAN = (
    *(
        "의",
        "다",
        "이",
        "는",
        "에",
        "을",
        "한",
        "년",
        "하",
        "은",
        "를",
        "했",
        "고",
        "에서",
        "가",
        "있",
    ),
    *("으로", "인", "월", "로", "되"),
)
"""FineWeb-2's configuration for kor_Hang (Penedo et al. 2025)."""
STEMS, BEFORE = ("하", "했", "있", "되"), ("다", "는", "고")
FIRST_SYLLABLE, N_SYLLABLES = 0xAC00, 11172
_ALONE, _LONGER, _AFTER, _STEM, _BEFORE = range(5)
_ONE, _LETTER = np.uint32(1), np.uint32(8)


@cache
def tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the kernels look up.

    Returns:
        english: uint32 [8], the letters of each English word, the first in the lowest byte.
        begins: bool [256], the bytes that an English word begins with.
        korean: int32 [11172, 5], of each Hangul syllable: its bit at the end of a word; its bit
            there behind another syllable, and which one that is (-1: none); its bit as a stem;
            whether stems count before it.
    """
    english = np.array([int.from_bytes(word.encode(), "little") for word in ENGLISH], np.uint32)
    begins = np.zeros(256, np.bool_)
    begins[[ord(word[0]) for word in ENGLISH]] = True
    korean = np.zeros((N_SYLLABLES, 5), np.int32)
    korean[:, _AFTER] = -1
    for place, word in enumerate(KOREAN):
        *before, last = (ord(syllable) - FIRST_SYLLABLE for syllable in word)
        if before:
            korean[last, _LONGER], korean[last, _AFTER] = 1 << place, before[0]
        elif word in STEMS:
            korean[last, _STEM] = 1 << place
        else:
            korean[last, _ALONE] = 1 << place
    for syllable in BEFORE:
        korean[ord(syllable) - FIRST_SYLLABLE, _BEFORE] = 1
    return english, begins, korean


@njit(cache=True, nogil=True)
def english_bit(data, left, right, english):  # type: ignore[no-untyped-def]
    """uint32: the bit of the word `data[left:right]`, 0 if it is none of the list."""
    letters = np.uint32(0)
    for at in range(right - left):
        letters |= np.uint32(data[left + at]) << (np.uint32(at) * _LETTER)
    for place in range(len(english)):
        if english[place] == letters:
            return _ONE << np.uint32(place)
    return np.uint32(0)


@njit(cache=True, nogil=True)
def korean_bits(data, left, right, last, korean):  # type: ignore[no-untyped-def]
    """int32: the bits of the word `data[left:right]`, whose last syllable is number `last`."""
    found = korean[last, _ALONE]
    if found or korean[last, _LONGER]:
        before = syllable(data, left, right - 3)
        if before >= 0:
            if korean[last, _AFTER] == before:
                return korean[last, _LONGER]
            if korean[last, _BEFORE]:
                found |= korean[before, _STEM]
    return found


@njit(cache=True, nogil=True)
def syllable(data, left, right):  # type: ignore[no-untyped-def]
    """int64: the number of the Hangul syllable that `data[left:right]` ends in, -1 if of none."""
    if right - left < 3 or data[right - 3] < 0xEA or data[right - 3] > 0xED:
        return -1
    point = (np.int64(data[right - 3]) & 0xF) << 12
    point |= (np.int64(data[right - 2]) & 0x3F) << 6 | (np.int64(data[right - 1]) & 0x3F)
    number = point - FIRST_SYLLABLE
    return number if 0 <= number < N_SYLLABLES else -1
