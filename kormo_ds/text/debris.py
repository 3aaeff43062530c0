"""Characters that no writer wrote: what a failed decoding or extraction leaves in a text.

One pass over the bytes of an Arrow column counts, for each text, the characters in nine kinds of
debris; nothing is decided here. Costs about 4 ns a byte.

    replacement  U+FFFD, non-characters, private use without symbol fonts (bullets),
                 and 占쏙옙 (U+FFFD read as CP949)
    mojibake     UTF-8 or EUC-KR read as Latin-1 or Windows-1252: `â€™`, `í•œê¸€`, `ÇÑ±Û`
    broken jamo  two or more conjoining jamo that NFC did not compose, and ㅎㅏㄴㄱㅡㄹ
    lone jamo    compatibility jamo, wherever they stand (ㅋㅋㅋ, ㅠㅠ and ㄱ. among them)
    entity       `&nbsp;`, `&#8217;`
    unspaced     runs of more than `long_run` characters without white space and without ://;
                 Han and kana end a run
    base64       runs of 60 or more of A-Z a-z 0-9 + / = that mix all three sorts
    repeated     the same mark four or more times in a row (`-----`, `!!!!`)
"""

from functools import cache

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.text import buffers
from kormo_ds.text.words import decode

KINDS = (
    "chars",
    "replacement",
    "mojibake",
    "broken_jamo",
    "lone_jamo",
    "entity",
    "unspaced",
    "base64",
    "repeated",
)
"""Rows of what `count` returns; `chars` are all characters but white space."""
_CHARS, _REPLACED, _MOJIBAKE, _BROKEN, _LONE, _ENTITY, _UNSPACED, _BASE64, _REPEATED = range(9)
BASE64_RUN, REPEATED_RUN, _EUC_RUN, _ENTITY_LONGEST = 60, 4, 4, 10
_WINDOWS = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_FLAGS = tuple(np.uint16(1 << bit) for bit in range(16))
_SPACE, _MARK, _UPPER, _LOWER, _DIGIT, _HAN, _LATIN1, _FOLLOWS = _FLAGS[:8]
_CONSONANT, _VOWEL, _FEELING, _CONJOINING, _LOST, _BASE, _LETTER, _RARE = _FLAGS[8:]
_ONE = np.uint64(1)


def count(texts: pa.Array | pa.ChunkedArray, long_run: int = 100) -> np.ndarray:
    """The number of characters of each kind in each text, int64 [len(KINDS), n]; 0 for NULL.

    Raises:
        BadInput: another type of column.
    """
    found = buffers.of(texts)
    counts = np.zeros((len(KINDS), len(found)), np.int64)
    _count(found.data, found.offsets, found.valid, _classes(), long_run, counts)
    return counts


@cache
def _classes() -> np.ndarray:
    """Flags of each character of the basic plane, uint16; others have none."""
    flags = np.zeros(0x10000, np.uint16)
    for point in range(0x10000):
        character = chr(point)
        if character.isspace():
            flags[point] |= _SPACE
        elif not character.isalnum() and not 0x300 <= point < 0x370:
            flags[point] |= _MARK
    for first, last, flag in (
        ("A", "Z", _UPPER | _BASE),
        ("a", "z", _LOWER | _BASE),
        ("0", "9", _DIGIT | _BASE),
        ("\u3041", "\u30ff", _HAN),
        ("\u3400", "\u9fff", _HAN),
        ("\x80", "\xff", _LATIN1),
        ("\xc0", "\xff", _LETTER),
        ("\x80", "\xbf", _FOLLOWS),
        ("ㄱ", "ㅎ", _CONSONANT),
        ("ㅏ", "ㅣ", _VOWEL),
        ("\u1100", "\u11ff", _CONJOINING),
        ("\ua960", "\ua97f", _CONJOINING),
        ("\ud7b0", "\ud7ff", _CONJOINING),
        ("\ue000", "\uf01f", _LOST),
        ("\uf100", "\uf8ff", _LOST),
        ("\ufdd0", "\ufdef", _LOST),
        ("\ufffd", "\uffff", _LOST),
    ):
        flags[ord(first) : ord(last) + 1] |= flag
    for dots in (0x119E, 0x11A2):  # on Korean phones they stand for · and …
        flags[dots] &= ~_CONJOINING
    for characters, flag in (
        ("+/=", _BASE),
        ("ㅠㅜㅡㅗ", _FEELING),
        (_WINDOWS, _LATIN1 | _FOLLOWS),
    ):
        for character in characters:
            flags[ord(character)] |= flag
    for point in np.flatnonzero(flags & (_LOST | _CONJOINING)).tolist() + [*map(ord, "&/옙")]:
        flags[point] |= _RARE
    return flags


