"""Paragraphs as sequences of hashed units, and their n-grams: what deduplication compares.

A paragraph runs from its newline (which it holds, in front) to the next, so all bytes of a text are
in one. Its units are words (UAX #29, as the reference has them) or syllables: there a unit is one
Hangul syllable, ideograph or kana, or a run of other letters or digits; white space, punctuation,
case, width, accents and the form of normalisation do not matter, and so a dropped space or NFD
changes nothing. The particles that change with the sound before them, or are left out freely, are
no units either.

Costs about 14 ns a word with words, and about 10 ns a syllable with syllables.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.text import buffers, words
from kormo_ds.text.hashes import BASE, hash_bytes, hash_ngrams, mix
from kormo_ds.text.words import decode, is_blank

UNITS = ("word", "syllable")
PARTICLES = "은는이가을를의에도로와과"
"""Syllables that are no units: subject, topic, object, possessive, place, and their variants."""

_APART, _SKIP = 0, 0xFFFF
_SALT, _WORD_SALT = np.uint64(0x8EBC6AF09C88C6E3), np.uint64(0x589965CC75374CC3)
_FIRST, _LAST = 0xAC00, 0xD7A3
_NEWLINE = 10


@dataclass(frozen=True)
class Paragraphs:
    """The paragraphs of n texts, one after another."""

    first: np.ndarray
    """int32 [n + 1]: the paragraphs of text i are `first[i]` to `first[i + 1]`."""
    ends: np.ndarray
    """int32: where each ends, in bytes from the start of its text; the first starts at 0."""
    units: np.ndarray
    """int32: units of each."""
    hashes: np.ndarray
    """uint64: the hashes of all units."""


def of(texts: pa.Array, unit: str, *, whole: bool = False) -> Paragraphs:
    """The paragraphs of each text; one that is all of the text if it is taken as a `whole`.

    Args:
        texts: string or large_string [n]; NULL has no paragraph.
        unit: one of `UNITS`.
        whole: do not cut at newlines.
    """
    found = buffers.of(texts)
    n_bytes = int(found.offsets[-1] - found.offsets[0])
    first = np.zeros(len(found) + 1, np.int32)
    if unit == "word":
        pieces = words.boundaries(texts)
        starts, ends = pieces.offsets.to_numpy(), pieces.values.to_numpy()
        room = len(ends) + len(found) + 1
        given = found.data, found.offsets, found.valid, starts, ends, whole
        kernel = _words
    else:
        room = n_bytes + len(found) + 1
        given = found.data, found.offsets, found.valid, *_folded(), whole
        kernel = _syllables
    paragraph_ends, units = np.empty(room, np.int32), np.empty(room, np.int32)
    hashes = np.empty(room, np.uint64)
    n_paragraphs, n_units = kernel(*given, first, paragraph_ends, units, hashes)
    return Paragraphs(first, paragraph_ends[:n_paragraphs], units[:n_paragraphs], hashes[:n_units])


def ngrams(found: Paragraphs, min_units: int, max_units: int) -> np.ndarray:
    """The hashes of each paragraph's n-grams, uint64, one paragraph after another.

    A paragraph of at least `max_units` has all n-grams of `max_units`; one of at least `min_units`
    is one n-gram; a shorter one has none. `n_ngrams` counts them.
    """
    counts = n_ngrams(found.units, min_units, max_units)
    out = np.empty(int(counts.sum()), np.uint64)
    _ngrams(found.units, found.hashes, min_units, max_units, out)
    return out


def n_ngrams(units: np.ndarray, min_units: int, max_units: int) -> np.ndarray:
    """The number of n-grams of paragraphs with that many units, int64."""
    long = units.astype(np.int64) - max_units + 1
    return np.where(long > 0, long, units >= min_units)


def identities(texts: pa.Array, unit: str, found: Paragraphs) -> np.ndarray:
    """One hash for each paragraph, uint64; 0 where it has no units.

    With words, equal where the paragraphs are, but for blanks and tabs around them: a copy is the
    same text. With syllables, equal where the syllables are.
    """
    out = np.zeros(len(found.units), np.uint64)
    if unit == "word":
        given = buffers.of(texts)
        _same_text(given.data, given.offsets, found.first, found.ends, found.units, out)
    else:
        _same_units(found.units, found.hashes, out)
    return out


@cache
def _folded() -> tuple[np.ndarray, np.ndarray]:
    """What each character of the basic plane is taken for, and which of these stand alone.

    Returns:
        folded: uint16 [65536]; 0 for what separates (white space, punctuation, symbols), 0xFFFF for
            what is passed over (marks, particles).
        alone: bool [65536]: one such character is a unit.
    """
    folded, alone = np.zeros(1 << 16, np.uint16), np.zeros(1 << 16, np.bool_)
    for point in range(1 << 16):
        character = chr(point)
        kind = unicodedata.category(character)
        if kind[0] == "M" or kind == "Cf" or character in PARTICLES:
            folded[point] = _SKIP
        elif kind[0] in "LN":
            plain = unicodedata.normalize("NFKD", character.casefold())
            keep = _FIRST <= point <= _LAST or 0x1100 <= ord(plain[0]) < 0x1200
            folded[point] = point if keep or ord(plain[0]) >= 1 << 16 else ord(plain[0])
            alone[point] = point >= 0x2E80 and folded[point] >= 0x2E80
    return folded, alone


@njit(cache=True, nogil=True)
def _words(data, offsets, valid, starts, pieces, whole, first, ends, units, hashes):  # type: ignore[no-untyped-def]
    n_paragraphs = n_units = 0
    for text in range(len(valid)):
        start = offsets[text]
        if valid[text]:
            before = n_units
            for piece in range(starts[text], starts[text + 1] - 1):
                left, right = start + pieces[piece], start + pieces[piece + 1]
                lead = data[left]
                if lead == 0x20 and right == left + 1:
                    continue
                if 0x20 < lead < 0xC2 or lead > 0xE3 or not is_blank(data, left, right):
                    hashes[n_units] = hash_bytes(data, left, right)
                    n_units += 1
                elif data[right - 1] == _NEWLINE and not whole and right - 1 > start:
                    ends[n_paragraphs] = right - 1 - start
                    units[n_paragraphs] = n_units - before
                    n_paragraphs += 1
                    before = n_units
            if offsets[text + 1] > start:
                ends[n_paragraphs] = offsets[text + 1] - start
                units[n_paragraphs] = n_units - before
                n_paragraphs += 1
        first[text + 1] = n_paragraphs
    return n_paragraphs, n_units


@njit(cache=True, nogil=True)
def _syllables(data, offsets, valid, folded, alone, whole, first, ends, units, hashes):  # type: ignore[no-untyped-def]
    n_paragraphs = n_units = 0
    for text in range(len(valid)):
        at: Any = offsets[text]
        start = at
        end = offsets[text + 1]
        before = n_units
        run = _WORD_SALT  # the hash of a run of letters so far; the salt itself where there is none
        while valid[text] and at < end:
            if data[at] == _NEWLINE and not whole and at > start:
                if run != _WORD_SALT:
                    hashes[n_units] = mix(run, _SALT)
                    n_units += 1
                    run = _WORD_SALT
                ends[n_paragraphs] = at - start
                units[n_paragraphs] = n_units - before
                n_paragraphs += 1
                before = n_units
            point, at = decode(data, at, end)
            if 0x1100 <= point <= 0x1112:
                point, at = _composed(data, point, at, end)
            if point < 0x10000:
                seen, single = np.int64(folded[point]), alone[point]
            elif 0x1F000 <= point < 0x1FC00:  # emoji and their like
                seen, single = np.int64(_APART), False
            else:
                seen, single = np.int64(point), True
            if seen == _SKIP:
                continue
            if run != _WORD_SALT and (single or seen == _APART):
                hashes[n_units] = mix(run, _SALT)
                n_units += 1
                run = _WORD_SALT
            if single:
                hashes[n_units] = mix(np.uint64(seen) ^ _SALT, BASE)
                n_units += 1
            elif seen != _APART:
                run = (run ^ np.uint64(seen)) * BASE
        if run != _WORD_SALT:
            hashes[n_units] = mix(run, _SALT)
            n_units += 1
        if valid[text] and end > start:
            ends[n_paragraphs] = end - start
            units[n_paragraphs] = n_units - before
            n_paragraphs += 1
        first[text + 1] = n_paragraphs
    return n_paragraphs, n_units


@njit(cache=True, nogil=True)
def _composed(data, lead, at, end):  # type: ignore[no-untyped-def]
    """The syllable that conjoining jamo make from `lead` on, and the place after them."""
    if at >= end:
        return lead, at
    vowel, after = decode(data, at, end)
    if not 0x1161 <= vowel <= 0x1175:
        return lead, at
    point = _FIRST + ((lead - 0x1100) * 21 + vowel - 0x1161) * 28
    if after < end:
        tail, further = decode(data, after, end)
        if 0x11A8 <= tail <= 0x11C2:
            return point + tail - 0x11A7, further
    return point, after


@njit(cache=True, nogil=True)
def _ngrams(units, hashes, min_units, max_units, out):  # type: ignore[no-untyped-def]
    at = unit = 0
    for paragraph in range(len(units)):
        n = units[paragraph]
        if n >= min_units:
            at = hash_ngrams(hashes, unit, unit + n, min(n, max_units), out, at)
        unit += n


@njit(cache=True, nogil=True)
def _same_text(data, offsets, first, ends, units, out):  # type: ignore[no-untyped-def]
    for text in range(len(first) - 1):
        start = offsets[text]
        for paragraph in range(first[text], first[text + 1]):
            end = offsets[text] + ends[paragraph]
            if units[paragraph]:
                left: Any = start
                right: Any = end
                while data[left] == 0x20 or 0x09 <= data[left] <= 0x0D:
                    left += 1
                while data[right - 1] == 0x20 or 0x09 <= data[right - 1] <= 0x0D:
                    right -= 1
                out[paragraph] = max(hash_bytes(data, left, right), np.uint64(1))
            start = end


@njit(cache=True, nogil=True)
def _same_units(units, hashes, out):  # type: ignore[no-untyped-def]
    unit = 0
    for paragraph in range(len(units)):
        n = units[paragraph]
        if n > 0:
            value = np.uint64(n)
            for i in range(unit, unit + n):
                value = mix(value ^ hashes[i], BASE) + BASE
            out[paragraph] = max(value, np.uint64(1))
        unit += n
