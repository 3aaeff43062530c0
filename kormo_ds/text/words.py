"""Words of many texts at once: UAX #29 boundaries and what is counted over them.

The kernels run over the bytes of an Arrow column (one core, no Python object per word) and give the
boundaries as an Arrow list. Piece k of a text lies between its boundaries k and k + 1; a word is a
piece that is not white space alone: a Korean eojeol with its particle is one word, a full stop is
one too. Plain text goes by windows of four characters (`plain_text`), which for ASCII and Hangul is
two look-ups a byte and no decoding; the automaton of `word_break` takes over for the rest.

Costs about 1 ns a byte, 2 in scripts that must be decoded, and four bytes of result a boundary. The
first call of a process loads the compiled code in half a second; the first after an installation
compiles it for a few seconds. These are the words of `regex` too, from its release 2026.11.18 on.
"""

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.errors import BadInput
from kormo_ds.text import buffers, plain_text
from kormo_ds.text.plain_text import DECIDED, DECODE, FIRST_MID
from kormo_ds.text.word_break import (
    BLOCK_BITS,
    BREAK_AT_DOUBT,
    BREAK_HERE_BIT,
    DOUBT,
    ROW,
    START,
    automaton,
    classes,
)

WORDS = pa.list_(pa.int32())
"""The type of boundaries: for each text its byte offsets, ascending, 0 and the length included."""
LIMIT = 2**31 - 1
# numba's cache notes changes of this file only: touch it after changing what it imports from there.
_BLOCK_MASK = (1 << BLOCK_BITS) - 1
_LAST_POINT = 0x10FFFF
_ZERO, _ONE, _FOUR = np.uint64(0), np.uint64(1), np.uint64(4)
_CLASS, _WINDOW = np.uint64(0xF), np.uint64(0xFFFF)


def boundaries(texts: pa.Array | pa.ChunkedArray) -> pa.ListArray:
    """Word boundaries of each text, in bytes from its start.

    Args:
        texts: string or large_string [n], valid UTF-8 as Arrow demands; sliced or chunked as well.

    Returns:
        `WORDS` [n]: [0, …, number of bytes] for a text, [] for an empty one, NULL for NULL.

    Raises:
        BadInput: not text, or too much for the 32-bit offsets of one Arrow list.
    """
    found = buffers.of(texts)
    n_bytes = int(found.offsets[-1] - found.offsets[0])
    if n_bytes + len(found) > LIMIT:
        raise BadInput(
            f"{n_bytes:,} bytes of text in one batch exceed the {LIMIT:,} that one Arrow list can "
            "hold boundaries of; read smaller batches"
        )
    ends = np.empty(n_bytes + len(found), np.int32)  # untouched pages cost nothing
    offsets = np.zeros(len(found) + 1, np.int32)
    tables = classes(), automaton(), plain_text.tables()
    _segment(found.data, found.offsets, found.valid, *tables, ends, offsets[1:])
    values = pa.Array.from_buffers(pa.int32(), int(offsets[-1]), [None, pa.py_buffer(ends)])
    parts = [buffers.validity(found.valid), pa.py_buffer(offsets)]
    return pa.Array.from_buffers(WORDS, len(found), parts, children=[values])


def count(texts: pa.Array | pa.ChunkedArray, words: pa.ListArray) -> pa.Int64Array:
    """The number of words of each text, NULL for NULL; `words` are its `boundaries`."""
    found = buffers.of(texts)
    numbers = np.zeros(len(found), np.int64)
    _count(found.data, found.offsets, found.valid, *_lists(words), numbers)
    return pa.array(numbers, mask=~found.valid)


def _lists(words: pa.ListArray) -> tuple[np.ndarray, np.ndarray]:
    """Offsets int32 [n + 1] and values int32 of a list array, sliced or not."""
    return words.offsets.to_numpy(), words.values.to_numpy()


