"""Lists of domains or words: one entry a line, plain or .gz, `#` begins a comment.

Domains may be millions (the UT1 blacklist has more than 4): they are kept as sorted 64-bit hashes,
8 bytes each, so a wrong hit has a chance of the number of domains in 2**64. Words are few.
"""

import gzip
import hashlib
import zlib
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.errors import BadInput
from kormo_ds.text import buffers
from kormo_ds.text.hashes import hash_bytes

SHIPPED = Path(__file__).parent / "url_lists"
NONE = "none"
"""The path of a list without entries."""


class UrlList:
    """The entries of one list, lower case, in the order of the file."""

    def __init__(self, entries: list[str]):
        self.entries = entries

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the entries; neither path, compression nor comments change it."""
        return hashlib.sha256("\n".join(self.entries).encode()).hexdigest()

    @cached_property
    def _sorted(self) -> np.ndarray:
        return np.unique(_hashed(self.entries))

    def has(self, asked: list[str]) -> np.ndarray:
        """Which of the strings are entries, bool [n]."""
        if not self.entries:
            return np.zeros(len(asked), np.bool_)
        hashes = _hashed(asked)
        places = np.searchsorted(self._sorted, hashes)
        found: np.ndarray = self._sorted[np.minimum(places, len(self._sorted) - 1)] == hashes
        return found


def read(setting: str, path: str) -> UrlList:
    """The list of a setting, from `path` or, if that is empty, the shipped one.

    Raises:
        BadInput: no such file, not readable, or without an entry; `none` is a list without.
    """
    if path == NONE:
        return UrlList([])
    file = Path(path) if path else SHIPPED / f"{setting}.txt"
    if not file.is_file():
        raise BadInput(
            f"no list at {path}; url.{setting} is the path of a text file, one entry a line, plain "
            f"or .gz; leave it out for the shipped list, or write url.{setting}={NONE}"
        )
    stat = file.stat()
    return _read(setting, str(file), stat.st_mtime_ns, stat.st_size)


@cache
def _read(setting: str, path: str, _changed: int, _size: int) -> UrlList:
    try:
        with gzip.open(path) if path.endswith(".gz") else open(path, "rb") as file:
            text = file.read().decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise BadInput(f"url.{setting}={path} cannot be read: {error}") from error
    lines = (line.partition("#")[0].strip().lower() for line in text.splitlines())
    entries = [
        line.removeprefix("www.") if setting == "domains" else line for line in lines if line
    ]
    if not entries:
        raise BadInput(f"url.{setting}={path} holds no entry; write url.{setting}={NONE} for none")
    return UrlList(entries)


def _hashed(strings: list[str]) -> np.ndarray:
    found = buffers.of(pa.array(strings, pa.large_string()))
    hashes = np.empty(len(strings), np.uint64)
    _hash(found.data, found.offsets, hashes)
    return hashes


@njit(cache=True, nogil=True)
def _hash(data, offsets, hashes):  # type: ignore[no-untyped-def]
    for entry in range(len(hashes)):
        hashes[entry] = hash_bytes(data, offsets[entry], offsets[entry + 1])
