"""A few fixed phrases looked for together in byte ranges, whatever the case of ASCII letters.

A byte that begins no phrase costs one look-up. Phrases are in lower case and ASCII.
"""

import numpy as np
from numba import njit

_SPREAD = 0x20
"""What a small ASCII letter has more than its capital."""


def tables(phrases: dict[str, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What the kernel looks up, for phrases and the bits that stand for them.

    Returns:
        letters: uint8, all phrases one behind the other, in the order of their first letters.
        places: int64 [n + 1], phrase k is `letters[places[k]:places[k + 1]]`.
        bits: int64 [n].
        groups: int64 [256, 2], the phrases that begin with a byte: from, to.
    """
    known = sorted(phrases)
    letters = np.frombuffer("".join(known).encode(), np.uint8)
    places = np.cumsum([0, *map(len, known)])
    groups = np.zeros((256, 2), np.int64)
    for place, phrase in enumerate(known):
        for byte in {ord(phrase[0]), ord(phrase[0].upper())}:
            if not groups[byte].any():
                groups[byte] = place
            groups[byte, 1] = place + 1
    return letters, places, np.array([phrases[phrase] for phrase in known], np.int64), groups


@njit(cache=True, nogil=True)
def within(data, start, end, letters, places, bits, groups):  # type: ignore[no-untyped-def]
    """int64: the bits of all phrases in `data[start:end]`."""
    found = 0
    for at in range(np.uint64(start), np.uint64(end)):
        group = np.uint64(data[at])
        for phrase in range(groups[group, 0], groups[group, 1]):
            if _begins(data, np.int64(at), end, letters, places[phrase], places[phrase + 1]):
                found |= bits[phrase]
    return found


@njit(cache=True, nogil=True)
def _begins(data, at, end, letters, first, last):  # type: ignore[no-untyped-def]
    if end - at < last - first:
        return False
    for place in range(last - first):
        byte = data[at + place]
        if 0x41 <= byte <= 0x5A:
            byte += np.uint8(_SPREAD)
        if byte != letters[first + place]:
            return False
    return True
