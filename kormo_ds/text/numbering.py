"""Numbers for equal keys: the first key met is 0, the next new one 1, and so on.

An open-addressing table of numbers with linear probing, no more than half full. The keys stand in
an array of their own in the order in which they came, so emptying the table touches four bytes a
place and nothing else. The scratch arrays belong to the caller: one set a call, none shared.
"""

import numpy as np
from numba import njit

_ONE, _FIRST = np.uint64(1), np.uint32(1)


@njit(cache=True, nogil=True)
def emptied(table, n):  # type: ignore[no-untyped-def]
    """Empty as much of `table` as `n` keys need.

    Args:
        table: uint32; `places(n)` long at least.
        n: keys that are to come, at most.

    Returns:
        uint64: by how much a key is shifted to its first place.
    """
    shift = np.uint64(63)
    size = 2
    while size < 2 * n:
        size *= 2
        shift -= _ONE
    table[:size] = 0
    return shift


@njit(cache=True, nogil=True)
def places(n):  # type: ignore[no-untyped-def]
    """int64: the length of a table for up to `n` keys."""
    size = 2
    while size < 2 * n:
        size *= 2
    return size


@njit(cache=True, nogil=True)
def number(table, shift, keys, n_keys, key):  # type: ignore[no-untyped-def]
    """uint64: the number of `key`; `n_keys` if it is new, and then it is put in.

    Args:
        table: as `emptied` left it, and since then only used here.
        shift: what `emptied` returned.
        keys: uint64; `keys[:n_keys]` are those that came so far.
        n_keys: uint64.
        key: a hash: its high bits say where it stands.
    """
    mask = (_ONE << (np.uint64(64) - shift)) - _ONE
    place = key >> shift
    while table[place]:
        known = np.uint64(table[place] - _FIRST)
        if keys[known] == key:
            return known
        place = (place + _ONE) & mask
    table[place] = n_keys + _ONE
    keys[n_keys] = key
    return n_keys


@njit(cache=True, nogil=True)
def holds(table, shift, keys, key):  # type: ignore[no-untyped-def]
    """bool: whether `key` has a number; puts nothing in. Arguments as of `number`."""
    mask = (_ONE << (np.uint64(64) - shift)) - _ONE
    place = key >> shift
    while table[place]:
        if keys[np.uint64(table[place] - _FIRST)] == key:
            return True
        place = (place + _ONE) & mask
    return False
