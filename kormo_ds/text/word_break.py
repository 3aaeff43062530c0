"""UAX #29 word boundaries as an automaton: the classes of characters and one table of transitions.

A boundary is decided while reading forwards. Where a rule looks one character ahead (the full stop
of "3.14" joins only if a digit follows), the automaton enters a state of doubt, remembers the
place, and settles it with the next character that is not Extend, Format or ZWJ. So there is one
table look-up a character and no second reading.

The classes of all code points are in `word_break.npz`, written by `word_break_table`.
Source: Unicode Standard Annex #29, section 4.1.1, rules WB1 to WB999.
"""

from enum import IntEnum, auto
from functools import cache
from pathlib import Path

import numpy as np

TABLE = Path(__file__).with_name("word_break.npz")
BLOCK_BITS = 7
"""Code points of one block of the two-stage table: 2 ** 7."""


class Class(IntEnum):
    """Word_Break of a character. Format counts as Extend: no rule tells them apart."""

    OTHER = 0
    CR = auto()
    LF = auto()
    NEWLINE = auto()
    EXTEND = auto()
    ZWJ = auto()
    REGIONAL_INDICATOR = auto()
    KATAKANA = auto()
    HEBREW_LETTER = auto()
    ALETTER = auto()
    SINGLE_QUOTE = auto()
    DOUBLE_QUOTE = auto()
    MID_NUM_LET = auto()
    MID_LETTER = auto()
    MID_NUM = auto()
    NUMERIC = auto()
    EXTEND_NUM_LET = auto()
    SPACE = auto()
    PICTOGRAPH = auto()
    """Extended_Pictographic that is Other by Word_Break."""
    PICTOGRAPH_LETTER = auto()
    """Extended_Pictographic that is ALetter by Word_Break, such as U+2139."""


class State(IntEnum):
    """What is left of the place in question, Extend and its like put aside (WB4)."""

    OTHER = 0
    CR = auto()
    LINE_END = auto()
    """LF or Newline; also the start of a text, which breaks in the same way (WB1, WB3a)."""
    SPACE = auto()
    LETTER = auto()
    HEBREW = auto()
    NUMERIC = auto()
    KATAKANA = auto()
    EXTEND_NUM_LET = auto()
    REGIONAL_INDICATOR = auto()
    """The first of a pair."""
    HEBREW_QUOTE = auto()
    """Hebrew letter and apostrophe, joined by WB7a whatever follows."""
    LETTER_MID = auto()
    """In doubt: a letter and a mark that joins if a letter follows (WB6, WB7)."""
    HEBREW_DOUBLE_QUOTE = auto()
    """In doubt: joins if a Hebrew letter follows (WB7b, WB7c)."""
    NUMERIC_MID = auto()
    """In doubt: a number and a mark that joins if a number follows (WB11, WB12)."""


ROW_LENGTH = 32
ROW = 0x7FF
"""The bits of the next row: state * ROW_LENGTH, and 0x400 where the last character was ZWJ."""
DOUBT_HERE = 0x800
BREAK_AT_DOUBT = 0x1000
DOUBT = DOUBT_HERE | BREAK_AT_DOUBT
"""Never both at once."""
BREAK_HERE_BIT = 13
BREAK_HERE = 1 << BREAK_HERE_BIT
START = int(State.LINE_END) * ROW_LENGTH
_AFTER_ZWJ = 0x400

