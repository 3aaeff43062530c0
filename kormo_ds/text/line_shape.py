"""Lines of many texts at once: where each lies, and what its characters are.

One pass over the bytes of an Arrow column; each line costs thirteen int64 of result and no Python
object. A line ends with its newline; the last one may lack it. Fenced code (CommonMark, section
4.5), headings (4.2) and lines indented by four spaces or a tab are told apart from prose, since
rules for prose would tear them to pieces. Costs about 3 ns a byte.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.text import buffers
from kormo_ds.text.words import decode

PROSE, FENCED, INDENTED, HEADING = 0, 1, 2, 3
_SPACE, _WORD, _UPPER, _DIGIT, _EAST, _SIGN = (np.uint8(1 << bit) for bit in range(6))
_PLANE = 0x10000
_TEXT, _START, _END, _FIRST, _LAST, _PLACE = range(6)
_WORDS, _CHARS, _UPPERS, _DIGITS, _EASTERN, _SOLID, _SIGNS = range(6, 13)
_NEWLINE, _TAB, _BLANK = 0x0A, 0x09, 0x20
_TICK, _TILDE, _SHARP = 0x60, 0x7E, 0x23
_ONE, _FOUR = np.uint64(1), np.uint64(4)


@dataclass(frozen=True)
class Lines:
    """n lines of all texts of a column, in order; every array is int64 [n]."""

    texts: buffers.Texts
    table: np.ndarray
    """int64 [13, n]: the columns below."""

    def __len__(self) -> int:
        return int(self.table.shape[1])

    @property
    def text(self) -> np.ndarray:
        """The number of the text that the line is of."""
        return self._row(_TEXT)

    @property
    def start(self) -> np.ndarray:
        """Byte offset of the line in its text."""
        return self._row(_START)

    @property
    def end(self) -> np.ndarray:
        """Byte offset after its newline, if it has one."""
        return self._row(_END)

    @property
    def place(self) -> np.ndarray:
        """PROSE, FENCED (the fences too), INDENTED or HEADING (of Markdown, `## so`)."""
        return self._row(_PLACE)

    @property
    def n_words(self) -> np.ndarray:
        """Pieces between white space that hold a letter or a digit."""
        return self._row(_WORDS)

    @property
    def n_chars(self) -> np.ndarray:
        """Code points from the first to the last that is not white space."""
        return self._row(_CHARS)

    @property
    def n_uppercase(self) -> np.ndarray:
        """Of them, uppercase letters."""
        return self._row(_UPPERS)

    @property
    def n_digits(self) -> np.ndarray:
        """Of them, decimal digits of any script."""
        return self._row(_DIGITS)

    @property
    def n_east_asian(self) -> np.ndarray:
        """Of them, Hangul syllables, kana and Han characters (of the basic plane)."""
        return self._row(_EASTERN)

    @property
    def n_solid(self) -> np.ndarray:
        """Of them, those that are not white space."""
        return self._row(_SOLID)

    @property
    def n_code_signs(self) -> np.ndarray:
        """Of them, those that prose hardly needs: `{}<>;$@"`."""
        return self._row(_SIGNS)

    def _row(self, number: int) -> np.ndarray:
        row: np.ndarray = self.table[number]
        return row

    def strings(self, chosen: np.ndarray) -> pa.Array:
        """The lines of the numbers `chosen`, without white space around them, large_string."""
        base = self.texts.offsets[self.text[chosen]]
        firsts, lasts = base + self.table[_FIRST, chosen], base + self.table[_LAST, chosen]
        offsets = np.zeros(len(chosen) + 1, np.int64)
        np.cumsum(lasts - firsts, out=offsets[1:])
        copied = np.empty(offsets[-1], np.uint8)
        _cut(self.texts.data, firsts, offsets, copied)
        parts = [None, pa.py_buffer(offsets), pa.py_buffer(copied)]
        return pa.Array.from_buffers(pa.large_string(), len(chosen), parts)

    def per_text(self, values: np.ndarray) -> np.ndarray:
        """The sum of `values` [n] over the lines of each text, int64."""
        sums = np.bincount(self.text, weights=values, minlength=len(self.texts))
        return sums.astype(np.int64)


def of(texts: pa.Array | pa.ChunkedArray) -> Lines:
    """The lines of a string or large_string column; NULL and '' have none.

    Raises:
        BadInput: another type of column.
    """
    found = buffers.of(texts)
    seen = found.data[found.offsets[0] : found.offsets[-1]]
    table = np.empty((13, np.count_nonzero(seen == _NEWLINE) + len(found)), np.int64)
    n = _shape(found.data, found.offsets, found.valid, _kinds(), table)
    return Lines(found, table[:, :n])


@cache
def _kinds() -> np.ndarray:
    """What each character of the basic plane is, uint8; beyond it `_kind` decides."""
    kinds = np.zeros(_PLANE, np.uint8)
    for point in range(_PLANE):
        character = chr(point)
        if character.isspace() and not 0x1C <= point <= 0x1F:
            kinds[point] = _SPACE
        elif character.isdecimal():
            kinds[point] = _WORD | _DIGIT
        elif character.isalpha():
            kinds[point] = _WORD | (_UPPER if character.isupper() else 0)
    kinds[[ord(sign) for sign in '{}<>;$@"']] |= _SIGN
    for first, last in ((0x3041, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7A3)):
        kinds[first : last + 1] |= _EAST
    return kinds


@njit(cache=True, nogil=True)
def _kind(kinds, point):  # type: ignore[no-untyped-def]
    if point < _PLANE:
        return kinds[point]
    return np.uint8(0 if 0x1F000 <= point < 0x1FB00 or point >= 0xE0000 else _WORD)


@njit(cache=True, nogil=True)
def _fence(data, at, end):  # type: ignore[no-untyped-def]
    """The mark and length of a fence that begins at `at`, (0, 0) where there is none."""
    mark = data[at]
    run = at
    while run < end and data[run] == mark:
        run += 1
    if run - at < 3 or (mark != _TICK and mark != _TILDE):
        return np.int64(0), np.int64(0)
    if mark == _TICK:
        for rest in range(run, end):
            if data[rest] == _TICK:  # code inside of one line
                return np.int64(0), np.int64(0)
    return np.int64(mark), run - at


@njit(cache=True, nogil=True)
def _is_heading(data, at, end):  # type: ignore[no-untyped-def]
    run = at
    while run < end and data[run] == _SHARP:
        run += _ONE
    return 1 <= run - at <= 6 and (run == end or data[run] == _BLANK or data[run] == _TAB)


@njit(cache=True, nogil=True)
def _four_spaces(data, start, first):  # type: ignore[no-untyped-def]
    found = start + _FOUR <= first
    for at in range(start, min(start + _FOUR, first)):
        found &= data[at] == _BLANK
    return found


@njit(cache=True, nogil=True)
def _shape(data, offsets, valid, kinds, table):  # type: ignore[no-untyped-def]
    n = np.uint64(0)
    for text in range(len(valid)):
        if not valid[text]:
            continue
        base, stop = np.uint64(offsets[text]), np.uint64(offsets[text + 1])
        fence, length = np.int64(0), np.int64(0)
        start = at = base
        while start < stop:
            first = last = start
            words = chars = uppers = digits = eastern = solid = signs = trailing = 0
            in_word = False
            while at < stop and data[at] != _NEWLINE:
                after = at + _ONE
                if data[at] < 0x80:
                    kind = kinds[data[at]]
                else:
                    point, following = decode(data, np.int64(at), np.int64(stop))
                    kind, after = _kind(kinds, point), np.uint64(following)
                if kind & _SPACE:
                    in_word = False
                    trailing += 1
                else:
                    if chars == 0:
                        first, trailing = at, 0
                    chars += 1 + trailing
                    solid += 1
                    trailing = 0
                    last = after
                    is_word = (kind & _WORD) != 0
                    words += is_word and not in_word
                    in_word |= is_word
                    uppers += (kind & _UPPER) != 0
                    digits += (kind & _DIGIT) != 0
                    eastern += (kind & _EAST) != 0
                    signs += (kind & _SIGN) != 0
                at = after
            end = at + _ONE if at < stop else at
            place = FENCED if fence else PROSE
            if chars:
                mark, run = _fence(data, np.int64(first), np.int64(last))
                closes = fence == mark and run >= length and np.int64(first) + run == np.int64(last)
                if fence and closes:
                    fence, length = np.int64(0), np.int64(0)
                elif not fence and mark:
                    fence, length, place = mark, run, FENCED
            if place == PROSE and chars:
                if data[start] == _TAB or _four_spaces(data, start, first):
                    place = INDENTED
                elif _is_heading(data, first, last):
                    place = HEADING
            table[_TEXT, n] = text
            table[_START, n], table[_END, n] = start - base, end - base
            table[_FIRST, n], table[_LAST, n], table[_PLACE, n] = first - base, last - base, place
            table[_WORDS, n], table[_CHARS, n], table[_UPPERS, n] = words, chars, uppers
            table[_DIGITS, n], table[_EASTERN, n] = digits, eastern
            table[_SOLID, n], table[_SIGNS, n] = solid, signs
            n += _ONE
            start = at = end
    return n


@njit(cache=True, nogil=True)
def _cut(data, firsts, offsets, copied):  # type: ignore[no-untyped-def]
    for line in range(len(firsts)):
        first, at = firsts[line], offsets[line]
        for byte in range(offsets[line + 1] - at):
            copied[at + byte] = data[first + byte]