@njit(cache=True, nogil=True)
def _segment(data, offsets, valid, classes, automaton, plain, ends, list_ends):  # type: ignore[no-untyped-def]
    first, second = classes
    bytes_, raised, kinds, window, rows, left = plain
    n = _ZERO
    for text in range(len(valid)):
        start = np.uint64(offsets[text])  # numba tests whether a signed index is negative
        end = np.uint64(offsets[text + 1])
        if valid[text] and end > start:
            row = START
            doubt = at = start
            while at < end:
                if left[row] >= 0 and not bytes_[data[at]] & DECODE:
                    at, seen, n = _plain(
                        data, start, at, end, left[row],
                        first, second, bytes_, raised, kinds, window, ends, n,
                    )  # fmt: skip
                    if at == end:
                        row = START
                        break
                    row = rows[seen]
                point, following = decode(data, np.int64(at), offsets[text + 1])
                step = automaton[row | second[first[point >> BLOCK_BITS], point & _BLOCK_MASK]]
                if step & DOUBT:
                    if step & BREAK_AT_DOUBT:
                        ends[n] = doubt - start
                        n += _ONE
                    else:
                        doubt = at
                ends[n] = at - start
                n += np.uint64(step >> BREAK_HERE_BIT)
                row = step & ROW
                at = np.uint64(following)
            if automaton[row] & BREAK_AT_DOUBT:  # what comes is the end
                ends[n] = doubt - start
                n += _ONE
            ends[n] = end - start
            n += _ONE
        list_ends[text] = n


@njit(cache=True, nogil=True)
def _plain(  # type: ignore[no-untyped-def]
    data, start, at, end, left, first, second, bytes_, raised, kinds, window, ends, n
):
    """Boundaries from `at` to the first character that is not plain, or to `end`.

    Returns where the automaton goes on, the class that stands before that place, and the number of
    boundaries. A mark that may join to what is not plain is given back to the automaton.
    """
    last = end - _ONE
    before = at
    seen = np.uint64(DECIDED << 4 | left)
    while at < end:
        while at < last:
            byte = bytes_[data[at]]
            if byte & raised[data[at + _ONE]]:
                break
            seen = seen << _FOUR | np.uint64(byte & 15)
            ends[n] = before - start
            n += np.uint64(window[seen & _WINDOW])
            before = at
            at += _ONE
        kind = bytes_[data[at]]
        after = at + _ONE
        if at < last or kind >= DECODE:
            point, following = decode(data, np.int64(at), np.int64(end))
            after = np.uint64(following)
            kind = kinds[second[first[point >> BLOCK_BITS], point & _BLOCK_MASK]]
            if kind < 0:
                break
        seen = seen << _FOUR | np.uint64(kind)
        ends[n] = before - start
        n += np.uint64(window[seen & _WINDOW])
        before = at
        at = after
    if at < end and seen & _CLASS >= FIRST_MID:
        return before, seen >> _FOUR & _CLASS, n
    ends[n] = before - start
    n += np.uint64(window[seen << _FOUR & _WINDOW])
    return at, seen & _CLASS, n


@njit(cache=True, nogil=True)
def _count(data, offsets, valid, list_offsets, ends, numbers):  # type: ignore[no-untyped-def]
    for text in range(len(valid)):
        start = offsets[text]
        if valid[text]:
            n = 0
            for piece in range(list_offsets[text], list_offsets[text + 1] - 1):
                lead = data[start + ends[piece]]
                if 0x20 < lead < 0xC2 or lead > 0xE3:  # no white space begins so
                    n += 1
                elif lead != 0x20 or ends[piece + 1] - ends[piece] > 1:
                    n += not is_blank(data, start + ends[piece], start + ends[piece + 1])
            numbers[text] = n


@njit(cache=True, nogil=True)
def decode(data, at, end):  # type: ignore[no-untyped-def]
    """The code point at `at` and the place after it; never reads at `end` or beyond."""
    lead = np.int64(data[at])
    if lead < 0xC0:
        return lead, at + 1
    if at + 1 < end and lead < 0xE0:
        return (lead & 0x1F) << 6 | (data[at + 1] & 0x3F), at + 2
    if at + 2 < end and lead < 0xF0:
        return (lead & 0x0F) << 12 | (data[at + 1] & 0x3F) << 6 | (data[at + 2] & 0x3F), at + 3
    if at + 3 < end:
        point = (lead & 0x07) << 18 | (data[at + 1] & 0x3F) << 12 | (data[at + 2] & 0x3F) << 6
        return min(point | (data[at + 3] & 0x3F), _LAST_POINT), at + 4
    return np.int64(0), end


@njit(cache=True, nogil=True)
def is_blank(data, start, end):  # type: ignore[no-untyped-def]
    """Whether `data[start:end]` holds nothing but characters of the White_Space property."""
    at = start
    while at < end:
        byte = data[at]
        if byte == 0x20 or (0x09 <= byte <= 0x0D):
            at += 1
        elif byte < 0xC2 or byte > 0xE3:
            return False
        else:
            point, at = decode(data, at, end)
            if not (
                point == 0x85
                or point == 0xA0
                or point == 0x1680
                or (0x2000 <= point <= 0x200A)
                or point == 0x2028
                or point == 0x2029
                or point == 0x202F
                or point == 0x205F
                or point == 0x3000
            ):
                return False
    return True
