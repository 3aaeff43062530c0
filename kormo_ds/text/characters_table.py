"""Write `characters.npz`, the flags of every code point, from the data in `regex`.

Run `python -m kormo_ds.text.characters_table` after an upgrade of `regex` that brings a newer
Unicode; a test compares the file with what this writes. Takes about a second.
"""

import numpy as np
import regex

from kormo_ds.text.characters import CLOSE, LETTER, LOWER, SPACE, TABLE, TERMINAL, WORDLIKE
from kormo_ds.text.word_break_table import N_CODE_POINTS, two_stages, unicode_version

PROPERTIES = {
    LETTER: r"\p{L}",
    WORDLIKE: r"[\p{L}\p{M}\p{N}]",
    SPACE: r"\p{White_Space}",
    TERMINAL: r"\p{Sentence_Terminal}",
    LOWER: r"\p{Lowercase}",
    CLOSE: r"\p{Sentence_Break=Close}",
}


def flags_of_code_points() -> np.ndarray:
    """uint8 [0x110000]: the flags of each code point; none for surrogates."""
    scalars = [point for point in range(N_CODE_POINTS) if not 0xD800 <= point < 0xE000]
    text = "".join(map(chr, scalars))
    found = np.zeros(N_CODE_POINTS, np.uint8)
    for flag, pattern in PROPERTIES.items():
        found[[ord(character) for character in regex.findall(pattern, text)]] |= flag
    return found


def main() -> None:
    """Write the table beside this module."""
    first, second = two_stages(flags_of_code_points())
    np.savez_compressed(TABLE, first=first, second=second, unicode=np.array(unicode_version()))
    print(f"{TABLE}: Unicode {unicode_version()}, {len(second)} blocks")


if __name__ == "__main__":
    main()
