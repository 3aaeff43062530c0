"""Sentences of a line, by the rules of UAX #29 that matter for counting them.

A sentence ends at a mark of Sentence_Terminal, what closes quotes and brackets behind it included,
if white space or the end of the line follows; behind a full stop the next letter must not be a
small one (SB8), so `e.g. this` goes on. `。` and other marks outside ASCII need no white space.
What is left at the end of a line is a sentence too. Abbreviations before capitals (`Mr. Kim`) end
one, as they do for the sentencizer of spaCy where it does not know them.
"""

import numpy as np
from numba import njit

from kormo_ds.text.characters import CLOSE, LOWER, TERMINAL
from kormo_ds.text.lines import flags, left
from kormo_ds.text.words import decode

_STOP = ord(".")


@njit(cache=True, nogil=True)
def count(data, start, end, first, second):  # type: ignore[no-untyped-def]
    """int64: the sentences of the line `data[start:end]`; 0 if it is blank."""
    n = 0
    ascii_ = second[first[0]]
    at = begin = left(data, start, end, first, second)
    while at < end:
        byte = data[at]
        if byte < 0x80 and not ascii_[byte] & TERMINAL:
            at += 1
            continue
        if byte == 0xEB or byte == 0xEC:  # Hangul syllables alone begin so
            at += 3
            continue
        point, following = decode(data, at, end)
        if not flags(first, second, point) & TERMINAL:
            at = following
            continue
        mark, at = _last_mark(data, at, end, first, second)
        following = left(data, at, end, first, second)
        ends = following > at or at == end or mark >= 0x80
        if ends and mark == _STOP and following < end:
            point, _ = decode(data, following, end)
            ends = not flags(first, second, point) & LOWER
        if ends:
            n += 1
            at = begin = following
    return n + np.int64(begin < end)


@njit(cache=True, nogil=True)
def _last_mark(data, at, end, first, second):  # type: ignore[no-untyped-def]
    """The last of the marks that stand together from `at`, and the place behind what they close."""
    mark, at = decode(data, at, end)
    closing = False
    while at < end:
        point, following = decode(data, at, end)
        kind = flags(first, second, point)
        if kind & TERMINAL and not closing:
            mark = point
        elif kind & CLOSE:
            closing = True
        else:
            break
        at = following
    return mark, at
