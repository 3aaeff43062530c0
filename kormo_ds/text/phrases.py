"""A few fixed phrases looked for together in byte ranges, whatever the case of ASCII letters.

Of each phrase the rarest letter is looked for, so that most bytes cost one look-up. Phrases are in
lower case and ASCII.
"""

import numpy as np
from numba import njit

_FROM_RARE_TO_FREQUENT = "{}jqzxkvbpygwfmucldrhsnioate "
_SPREAD = 0x20
"""What a small ASCII letter has more than its capital."""


def tables(
    phrases: dict[str, int],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What the kernel looks up, for phrases and the bits that stand for them.

    Returns:
        letters: uint8, all phrases one behind the other.
        places: int64 [n + 1], phrase k is `letters[places[k]:places[k + 1]]`.
        rarest: int64 [n], the place of its rarest letter.
        bits: int64 [n].
        groups: int64 [256, 2], the phrases whose rarest letter a byte is: from, to.
        begins: bool [256], whether there are any.
    """
    places_of = {phrase: phrase.index(min(phrase, key=_rank)) for phrase in phrases}
    known = sorted(phrases, key=lambda phrase: phrase[places_of[phrase]])
    letters = np.frombuffer("".join(known).encode(), np.uint8)
    places = np.cumsum([0, *map(len, known)])
    groups = np.zeros((256, 2), np.int64)
    for place, phrase in enumerate(known):
        letter = phrase[places_of[phrase]]
        for byte in {ord(letter), ord(letter.upper())}:
            if not groups[byte].any():
                groups[byte] = place
            groups[byte, 1] = place + 1
    rarest = np.array([places_of[phrase] for phrase in known], np.int64)
    bits = np.array([phrases[phrase] for phrase in known], np.int64)
    return letters, places, rarest, bits, groups, groups[:, 1] > groups[:, 0]


@njit(cache=True, nogil=True)
def within(data, start, end, letters, places, rarest, bits, groups, begins):  # type: ignore[no-untyped-def]
    """int64: the bits of all phrases in `data[start:end]`."""
    found = 0
    for at in range(np.uint64(start), np.uint64(end)):
        group = np.uint64(data[at])
        if begins[group]:
            for phrase in range(groups[group, 0], groups[group, 1]):
                first = np.int64(at) - rarest[phrase]
                if first >= start and _begins(data, first, end, letters, places, phrase):
                    found |= bits[phrase]
    return found


@njit(cache=True, nogil=True)
def _begins(data, at, end, letters, places, phrase):  # type: ignore[no-untyped-def]
    first, last = places[phrase], places[phrase + 1]
    if end - at < last - first:
        return False
    for place in range(last - first):
        byte = data[at + place]
        if 0x41 <= byte <= 0x5A:
            byte += np.uint8(_SPREAD)
        if byte != letters[first + place]:
            return False
    return True


def _rank(letter: str) -> int:
    return _FROM_RARE_TO_FREQUENT.index(letter)
