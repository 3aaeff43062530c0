"""The tables of plain text: where a boundary follows from the four characters around a place.

Plain are all characters but marks that extend others, joiners, Hebrew letters and flags: what comes
long before them does not matter. So a window of four classes answers by itself, and look-ups need
not wait for each other as those of the automaton do. The three bytes of a Hangul syllable count as
three letters, between which there never is a boundary. All tables are made from the automaton
(`kormo_ds.text.word_break`), so the rules have one source.
"""

from enum import IntEnum
from functools import cache
from itertools import product

import numpy as np

from kormo_ds.text.word_break import (
    BREAK_AT_DOUBT,
    BREAK_HERE,
    DOUBT_HERE,
    ROW,
    ROW_LENGTH,
    Class,
    State,
    automaton,
    classes,
)


class Plain(IntEnum):
    """Class of a plain character."""

    OTHER = 0
    CR = 1
    LF = 2
    NEWLINE = 3
    SPACE = 4
    LETTER = 5
    NUMERIC = 6
    KATAKANA = 7
    EXTEND_NUM_LET = 8
    MID_LETTER = 9
    MID_NUM_LET = 10
    MID_NUM = 11


FIRST_MID = int(Plain.MID_LETTER)
"""From here on marks that join only between two letters or two numbers."""
DECIDED = 15
"""Stands before a character whose own boundary was found before."""
DECODE = 1 << 8
"""A byte that begins a character of more than one byte, other than a Hangul syllable."""
_AFTER_EA = 1 << 9
"""The byte 0xEA begins a syllable if 0xB0 or more follows (U+AC00)."""
_AFTER_ED = 1 << 10
"""The byte 0xED begins one if 0x9D or less follows; the last 36 are decoded."""

_PLAIN = {
    Class.OTHER: Plain.OTHER,
    Class.PICTOGRAPH: Plain.OTHER,  # it joins after ZWJ only
    Class.DOUBLE_QUOTE: Plain.OTHER,  # it joins between Hebrew letters only
    Class.CR: Plain.CR,
    Class.LF: Plain.LF,
    Class.NEWLINE: Plain.NEWLINE,
    Class.SPACE: Plain.SPACE,
    Class.ALETTER: Plain.LETTER,
    Class.PICTOGRAPH_LETTER: Plain.LETTER,
    Class.NUMERIC: Plain.NUMERIC,
    Class.KATAKANA: Plain.KATAKANA,
    Class.EXTEND_NUM_LET: Plain.EXTEND_NUM_LET,
    Class.MID_LETTER: Plain.MID_LETTER,
    Class.MID_NUM_LET: Plain.MID_NUM_LET,
    Class.SINGLE_QUOTE: Plain.MID_NUM_LET,  # it joins to Hebrew letters in other ways too
    Class.MID_NUM: Plain.MID_NUM,
}
_STAND_FOR = {plain: kind for kind, plain in reversed(_PLAIN.items())}
_STATE = {
    Plain.CR: State.CR,
    Plain.LF: State.LINE_END,
    Plain.NEWLINE: State.LINE_END,
    Plain.SPACE: State.SPACE,
    Plain.LETTER: State.LETTER,
    Plain.NUMERIC: State.NUMERIC,
    Plain.KATAKANA: State.KATAKANA,
    Plain.EXTEND_NUM_LET: State.EXTEND_NUM_LET,
}


@cache
def tables() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What the kernel looks up.

    Returns:
        bytes_: the plain class of each byte with its flags, int64 [256].
        raised: the flags that each byte raises for the one before it, int64 [256].
        plain: the plain class of each class, int64 [32]; -1 where it has none.
        window: is there a boundary before the third of four classes, uint8 [65536], the first class
            in the highest four bits.
        rows: the automaton's row after each class, int64 [16].
        left: the class that each row of the automaton was left by, int64 [2048]; -1 where plain
            text cannot go on.
    """
    first, second = classes()
    plain = np.array([_PLAIN.get(kind, -1) for kind in range(ROW_LENGTH)], np.int64)  # type: ignore[call-overload]
    bytes_ = np.full(256, int(Plain.LETTER), np.int64)
    bytes_[:128] = plain[second[first[0]]]
    bytes_[0xC0:] |= DECODE
    bytes_[0xEA:0xEE] = int(Plain.LETTER)
    bytes_[0xEA] |= _AFTER_EA
    bytes_[0xED] |= _AFTER_ED
    raised = np.full(256, DECODE, np.int64)
    raised[:0xB0] |= _AFTER_EA
    raised[0x9E:] |= _AFTER_ED

    window = np.zeros((16, 16, 16, 16), np.uint8)
    for a, b, c, d in product(Plain, repeat=4):
        window[a, b, c, d] = _breaks(a, (b, c, d))
    window[DECIDED] = window[Plain.OTHER]

    rows = np.array([_row(kind) for kind in range(16)], np.int64)
    left = np.full(ROW + 1, -1, np.int64)
    for kind in reversed(range(FIRST_MID)):
        left[rows[kind]] = kind
    return bytes_, raised, plain, window.reshape(-1), rows, left


def _row(kind: int) -> int:
    return _STATE.get(kind, State.OTHER) * ROW_LENGTH  # type: ignore[call-overload, no-any-return]


def _breaks(before: Plain, kinds: tuple[Plain, Plain, Plain]) -> bool:
    """Whether the automaton finds a boundary before the second of `kinds`."""
    found, doubt, row = set(), 0, _row(before)
    for place, kind in enumerate(kinds):
        step = int(automaton()[row | _STAND_FOR[kind]])
        if step & BREAK_AT_DOUBT:
            found.add(doubt)
        if step & DOUBT_HERE:
            doubt = place
        if step & BREAK_HERE:
            found.add(place)
        row = step & ROW
    return 1 in found
