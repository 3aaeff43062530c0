"""The order in which rows are seen: a keyed permutation of the row number, without state.

Position `p` of the endless stream lies in epoch `p // n_rows`; the epoch's key maps `p % n_rows` to
a row by a Feistel network of eight rounds over the next even power of two, walked along its cycle
until it falls below `n_rows` (Black and Rogaway 2002, section 4). So rank, step and seed give the
row, and a resume at any step and any world size is a seek. Costs O(count), whatever the start:
the domain is below 4·n_rows, so a position needs four evaluations at most on average.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from kormo_ds.errors import BadInput

ROUNDS = 8


@dataclass(frozen=True)
class Order:
    """The order of `n_rows` rows under `seed`, over endless epochs.

    Raises:
        BadInput: there are no rows to order.
    """

    n_rows: int
    seed: int

    def __post_init__(self) -> None:
        if self.n_rows < 1:
            raise BadInput(f"an order needs at least one row, not {self.n_rows}")

    def rows(self, start: int, count: int) -> np.ndarray:
        """Row numbers, int64 [count], at positions `start` to `start + count`.

        Every row occurs exactly once in positions `e·n_rows` to `(e+1)·n_rows`, for each epoch `e`.
        """
        out = np.empty(count, dtype=np.int64)
        done = 0
        while done < count:
            epoch, first = divmod(start + done, self.n_rows)
            n = min(self.n_rows - first, count - done)
            indices = np.arange(first, first + n, dtype=np.uint64)
            out[done : done + n] = permute(indices, self.n_rows, round_keys(self.seed, epoch))
            done += n
        return out

    def positions(self, rows: np.ndarray, epoch: int) -> np.ndarray:
        """Where `rows` stand in the stream, int64 [len(rows)], in one epoch: `rows` backwards."""
        indices = unpermute(rows.astype(np.uint64), self.n_rows, round_keys(self.seed, epoch))
        return indices.astype(np.int64) + epoch * self.n_rows


def round_keys(seed: int, epoch: int) -> np.ndarray:
    """The Feistel keys of one epoch, uint64 [ROUNDS]."""
    digest = hashlib.blake2b(f"{seed}|{epoch}".encode(), digest_size=8 * ROUNDS).digest()
    return np.frombuffer(digest, dtype="<u8")


def permute(indices: np.ndarray, n: int, keys: np.ndarray) -> np.ndarray:
    """Where a permutation of 0..n sends `indices` (uint64, each below `n`)."""
    half = max(1, ((n - 1).bit_length() + 1) // 2)
    out = feistel(indices, half, keys)
    outside = np.flatnonzero(out >= n)
    while len(outside):
        out[outside] = feistel(out[outside], half, keys)
        outside = outside[out[outside] >= n]
    return out


def unpermute(rows: np.ndarray, n: int, keys: np.ndarray) -> np.ndarray:
    """What `permute` sends to `rows` (uint64, each below `n`): the same cycle, walked backwards."""
    half = max(1, ((n - 1).bit_length() + 1) // 2)
    out = unfeistel(rows, half, keys)
    outside = np.flatnonzero(out >= n)
    while len(outside):
        out[outside] = unfeistel(out[outside], half, keys)
        outside = outside[out[outside] >= n]
    return out


def feistel(values: np.ndarray, half: int, keys: np.ndarray) -> np.ndarray:
    """A permutation of the numbers below 4**half, one round a key."""
    width, mask = np.uint64(half), np.uint64((1 << half) - 1)
    left, right = values >> width, values & mask
    for key in keys:
        left, right = right, left ^ (_mixed(right ^ key) & mask)
    out: np.ndarray = (left << width) | right
    return out


def unfeistel(values: np.ndarray, half: int, keys: np.ndarray) -> np.ndarray:
    """What `feistel` sends to `values`: its rounds, the last one first."""
    width, mask = np.uint64(half), np.uint64((1 << half) - 1)
    left, right = values >> width, values & mask
    for key in keys[::-1]:
        left, right = right ^ (_mixed(left ^ key) & mask), left
    out: np.ndarray = (left << width) | right
    return out


def _mixed(x: np.ndarray) -> np.ndarray:
    """The finaliser of splitmix64 (Steele, Lea and Flood 2014): every bit depends on every bit."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = x ^ (x >> np.uint64(31))
    return mixed
