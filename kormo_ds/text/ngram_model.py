"""A back-off n-gram model in one hash table: build, look up, keep in a file.

Each entry has the probability of its n-gram, interpolated already, and what its pieces leave to
shorter contexts. A piece's probability is that of the longest n-gram that is there, times what the
longer contexts left. Sixteen bytes an n-gram in a file, and up to 32 in memory; a piece costs a
handful of look-ups, some 100 ns. See `kneser_ney` for where the numbers come from.
"""

import hashlib
import json
import struct
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numba import njit

from kormo_ds.errors import Damaged
from kormo_ds.text.hashes import BASE, mix
from kormo_ds.text.pieces import BEGIN, END

MAGIC = b"kormo n-gram model 1\n"
_EMPTY = np.uint64(0)
_P = np.uint64(0xA0761D6478BD642F)
_ONE = np.uint64(1)
_LONGEST = 16


@dataclass
class NgramModel:
    """Probabilities of pieces after pieces."""

    order: int
    """Pieces of the longest n-grams."""
    n_types: int
    """Different pieces seen, END among them; one more stands for all others."""
    keys: np.ndarray
    """uint64 [slots], a power of two: the n-gram's hash, 0 for an empty slot."""
    p: np.ndarray
    """float32 [slots]: the probability of the last piece after the others; 0 for contexts only."""
    left: np.ndarray
    """float32 [slots]: what an n-gram as context leaves to the shorter one; 1 where it is none."""
    left_alone: float = 1.0
    """What the context of no piece at all leaves to pieces never seen."""

    @classmethod
    def empty(cls, order: int, n_types: int, n_grams: int) -> Self:
        """A model with room for as many n-grams, and as many contexts that are none."""
        slots = 1 << max(4, int(n_grams * 1.5 - 1).bit_length())
        return cls(
            order=order,
            n_types=n_types,
            keys=np.zeros(slots, np.uint64),
            p=np.zeros(slots, np.float32),
            left=np.ones(slots, np.float32),
        )

    def add_grams(self, keys: np.ndarray, probabilities: np.ndarray) -> None:
        """Set the probabilities of n-grams by their hashes."""
        _set(self.keys, self.p, keys, probabilities.astype(np.float32))

    def add_contexts(self, keys: np.ndarray, left: np.ndarray) -> None:
        """Set what contexts leave; the hash of no piece is 0."""
        empty = keys == _EMPTY
        if empty.any():
            self.left_alone = float(left[empty][0])
        _set(self.keys, self.left, keys[~empty], left[~empty].astype(np.float32))

    def after_each(self, sequence: np.ndarray, places: np.ndarray, n: int) -> np.ndarray:
        """The probability of each piece `sequence[places]` after the n - 1 before it, float64.

        For n = 0, that of a piece that was never seen.
        """
        unseen = 1 / (self.n_types + 1)
        out = np.full(len(places), unseen)
        if n:
            floor = self.left_alone * unseen
            _probabilities(self.keys, self.p, self.left, floor, sequence, places, n, out)
        return out

    def perplexities(self, pieces: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """The perplexity a piece of each text, its END among them, float64 [n]; 0 for no piece."""
        out = np.zeros(len(offsets) - 1)
        floor = self.left_alone / (self.n_types + 1)
        _perplexities(self.keys, self.p, self.left, floor, pieces, offsets, self.order, out)
        return out

    def to_bytes(self, facts: dict[str, Any]) -> bytes:
        """The model as a file: magic, header, entries in the order of their hashes, SHA-256."""
        used = np.flatnonzero(self.keys)
        used = used[np.argsort(self.keys[used])]
        header = facts | {
            "order": self.order,
            "n_types": self.n_types,
            "left_alone": self.left_alone,
            "n_entries": len(used),
        }
        said = json.dumps(header, sort_keys=True, ensure_ascii=False).encode()
        arrays = [self.keys[used], self.p[used], self.left[used]]
        body = b"".join(array.astype(array.dtype.newbyteorder("<")).tobytes() for array in arrays)
        content = MAGIC + struct.pack("<Q", len(said)) + said + body
        return content + hashlib.sha256(content).digest()

    @classmethod
    def from_bytes(cls, content: bytes, name: str) -> tuple[Self, dict[str, Any]]:
        """The model in a file, and its header.

        Raises:
            Damaged: not such a file, cut off, or changed since it was written.
        """
        whole, digest = content[:-32], content[-32:]
        if not content.startswith(MAGIC):
            raise Damaged(f"{name} is no n-gram model of this version; train it again")
        if hashlib.sha256(whole).digest() != digest:
            raise Damaged(f"{name} was cut off or changed since it was written; train it again")
        first = len(MAGIC) + 8
        (size,) = struct.unpack("<Q", whole[len(MAGIC) : first])
        header = json.loads(whole[first : first + size])
        n = header["n_entries"]
        at = first + size
        keys = np.frombuffer(whole, "<u8", n, at)
        p, left = (np.frombuffer(whole, "<f4", n, at + 8 * n + 4 * n * k) for k in (0, 1))
        model = cls.empty(header["order"], header["n_types"], n)
        model.left_alone = header["left_alone"]
        model.add_grams(keys, p)
        model.add_contexts(keys, left)
        return model, header


@njit(cache=True, nogil=True)
def joined(before, piece):  # type: ignore[no-untyped-def]
    """uint64: the hash of pieces whose hash is `before`, with one more."""
    return before * BASE + piece


@njit(cache=True, nogil=True)
def _slot(keys, key):  # type: ignore[no-untyped-def]
    """The slot of a key, or the empty one that it would take."""
    mask = np.uint64(len(keys) - 1)
    slot = mix(key ^ _P, BASE) & mask
    while keys[slot] != key and keys[slot] != _EMPTY:
        slot = (slot + _ONE) & mask
    return slot


@njit(cache=True, nogil=True)
def _set(keys, column, names, values):  # type: ignore[no-untyped-def]
    for k in range(len(names)):
        slot = _slot(keys, names[k])
        keys[slot] = names[k]
        column[slot] = values[k]


@njit(cache=True, nogil=True)
def _p(keys, p, left, floor, contexts, n, piece):  # type: ignore[no-untyped-def]
    """The probability of `piece` after the pieces of `contexts[n - 1]`."""
    weight = 1.0
    for k in range(n - 1, -1, -1):
        slot = _slot(keys, joined(contexts[k], piece))
        if keys[slot] != _EMPTY and p[slot] > 0:
            return weight * p[slot]
        if k:
            weight *= left[_slot(keys, contexts[k])]
    return weight * floor


@njit(cache=True, nogil=True)
def _probabilities(keys, p, left, floor, sequence, places, n, out):  # type: ignore[no-untyped-def]
    contexts = np.zeros(_LONGEST, np.uint64)
    for k in range(len(places)):
        for size in range(1, n):
            contexts[size] = _EMPTY
            for at in range(places[k] - size, places[k]):
                contexts[size] = joined(contexts[size], sequence[at])
        out[k] = _p(keys, p, left, floor, contexts, n, sequence[places[k]])


@njit(cache=True, nogil=True)
def _perplexities(keys, p, left, floor, pieces, offsets, order, out):  # type: ignore[no-untyped-def]
    contexts = np.zeros(_LONGEST, np.uint64)
    for text in range(len(out)):
        n_pieces = offsets[text + 1] - offsets[text]
        if n_pieces == 0:
            continue
        for size in range(1, order):
            contexts[size] = joined(contexts[size - 1], BEGIN)
        bits = 0.0
        for at in range(offsets[text], offsets[text + 1] + 1):
            piece = pieces[at] if at < offsets[text + 1] else END
            bits -= np.log2(_p(keys, p, left, floor, contexts, order, piece))
            for size in range(order - 1, 0, -1):
                contexts[size] = joined(contexts[size - 1], piece)
        out[text] = 2 ** (bits / (n_pieces + 1))
