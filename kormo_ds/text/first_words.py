"""The first words of many texts: where each text ends if it is cut after so many.

Words are those of UAX #29 that are not white space alone, as `n_words` counts them. Costs one pass
over the boundaries of the words that are kept.
"""

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.text import buffers
from kormo_ds.text.words import is_blank


def ends(texts: pa.Array | pa.ChunkedArray, words: pa.ListArray, n: int) -> np.ndarray:
    """Byte after the n-th word of each text.

    Args:
        texts: string or large_string [m].
        words: their `words.boundaries`.
        n: words to keep, at least 1.

    Returns:
        int64 [m], bytes from the text's start; -1 where it is NULL or has fewer words.
    """
    found = buffers.of(texts)
    out = np.full(len(found), -1, np.int64)
    lists, bounds = words.offsets.to_numpy(), words.values.to_numpy()
    _ends(found.data, found.offsets, found.valid, lists, bounds, n, out)
    return out


@njit(cache=True, nogil=True)
def _ends(data, offsets, valid, lists, bounds, n, out):  # type: ignore[no-untyped-def]
    for text in range(len(valid)):
        if not valid[text]:
            continue
        start, left = offsets[text], n
        for piece in range(lists[text], lists[text + 1] - 1):
            left -= not is_blank(data, start + bounds[piece], start + bounds[piece + 1])
            if left == 0:
                out[text] = bounds[piece + 1]
                break
