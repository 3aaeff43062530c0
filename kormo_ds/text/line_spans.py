"""Spans of whole lines: the lines that are taken out, and blank lines that nobody needs then.

A span takes a line with its newline, so the lines around it close up. Costs a few ns a line.
"""

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.text.line_shape import FENCED, Lines
from lake.spans import SPANS

_TEXT, _START, _END, _PLACE, _CHARS = 0, 1, 2, 5, 7


def without(lines: Lines, dropped: np.ndarray, max_newlines: int) -> tuple[pa.Array, np.ndarray]:
    """The spans that take out `dropped` lines and leave at most `max_newlines` in a row.

    Args:
        lines: of the texts.
        dropped: bool [n lines].
        max_newlines: counted in what is left, outside of fenced code; 0 for any number.

    Returns:
        `SPANS` [n texts], neighbours joined, and which lines are blank ones too many, bool [n].
    """
    n_texts = len(lines.texts)
    starts, ends = np.empty(len(lines), np.int32), np.empty(len(lines), np.int32)
    offsets, blank = np.zeros(n_texts + 1, np.int32), np.zeros(len(lines), np.bool_)
    n = _spans(lines.table, dropped, max_newlines, n_texts, starts, ends, offsets[1:], blank)
    pairs = pa.StructArray.from_arrays(
        [pa.array(starts[:n]), pa.array(ends[:n])], fields=list(SPANS.value_type)
    )
    return pa.ListArray.from_arrays(pa.array(offsets), pairs, type=SPANS), blank


@njit(cache=True, nogil=True)
def _spans(table, dropped, max_newlines, n_texts, starts, ends, offsets, blank):  # type: ignore[no-untyped-def]
    n = line = 0
    n_lines = table.shape[1]
    for text in range(n_texts):
        begun, newlines = n, 0
        while line < n_lines and table[_TEXT, line] == text:
            start, end = table[_START, line], table[_END, line]
            empty = table[_CHARS, line] == 0
            if empty and table[_PLACE, line] != FENCED:
                blank[line] = 0 < max_newlines <= newlines
                newlines += not blank[line]
            elif not dropped[line]:
                newlines = 1
            if blank[line] or dropped[line]:
                if n > begun and ends[n - 1] == start:
                    ends[n - 1] = end
                else:
                    starts[n], ends[n] = start, end
                    n += 1
            line += 1
        offsets[text] = n
    return n
