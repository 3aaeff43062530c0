"""C4's rules for lines: each line that is not blank falls under the first that holds.

Source: Raffel et al. 2020 (T5, section 2.2) and its code, in the order and with the details of
datatrove: a line is stripped; its words are what white space parts; citations such as `[12]` do not
hide the mark before them. Phrases are found whatever the case of their ASCII letters. Costs about
2 ns a byte.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.text import buffers, characters, code_points, lines, phrases, sentences
from kormo_ds.text.characters import SPACE
from kormo_ds.text.lines import find, flags, left, right
from kormo_ds.text.words import decode

POLICY = (
    *("terms of use", "privacy policy", "cookie policy"),
    *("uses cookies", "use of cookies", "use cookies"),
)
_LOREM_IPSUM, _JAVASCRIPT, _BRACE, _POLICY = 1, 2, 4, 8
_PHRASES = {"lorem ipsum": _LOREM_IPSUM, "javascript": _JAVASCRIPT, "{": _BRACE} | dict.fromkeys(
    POLICY, _POLICY
)
CITATIONS = ("[edit]", "[citation needed]")
"""Beside numbers, `[12]`, and `[]`."""
_TERMINALS = np.frombuffer(b".?!\"'", np.uint8)
_EDIT, _NEEDED = (np.frombuffer(phrase.encode(), np.uint8) for phrase in CITATIONS)
_LONG_WORD, _NO_TERMINAL, _FEW_WORDS, _LOREM, _SCRIPT, _BRACES, _POLICIES, _KEPT = range(8)


class C4Lines(NamedTuple):
    """Counts of each text, int64 [n]: of lines by the first rule that holds, in this order."""

    long_word: np.ndarray
    no_terminal: np.ndarray
    few_words: np.ndarray
    lorem_ipsum: np.ndarray
    javascript: np.ndarray
    brace: np.ndarray
    policy: np.ndarray
    kept: np.ndarray
    """Lines that no rule holds for."""
    sentences: np.ndarray
    """Sentences in those."""
    braces: np.ndarray
    """`{` anywhere in the text, in lines of any kind."""


def of(
    texts: pa.Array | pa.ChunkedArray, longest_word: int, fewest_words: int, terminal: bool
) -> C4Lines:
    """Sort the lines of string or large_string [n].

    Args:
        texts: the texts.
        longest_word: code points that a word may have.
        fewest_words: words that a line must have.
        terminal: whether a line must end in one of `.?!"'` and not in `...`.
    """
    found = buffers.of(texts)
    counts = np.zeros((len(C4Lines._fields), len(found)), np.int64)
    limits = longest_word, fewest_words, terminal
    tables = *characters.tables(), *phrases.tables(_PHRASES)
    _count(found.data, found.offsets, found.valid, *limits, *tables, counts)
    return C4Lines(*counts)


@njit(cache=True, nogil=True)
def _count(  # type: ignore[no-untyped-def]
    data, offsets, valid, longest, fewest, terminal,
    first, second, letters, places, rarest, bits, groups, begins, counts,
):  # fmt: skip
    for text in range(len(valid)):
        if not valid[text]:
            continue
        at, end = offsets[text], offsets[text + 1]
        counts[9, text] = lines.count(data, at, end, ord("{"))
        while at < end:
            stop = find(data, at, end)
            inner = left(data, at, stop, first, second)
            outer = right(data, inner, stop, first, second)
            if inner < outer:
                rule = _form(data, inner, outer, longest, fewest, terminal, first, second)
                if rule == _KEPT:
                    found = phrases.within(
                        data, inner, outer, letters, places, rarest, bits, groups, begins
                    )
                    rule = _content(found)
                counts[rule, text] += 1
                if rule == _KEPT:
                    counts[8, text] += sentences.count(data, inner, outer, first, second)
            at = stop + 1


@njit(cache=True, nogil=True)
def _form(data, start, end, longest, fewest, terminal, first, second):  # type: ignore[no-untyped-def]
    """The rule about words and marks that holds for a stripped line, or `_KEPT`."""
    if end - start > longest and _has_long_word(data, start, end, longest, first, second):
        return _LONG_WORD
    if terminal and not _is_finished(data, start, end):
        return _NO_TERMINAL
    at = start
    for _ in range(fewest):
        if at == end:
            return _FEW_WORDS
        at = left(data, _word(data, at, end, first, second), end, first, second)
    return _KEPT


@njit(cache=True, nogil=True)
def _has_long_word(data, start, end, longest, first, second):  # type: ignore[no-untyped-def]
    at = start
    while at < end:
        stop = _word(data, at, end, first, second)
        if stop - at > longest and code_points.count(data, at, stop) > longest:
            return True
        at = left(data, stop, end, first, second)
    return False


@njit(cache=True, nogil=True)
def _content(found):  # type: ignore[no-untyped-def]
    """The rule that the bits of the phrases in a line stand for, or `_KEPT`."""
    if found & _LOREM_IPSUM:
        return _LOREM
    if found & _JAVASCRIPT:
        return _SCRIPT
    if found & _BRACE:
        return _BRACES
    return _POLICIES if found & _POLICY else _KEPT


@njit(cache=True, nogil=True)
def _word(data, start, end, first, second):  # type: ignore[no-untyped-def]
    """The end of what begins at `start` and holds no white space."""
    at = start
    while at < end:
        byte = data[at]
        if byte <= 0x20 or 0xC2 <= byte <= 0xE3:
            point, following = decode(data, at, end)
            if flags(first, second, point) & SPACE:
                return at
            at = following
        else:
            at += 1  # continuation bytes, and characters of which none is white space
    return end


@njit(cache=True, nogil=True)
def _is_finished(data, start, end):  # type: ignore[no-untyped-def]
    """Whether the line ends in a terminal mark and not in `...`, citations left out."""
    end = _without_citations(data, start, end)
    if end == start:
        return False
    if data[end - 1] == _TERMINALS[0]:
        return not (end - start >= 3 and data[end - 2] == data[end - 3] == _TERMINALS[0])
    found = False
    for mark in _TERMINALS:
        found |= data[end - 1] == mark
    return found


@njit(cache=True, nogil=True)
def _without_citations(data, start, end):  # type: ignore[no-untyped-def]
    while end > start and data[end - 1] == ord("]"):
        at = end - 1
        while at > start and 0x30 <= data[at - 1] <= 0x39:
            at -= 1
        if at > start and data[at - 1] == ord("["):
            end = at - 1
        elif _ends_with(data, start, end, _EDIT):
            end -= len(_EDIT)
        elif _ends_with(data, start, end, _NEEDED):
            end -= len(_NEEDED)
        else:
            break
    return end


@njit(cache=True, nogil=True)
def _ends_with(data, start, end, phrase):  # type: ignore[no-untyped-def]
    if end - start < len(phrase):
        return False
    differs = False
    for place in range(len(phrase)):
        differs |= data[end - len(phrase) + place] != phrase[place]
    return not differs
