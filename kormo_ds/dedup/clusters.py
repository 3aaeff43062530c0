"""Clusters: documents that agree in a band, and those that agree with these, by union-find.

The keys of one band are read from the sketches at a time, sorted, and equal neighbours are joined.
The root of a cluster is its first row, so neither the order of bands nor threads change anything.
Costs a sort of n keys a band, and at its peak `BYTES_A_DOCUMENT` for each document.
"""

from collections.abc import Iterator, Sequence

import lance
import numpy as np
from numba import njit

BYTES_A_DOCUMENT = 65
"""Peak of memory, measured: its row (8), root (8), and of one band the key (8), its order (8) and
sorted (8), what Lance reads ahead, and pieces that the allocator keeps."""


def compared(dataset: "lance.LanceDataset", sketch: str) -> np.ndarray:
    """int64 [c]: rows, by their place in the table, that take part."""
    found = column(dataset, f"{sketch}.compared", np.dtype(bool))
    return np.flatnonzero(found)


def components(
    dataset: "lance.LanceDataset", sketch: str, bands: Sequence[tuple[str, ...]], rows: np.ndarray
) -> np.ndarray:
    """int64 [c]: for each of `rows` the place in `rows` of the first of its cluster."""
    roots = np.arange(len(rows), dtype=np.int64)
    for keys in read_bands(dataset, sketch, bands, rows):
        order = np.lexsort(keys) if len(keys) > 1 else np.argsort(keys[0])  # faster for one
        _join_equal(order, starts(keys, order), roots)
    _flatten(roots)
    return roots


def read_bands(
    dataset: "lance.LanceDataset", sketch: str, bands: Sequence[tuple[str, ...]], rows: np.ndarray
) -> Iterator[list[np.ndarray]]:
    """For each band the keys (int64 [c] each) of `rows`; read one band at a time."""
    for names in bands:
        yield [column(dataset, f"{sketch}.{name}", np.dtype(np.int64))[rows] for name in names]


def join(pairs: np.ndarray, n: int) -> np.ndarray:
    """int64 [n]: the root of each of n places after joining `pairs` (int64 [m, 2])."""
    roots = np.arange(n, dtype=np.int64)
    _join_pairs(np.ascontiguousarray(pairs, np.int64), roots)
    _flatten(roots)
    return roots


def column(dataset: "lance.LanceDataset", name: str, kind: np.dtype) -> np.ndarray:
    """One column without NULL as numpy, in the order of rows; copied once."""
    out = np.empty(dataset.count_rows(), kind)
    at = 0
    for batch in dataset.scanner(columns=[name], scan_in_order=True).to_batches():
        out[at : at + batch.num_rows] = batch.column(0).to_numpy(zero_copy_only=False)
        at += batch.num_rows
    return out


def starts(keys: Sequence[np.ndarray], order: np.ndarray) -> np.ndarray:
    """Where in `order` another key begins: bool [n]."""
    begins = np.zeros(len(order), bool)
    begins[:1] = True
    for key in keys:
        ordered = key[order]
        begins[1:] |= ordered[1:] != ordered[:-1]
    return begins


@njit(cache=True, nogil=True)
def _find(roots, place):  # type: ignore[no-untyped-def]
    while roots[place] != place:
        roots[place] = roots[roots[place]]  # halves the way of those that come after
        place = roots[place]
    return place


@njit(cache=True, nogil=True)
def _unite(roots, a, b):  # type: ignore[no-untyped-def]
    a, b = _find(roots, a), _find(roots, b)
    roots[max(a, b)] = min(a, b)


@njit(cache=True, nogil=True)
def _join_equal(order, begins, roots):  # type: ignore[no-untyped-def]
    for i in range(len(order)):
        if not begins[i]:
            _unite(roots, order[i - 1], order[i])


@njit(cache=True, nogil=True)
def _join_pairs(pairs, roots):  # type: ignore[no-untyped-def]
    for i in range(len(pairs)):
        _unite(roots, pairs[i, 0], pairs[i, 1])


@njit(cache=True, nogil=True)
def _flatten(roots):  # type: ignore[no-untyped-def]
    for place in range(len(roots)):
        roots[place] = _find(roots, place)