_LETTERS = {Class.ALETTER, Class.PICTOGRAPH_LETTER, Class.HEBREW_LETTER}
_NUM_LET_Q = {Class.MID_NUM_LET, Class.SINGLE_QUOTE}
_SETTLED_BY = {
    State.LETTER_MID: _LETTERS,
    State.HEBREW_QUOTE: _LETTERS,
    State.HEBREW_DOUBLE_QUOTE: {Class.HEBREW_LETTER},
    State.NUMERIC_MID: {Class.NUMERIC},
}
_ENTERED = {
    Class.CR: State.CR,
    Class.LF: State.LINE_END,
    Class.NEWLINE: State.LINE_END,
    Class.SPACE: State.SPACE,
    Class.ALETTER: State.LETTER,
    Class.PICTOGRAPH_LETTER: State.LETTER,
    Class.HEBREW_LETTER: State.HEBREW,
    Class.NUMERIC: State.NUMERIC,
    Class.KATAKANA: State.KATAKANA,
    Class.EXTEND_NUM_LET: State.EXTEND_NUM_LET,
    Class.REGIONAL_INDICATOR: State.REGIONAL_INDICATOR,
}
_WORDLIKE = _LETTERS | {Class.NUMERIC, Class.EXTEND_NUM_LET}
_JOINS = {
    State.SPACE: {Class.SPACE},  # WB3d
    State.LETTER: _WORDLIKE,  # WB5, WB9, WB13a
    State.HEBREW: _WORDLIKE,
    State.NUMERIC: _WORDLIKE,  # WB8, WB10, WB13a
    State.KATAKANA: {Class.KATAKANA, Class.EXTEND_NUM_LET},  # WB13, WB13a
    State.EXTEND_NUM_LET: _WORDLIKE | {Class.KATAKANA},  # WB13a, WB13b
}
_DOUBTS = {
    (State.LETTER, Class.MID_LETTER): State.LETTER_MID,
    (State.LETTER, Class.MID_NUM_LET): State.LETTER_MID,
    (State.LETTER, Class.SINGLE_QUOTE): State.LETTER_MID,
    (State.HEBREW, Class.MID_LETTER): State.LETTER_MID,
    (State.HEBREW, Class.MID_NUM_LET): State.LETTER_MID,
    (State.HEBREW, Class.DOUBLE_QUOTE): State.HEBREW_DOUBLE_QUOTE,
    **{(State.NUMERIC, mark): State.NUMERIC_MID for mark in _NUM_LET_Q | {Class.MID_NUM}},
}
_PAIRS = {
    (State.HEBREW, Class.SINGLE_QUOTE): State.HEBREW_QUOTE,  # WB7a
    (State.REGIONAL_INDICATOR, Class.REGIONAL_INDICATOR): State.OTHER,  # WB15, WB16
}


@cache
def automaton() -> np.ndarray:
    """The transitions, int64 [64 * 32]: what class `kind` does in the row `row` is at `row | kind`.

    A value holds the next row (`ROW`) and what is known now: `DOUBT_HERE`, remember this place;
    `BREAK_AT_DOUBT`, a boundary at the remembered place; `BREAK_HERE`, one before this character.
    """
    table = np.zeros(2 * _AFTER_ZWJ, np.int64)
    for state in State:
        for after_zwj in (False, True):
            for right in Class:
                row = state * ROW_LENGTH + after_zwj * _AFTER_ZWJ
                table[row | right] = _step(state, after_zwj, right)
    return table


@cache
def classes() -> tuple[np.ndarray, np.ndarray]:
    """The two-stage table of classes: (first uint8 [8704], second uint8 [blocks, 128]).

    The class of code point c is `second[first[c >> BLOCK_BITS], c & 127]`.
    """
    with np.load(TABLE) as table:
        return table["first"], table["second"]


def _step(left: State, after_zwj: bool, right: Class) -> int:
    enter = _ENTERED.get(right, State.OTHER) * ROW_LENGTH
    zwj = _AFTER_ZWJ if right == Class.ZWJ else 0
    if left == State.CR and right == Class.LF:  # WB3
        return enter
    if left in (State.CR, State.LINE_END):  # WB3a, and WB1 at the start of a text
        return BREAK_HERE | enter | zwj
    if right in _SETTLED_BY.get(left, ()):
        return enter
    doubt = BREAK_AT_DOUBT if left in _DOUBTS.values() else 0
    if after_zwj and right in (Class.PICTOGRAPH, Class.PICTOGRAPH_LETTER):  # WB3c
        return doubt | enter
    if right in (Class.EXTEND, Class.ZWJ):  # WB4; WB3d wants its two spaces side by side
        kept = State.OTHER if left == State.SPACE else left
        return kept * ROW_LENGTH | zwj
    if (left, right) in _DOUBTS:
        return DOUBT_HERE | _DOUBTS[left, right] * ROW_LENGTH
    if (left, right) in _PAIRS:
        return _PAIRS[left, right] * ROW_LENGTH
    if right in _JOINS.get(left, ()):
        return enter
    return doubt | BREAK_HERE | enter  # WB3b, WB999
