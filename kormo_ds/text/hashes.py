"""64-bit hashes of byte ranges and of n-grams, for kernels that compare texts without their text.

A word is read eight bytes at a time and mixed by folded multiplication, as wyhash and rapidhash
do; an n-gram's hash is a polynomial of its words' hashes, so it rolls: one word in, one word out,
whatever n is. Two different words have the same hash with a chance of 2**-64. Costs 10 to 15 ns a
word.

The hashes are stored (Bloom filters, signatures): whoever changes one raises the version of each
step that stores it. `WordHashes` gives the hashes of a batch once to all steps of a scan.
"""

from typing import Any

import numpy as np
import pyarrow as pa
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from kormo_ds.text import buffers
from kormo_ds.text.words import is_blank

HASHES = pa.list_(pa.uint64())
"""The type of word hashes: one for each word of a text, in order, without white space pieces."""
BASE = np.uint64(0x9E3779B97F4A7C15)
"""Of the polynomial of an n-gram; odd, so that no word is lost modulo 2**64."""
_P0, _P1 = np.uint64(0xA0761D6478BD642F), np.uint64(0xE7037ED1A0B428DB)
_EIGHT, _SIXTEEN, _FOUR = np.uint64(8), np.uint64(16), np.uint64(4)
_ZERO, _ONE, _HALF = np.uint64(0), np.uint64(1), np.uint64(32)


def of_words(texts: pa.Array | pa.ChunkedArray, words: pa.ListArray) -> pa.ListArray:
    """The hash of each word of each text.

    Args:
        texts: string or large_string [n].
        words: their `words.boundaries`.

    Returns:
        `HASHES` [n], NULL for NULL.
    """
    found = buffers.of(texts)
    ends = words.values.to_numpy()
    hashes = np.empty(len(ends), np.uint64)
    offsets = np.zeros(len(found) + 1, np.int32)
    lists = words.offsets.to_numpy()
    _hash_words(found.data, found.offsets, found.valid, lists, ends, hashes, offsets[1:])
    values = pa.Array.from_buffers(pa.uint64(), int(offsets[-1]), [None, pa.py_buffer(hashes)])
    parts = [buffers.validity(found.valid), pa.py_buffer(offsets)]
    return pa.Array.from_buffers(HASHES, len(found), parts, children=[values])


def hash_texts(texts: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """The hash of each whole text, uint64 [n]; that of no bytes for NULL."""
    found = buffers.of(texts)
    out = np.empty(len(found), np.uint64)
    _hash_texts(found.data, found.offsets, found.valid, out)
    return out


def _loader(bits: int) -> Any:
    def load(_typing: Any, data: Any, at: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            array = context.make_array(signature.args[0])(context, builder, arguments[0])
            place = builder.gep(array.data, [arguments[1]])
            typed = builder.bitcast(place, ir.IntType(bits).as_pointer())
            return builder.zext(builder.load(typed, align=1), ir.IntType(64))

        return types.uint64(data, types.uint64), emit

    return load


def _mix(_typing: Any, a: Any, b: Any) -> Any:
    def emit(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        wide = ir.IntType(128)
        a128, b128 = (builder.zext(argument, wide) for argument in arguments)
        product = builder.mul(a128, b128)
        high = builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))
        return builder.xor(builder.trunc(product, ir.IntType(64)), high)

    return types.uint64(types.uint64, types.uint64), emit


load64: Any = intrinsic(_loader(64))
"""Eight bytes of a uint8 array from any place, little-endian."""
_load32: Any = intrinsic(_loader(32))
mix: Any = intrinsic(_mix)
"""The two halves of the 128-bit product of two uint64, xored."""


@njit(cache=True, nogil=True)
def hash_bytes(data, start, end):  # type: ignore[no-untyped-def]
    """uint64: the hash of `data[start:end]`; reads nothing outside."""
    at, stop = np.uint64(start), np.uint64(end)
    n = stop - at
    state = _P0
    while n > _SIXTEEN:
        state = mix(load64(data, at) ^ _P1, load64(data, at + _EIGHT) ^ state)
        at += _SIXTEEN
        n -= _SIXTEEN
    if n >= _EIGHT:
        low, high = load64(data, at), load64(data, stop - _EIGHT)
    elif n >= _FOUR:
        low, high = _load32(data, at), _load32(data, stop - _FOUR)
    elif n > _ZERO:
        low = np.uint64(data[at]) << _HALF | np.uint64(data[at + (n >> _ONE)])
        high = np.uint64(data[stop - _ONE])
    else:
        low = high = _ZERO
    return mix(mix(low ^ _P1, high ^ state), _P0 ^ (stop - np.uint64(start)))


@njit(cache=True, nogil=True)
def power(n):  # type: ignore[no-untyped-def]
    """uint64: BASE ** (n - 1), what the first word of an n-gram is multiplied by."""
    value = _ONE
    for _ in range(n - 1):
        value *= BASE
    return value


@njit(cache=True, nogil=True)
def hash_ngrams(hashes, first, end, n, out, at):  # type: ignore[no-untyped-def]
    """Write the hashes of all n-grams of words `hashes[first:end]` to `out[at:]`.

    Returns the place after the last; there are `end - first - n + 1`, none if that is not positive.
    """
    if end - first < n:
        return at
    rolled = _ZERO
    for word in range(first, first + n):
        rolled = rolled * BASE + hashes[word]
    lead = power(n)
    out[at] = mix(rolled ^ _P0, _P1)
    for word in range(first + n, end):
        rolled = (rolled - hashes[word - n] * lead) * BASE + hashes[word]
        at += 1
        out[at] = mix(rolled ^ _P0, _P1)
    return at + 1


@njit(cache=True, nogil=True)
def _hash_words(data, offsets, valid, lists, ends, hashes, list_ends):  # type: ignore[no-untyped-def]
    n = 0
    for text in range(len(valid)):
        start = offsets[text]
        if valid[text]:
            for piece in range(lists[text], lists[text + 1] - 1):
                left, right = start + ends[piece], start + ends[piece + 1]
                lead = data[left]
                if lead == 0x20 and right - left == 1:
                    continue
                if 0x20 < lead < 0xC2 or lead > 0xE3 or not is_blank(data, left, right):
                    hashes[n] = hash_bytes(data, left, right)
                    n += 1
        list_ends[text] = n


@njit(cache=True, nogil=True)
def _hash_texts(data, offsets, valid, out):  # type: ignore[no-untyped-def]
    for text in range(len(valid)):
        end = offsets[text + 1] if valid[text] else offsets[text]
        out[text] = hash_bytes(data, offsets[text], end)