@njit(cache=True, nogil=True)
def _followers(point):  # type: ignore[no-untyped-def]
    """How many characters stand for the rest of a UTF-8 sequence that begins with this byte."""
    if 0xE0 <= point <= 0xEF:
        return 2
    if 0xF0 <= point <= 0xF4:
        return 3
    # Of two-byte sequences only those of Latin-1, Greek and Cyrillic: others are French or German.
    return 1 if point in (0xC2, 0xC3, 0xCE, 0xCF, 0xD0, 0xD1) else 0


@njit(cache=True, nogil=True)
def _entity(data, at, stop):  # type: ignore[no-untyped-def]
    """The length of the entity at the '&' of place `at`, 0 where there is none."""
    end = at + 1 + (at + 1 < stop and data[at + 1] == 0x23)
    first = end
    while end < stop and end - at <= _ENTITY_LONGEST:
        byte = data[end]
        if byte == 0x3B:
            return end + 1 - at if end - first >= 2 else 0
        if not (0x30 <= byte <= 0x39 or 0x41 <= byte <= 0x5A or 0x61 <= byte <= 0x7A):
            return 0
        end += 1
    return 0


@njit(cache=True, nogil=True)
def _mixed(data, first, end):  # type: ignore[no-untyped-def]
    """Whether ASCII characters hold two capitals, two small letters and two digits."""
    upper = lower = digit = 0
    for at in range(first, end):
        upper += 0x41 <= data[at] <= 0x5A
        lower += 0x61 <= data[at] <= 0x7A
        digit += 0x30 <= data[at] <= 0x39
    return upper >= 2 and lower >= 2 and digit >= 2


@njit(cache=True, nogil=True)
def _count(data, offsets, valid, classes, long_run, counts):  # type: ignore[no-untyped-def]
    for text in range(len(valid)):
        if not valid[text]:
            continue
        at, stop = np.uint64(offsets[text]), np.uint64(offsets[text + 1])
        chars = replaced = mojibake = broken = lone = entity = unspaced = base64 = repeated = 0
        run = base = 0  # characters without white space, and of base64, that end here
        address = False  # whether the run holds ://
        same = 0  # how often the mark before was repeated
        latin = letters = waiting = begun = utf8 = 0
        jamo = pairs = plain_pairs = conjoined = 0
        before = np.uint64(0)
        flag_before = np.uint16(0)
        while at <= stop:
            point, after, flag = np.uint64(0x20), at + _ONE, _SPACE  # a text ends as with a space
            if at < stop:
                point = np.uint64(data[at])
                if point >= 0x80:
                    decoded, following = decode(data, np.int64(at), np.int64(stop))
                    point, after = np.uint64(decoded), np.uint64(following)
                flag = classes[point] if point < 0x10000 else np.uint16(0)

            if flag & (_SPACE | _HAN):
                if run > long_run and not address:
                    unspaced += run
                run, address = 0, False
                chars += (flag & _HAN) != 0
            else:
                run += 1
                chars += 1

            if flag & _BASE:
                base += 1
            else:
                if base >= BASE64_RUN and _mixed(data, at - np.uint64(base), at):
                    base64 += base
                base = 0

            if not flag & _CONJOINING:
                conjoined = 0
            if flag & _RARE:
                if flag & _LOST:
                    replaced += 1
                elif point == 0xC619:  # 쏙옙
                    replaced += 2 * (before == 0xC3D9)
                elif flag & _CONJOINING:
                    broken += 1 if conjoined > 1 else 2 * conjoined
                    conjoined += 1
                elif point == 0x26:
                    entity += _entity(data, np.int64(at), np.int64(stop))
                elif point == 0x2F and run > 2 and data[at - _ONE] == 0x2F:
                    address |= data[at - np.uint64(2)] == 0x3A

            if flag & _LATIN1:
                latin += 1
                letters += (flag & _LETTER) != 0
                if waiting and flag & _FOLLOWS:
                    waiting -= 1
                    begun += 1
                    utf8 += begun * (waiting == 0)
                else:
                    waiting = _followers(np.int64(point))
                    begun = 1
            elif latin:
                mojibake += latin if latin >= _EUC_RUN and letters >= 2 else utf8
                latin = letters = waiting = utf8 = 0

            if flag & (_CONSONANT | _VOWEL):
                jamo += 1
                pair = (flag & _VOWEL) != 0 and (flag_before & _CONSONANT) != 0
                pairs += pair
                plain_pairs += pair and (flag & _FEELING) == 0
            elif jamo:
                lone += jamo
                broken += jamo * (pairs >= 2 and plain_pairs >= 1)
                jamo = pairs = plain_pairs = 0

            if flag & _MARK and point == before:
                same += 1
            elif same:
                repeated += (same + 1) * (same + 1 >= REPEATED_RUN)
                same = 0

            before, flag_before, at = point, flag, after
        counts[_CHARS, text], counts[_REPLACED, text] = chars, replaced
        counts[_MOJIBAKE, text], counts[_BROKEN, text] = mojibake, broken
        counts[_LONE, text], counts[_ENTITY, text] = lone, entity
        counts[_UNSPACED, text], counts[_BASE64, text] = unspaced, base64
        counts[_REPEATED, text] = repeated
