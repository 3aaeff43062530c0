"""What heuristics ask of a character: is it a letter, a symbol, white space, the end of a sentence?

One byte of flags a code point in a two-stage table, `characters.npz`, written by `characters_table`
from one Unicode version, so that a count does not change with the Python that makes it.
"""

from functools import cache
from pathlib import Path

import numpy as np

TABLE = Path(__file__).with_name("characters.npz")
BLOCK_BITS = 7
"""Code points of one block of the two-stage table: 2 ** 7."""
LETTER = 1
"""General_Category L: what Python's `str.isalpha` says yes to."""
WORDLIKE = 2
"""General_Category L, M or N. A word with none of them is a symbol word, such as `...` or `=>`."""
SPACE = 4
"""White_Space."""
TERMINAL = 8
"""Sentence_Terminal: `.`, `?`, `!`, `。` and their like in all scripts."""
LOWER = 16
"""Lowercase."""
CLOSE = 32
"""Sentence_Break Close: quotes and brackets, which may stand between a full stop and a space."""


@cache
def tables() -> tuple[np.ndarray, np.ndarray]:
    """The two-stage table of flags: (first uint8 [8704], second uint8 [blocks, 128]).

    The flags of code point c are `second[first[c >> BLOCK_BITS], c & 127]`.
    """
    with np.load(TABLE) as table:
        return table["first"], table["second"]
