"""Where personal data could be: windows of bytes around '@', long numbers and addresses.

One compiled pass over the bytes of an Arrow column. A window holds what is needed to decide: 64
bytes before what was seen, 16 after it, cut at line ends and between characters. Windows that touch
are one. Costs about 1 ns a byte.
"""

import numpy as np
from numba import njit

from kormo_ds.text.buffers import Texts

EMAIL, NUMBER, IPV4, IPV6 = 1, 2, 4, 8
"""What was seen in a window; bits of its flags."""
BEFORE, AFTER, AFTER_AT = 64, 16, 256
"""Bytes of a window before and after a number, and after an '@'."""
_MIN_DIGITS = 9
"""Of the shortest number that is looked for: 02-123-4567."""
_MAX_SEPARATORS = 3
"""Separators in a row inside a number: `(02) 123`, `010 - 1234`."""
_SKIP, _SEPARATOR, _DIGIT, _AT, _COLON, _LEAD = 0, 1, 2, 3, 4, 5
_FIRST = _DIGIT
"""From here on classes are looked at; separators matter after a digit only."""


def _classes() -> np.ndarray:
    """The class of each byte; lead bytes of full-width forms and dashes are looked at further."""
    table = np.zeros(256, np.uint8)
    table[list(b"0123456789")] = _DIGIT
    table[list(b" -.()+")] = _SEPARATOR
    table[ord("@")] = _AT
    table[ord(":")] = _COLON
    table[[0xC2, 0xE2, 0xE3, 0xEF]] = _LEAD
    return table


_CLASSES = _classes()


def windows(texts: Texts) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Windows of all texts, ascending and apart.

    Returns:
        int32 text number, int64 start and end in `texts.data`, uint8 flags; each [n].
    """
    numbers, starts, ends, flags = _scan(texts.data, texts.offsets, texts.valid, _CLASSES)
    return numbers, starts, ends, flags


@njit(cache=True, nogil=True)
def _scan(data, offsets, valid, classes):  # type: ignore[no-untyped-def]
    room = 64
    numbers, flags = np.empty(room, np.int32), np.empty(room, np.uint8)
    starts, ends = np.empty(room, np.int64), np.empty(room, np.int64)
    n = 0
    for text in range(len(valid)):
        if not valid[text]:
            continue
        first, end = offsets[text], offsets[text + 1]
        at = first
        while True:
            at = np.int64(_next(data, np.uint64(at), np.uint64(end), classes))
            if at == end:
                break
            kind = np.int64(classes[data[at]])
            start, width, flag, after = at, 1, 0, AFTER
            if kind == _LEAD:
                kind, width = _wide(data, at, end)
            if kind == _DIGIT:
                at, flag = _number(data, at, end, classes)
            else:
                if kind == _AT:
                    flag, after = EMAIL, AFTER_AT
                elif kind == _COLON and _begins_ipv6(data, first, at):
                    flag, after = IPV6, 48
                at += width
            if flag:
                left, right = _around(data, first, end, start, at, after)
                if n and numbers[n - 1] == text and left <= ends[n - 1]:
                    ends[n - 1] = max(ends[n - 1], right)
                    flags[n - 1] |= flag
                    continue
                if n == room:
                    room *= 2
                    numbers, flags = _grown(numbers, room), _grown(flags, room)
                    starts, ends = _grown(starts, room), _grown(ends, room)
                numbers[n], starts[n], ends[n], flags[n] = text, left, right, flag
                n += 1
    return numbers[:n], starts[:n], ends[:n], flags[:n]


@njit(cache=True, nogil=True)
def _next(data, at, end, classes):  # type: ignore[no-untyped-def]
    """The first place from `at` on that is not skipped, or `end`; unsigned."""
    while at < end and classes[data[at]] < _FIRST:
        at += np.uint64(1)
    return at


@njit(cache=True, nogil=True)
def _grown(array, room):  # type: ignore[no-untyped-def]
    larger = np.empty(room, array.dtype)
    larger[: len(array)] = array
    return larger


@njit(cache=True, nogil=True)
def _wide(data, at, end):  # type: ignore[no-untyped-def]
    """Class and width in bytes of a full-width digit, sign or '@', a dash, or a wide space."""
    lead = data[at]
    if lead == 0xC2:
        is_space = at + 1 < end and data[at + 1] == 0xA0
        return (_SEPARATOR if is_space else _SKIP), 2
    if at + 2 >= end:
        return _SKIP, 1
    second, third = data[at + 1], data[at + 2]
    if lead == 0xEF and second == 0xBC:  # full-width forms
        if 0x90 <= third <= 0x99:
            return _DIGIT, 3
        if third == 0xA0:
            return _AT, 3
        if third == 0x88 or third == 0x89 or third == 0x8B or third == 0x8D or third == 0x8E:
            return _SEPARATOR, 3
    elif lead == 0xE2:
        if (second == 0x80 and 0x90 <= third <= 0x95) or (second == 0x88 and third == 0x92):
            return _SEPARATOR, 3
    elif lead == 0xE3 and (
        (second == 0x80 and third == 0x80) or (second == 0x85 and third == 0xA1)
    ):
        return _SEPARATOR, 3  # the wide space, and the vowel ㅡ, which is typed for a dash
    return _SKIP, 3


@njit(cache=True, nogil=True)
def _number(data, at, end, classes):  # type: ignore[no-untyped-def]
    """The end of digits with separators between them, and the flags of what they could be."""
    digits = dots = separators = 0
    after_digit = at
    while at < end:
        byte = data[at]
        kind, width = classes[byte], 1
        if kind == _LEAD:
            kind, width = _wide(data, at, end)
        if kind == _DIGIT:
            digits += 1
            separators = 0
            after_digit = at + width
        elif kind == _SEPARATOR:
            separators += 1
            dots += byte == 0x2E
            if separators > _MAX_SEPARATORS:
                break
        else:
            break
        at += width
    flag = 0
    if digits >= _MIN_DIGITS:
        flag |= NUMBER
    if dots >= 3 and digits >= 4:
        flag |= IPV4
    return after_digit, flag


@njit(cache=True, nogil=True)
def _begins_ipv6(data, first, at):  # type: ignore[no-untyped-def]
    """Whether four hexadecimal digits of a global address, 2xxx or 3xxx, stand before `at`."""
    if at - first < 4 or not 0x32 <= data[at - 4] <= 0x33:
        return False
    for place in range(at - 3, at):
        byte = data[place]
        if not (0x30 <= byte <= 0x39 or 0x61 <= (byte | 0x20) <= 0x66):
            return False
    if at - first == 4:
        return True
    byte = data[at - 5]
    return not (0x30 <= byte <= 0x3A or 0x61 <= (byte | 0x20) <= 0x7A)


@njit(cache=True, nogil=True)
def _around(data, first, end, start, stop, after):  # type: ignore[no-untyped-def]
    """The window of `start` to `stop`: some bytes more, on the same line, whole characters."""
    left = start
    while left > first and start - left < BEFORE and data[left - 1] != 0x0A:
        left -= 1
    while left > first and data[left] & 0xC0 == 0x80:
        left -= 1
    right = stop
    while right < end and right - stop < after and data[right] != 0x0A:
        right += 1
    while right < end and data[right] & 0xC0 == 0x80:
        right += 1
    return left, right
