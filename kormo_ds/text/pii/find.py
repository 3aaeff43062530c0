"""Spans of personal data of many texts at once, as an Arrow list column."""

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from kormo_ds.text import buffers
from kormo_ds.text.pii import addresses, candidates, numbers
from kormo_ds.text.pii.found import PLAIN, Found, apart
from lake.spans import MASKED

_FINDERS: tuple[tuple[int, Callable[[str], Iterator[Found]]], ...] = (
    (candidates.EMAIL, addresses.emails),
    (candidates.NUMBER, numbers.rrns),
    (candidates.NUMBER, numbers.cards),
    (candidates.NUMBER, numbers.brns),
    (candidates.NUMBER, numbers.phones),
    (candidates.IPV4, addresses.ipv4),
    (candidates.IPV6, addresses.ipv6),
)


def of(texts: pa.Array | pa.ChunkedArray) -> pa.ListArray:
    """The personal data in each text.

    Args:
        texts: string or large_string [n].

    Returns:
        `MASKED` [n]: ascending, apart, between characters; empty for a text without and for
        NULL.

    Raises:
        BadInput: a column that is not text.
    """
    found = buffers.of(texts)
    counts = np.zeros(len(found), np.int32)
    starts: list[int] = []
    ends: list[int] = []
    kinds: list[str] = []
    windows = (column.tolist() for column in candidates.windows(found))
    for text, left, right, flags in zip(*windows, strict=True):
        window = found.data[left:right].tobytes().decode()
        at, n_bytes = 0, left - int(found.offsets[text])
        for one in _in_window(window, flags):  # ascending, so that each byte is counted once
            start = n_bytes + len(window[at : one.start].encode())
            at, n_bytes = one.end, start + len(window[one.start : one.end].encode())
            starts.append(start)
            ends.append(n_bytes)
            kinds.append(one.kind)
            counts[text] += 1
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    parts = [pa.array(starts, pa.int32()), pa.array(ends, pa.int32()), pa.array(kinds, pa.string())]
    values = pa.StructArray.from_arrays(parts, fields=list(MASKED.value_type))
    return pa.ListArray.from_arrays(pa.array(offsets), values, type=MASKED)


def _in_window(window: str, flags: int) -> list[Found]:
    plain = window if window.isascii() else window.translate(PLAIN)
    found = [one for flag, find in _FINDERS if flags & flag for one in find(plain)]
    return apart(found) if found else found
