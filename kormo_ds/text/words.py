"""Words of many texts at once: UAX #29 boundaries and what is counted over them.

The kernels run over the bytes of an Arrow column (one core, no Python object per word) and give the
boundaries as an Arrow list. Piece k of a text lies between its boundaries k and k + 1; a word is a
piece that is not white space alone: a Korean eojeol with its particle is one word, a full stop is
one too. ASCII and Hangul syllables need no decoding, and each character is one table look-up.

Costs about 3 ns a byte, and four bytes of result a boundary. The first call of a process loads the
compiled code in half a second; the first after an installation compiles it for a few seconds.
Where this differs from the `regex` package: docs/steps.md.
"""

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.errors import BadInput
from kormo_ds.text import buffers
from kormo_ds.text.word_break import (
    BLOCK_BITS,
    BREAK_AT_DOUBT,
    BREAK_HERE_BIT,
    DOUBT,
    ROW,
    START,
    Class,
    automaton,
    classes,
)

WORDS = pa.list_(pa.int32())
"""The type of boundaries: for each text its byte offsets, ascending, 0 and the length included."""
LIMIT = 2**31 - 1
# numba's cache notes changes of this file only: touch it after changing what it imports from there.
_BLOCK_MASK = (1 << BLOCK_BITS) - 1
_ALETTER = np.uint8(Class.ALETTER)
_LAST_POINT = 0x10FFFF


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
    first, second = classes()
    _segment(found.data, found.offsets, found.valid, first, second, automaton(), ends, offsets[1:])
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
def _segment(data, offsets, valid, first, second, automaton, ends, list_ends):  # type: ignore[no-untyped-def]
    ascii_class = second[first[0]]
    n = 0
    for text in range(len(valid)):
        start = offsets[text]
        end = offsets[text + 1]
        if valid[text] and end > start:
            row = START
            doubt = start
            at = start
            while at < end:
                byte = data[at]
                if byte < 0x80:
                    kind = ascii_class[byte]
                    after = at + 1
                elif is_hangul(data, at, end):
                    kind = _ALETTER
                    after = at + 3
                    while is_hangul(data, after, end):  # a letter after a letter: no boundary
                        after += 3
                else:
                    point, after = decode(data, at, end)
                    kind = second[first[point >> BLOCK_BITS], point & _BLOCK_MASK]
                step = automaton[row | kind]
                if step & DOUBT:
                    if step & BREAK_AT_DOUBT:
                        ends[n] = doubt - start
                        n += 1
                    else:
                        doubt = at
                ends[n] = at - start
                n += step >> BREAK_HERE_BIT
                row = step & ROW
                at = after
            if automaton[row] & BREAK_AT_DOUBT:  # what comes is the end
                ends[n] = doubt - start
                n += 1
            ends[n] = end - start
            n += 1
        list_ends[text] = n


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


@njit(cache=True, nogil=True, inline="always")
def is_hangul(data, at, end):  # type: ignore[no-untyped-def]
    """Whether a Hangul syllable from U+AC00 to U+D77F lies at `at`; the table knows the last 36."""
    if at + 2 >= end:
        return False
    return 0xEAB0 <= (np.int64(data[at]) << 8 | data[at + 1]) <= 0xED9D  # one test: leads vary


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
