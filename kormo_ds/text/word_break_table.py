"""Write `word_break.npz`, the Word_Break class of every code point, from the data in `regex`.

Run `python -m kormo_ds.text.word_break_table` after an upgrade of `regex` that brings a newer
Unicode; a test compares the file with what this writes. Takes about a second.
"""

import re
from importlib.metadata import metadata

import numpy as np
import regex

from kormo_ds.text.word_break import BLOCK_BITS, TABLE, Class

N_CODE_POINTS = 0x110000
_NAMES = {
    Class.CR: ("CR",),
    Class.LF: ("LF",),
    Class.NEWLINE: ("Newline",),
    Class.EXTEND: ("Extend", "Format"),
    Class.ZWJ: ("ZWJ",),
    Class.REGIONAL_INDICATOR: ("Regional_Indicator",),
    Class.KATAKANA: ("Katakana",),
    Class.HEBREW_LETTER: ("Hebrew_Letter",),
    Class.ALETTER: ("ALetter",),
    Class.SINGLE_QUOTE: ("Single_Quote",),
    Class.DOUBLE_QUOTE: ("Double_Quote",),
    Class.MID_NUM_LET: ("MidNumLet",),
    Class.MID_LETTER: ("MidLetter",),
    Class.MID_NUM: ("MidNum",),
    Class.NUMERIC: ("Numeric",),
    Class.EXTEND_NUM_LET: ("ExtendNumLet",),
    Class.SPACE: ("WSegSpace",),
}


def unicode_version() -> str:
    """The Unicode version that the installed `regex` says it supports, e.g. '18.0.0'."""
    found = re.search(r"supports Unicode (\d+\.\d+\.\d+)", metadata("regex")["Description"])
    return found[1] if found else "unknown"


def class_of_code_points() -> np.ndarray:
    """uint8 [0x110000]: the class of each code point."""
    scalars = [point for point in range(N_CODE_POINTS) if not 0xD800 <= point < 0xE000]
    text = "".join(map(chr, scalars))
    found = np.zeros(N_CODE_POINTS, np.uint8)
    for kind, names in _NAMES.items():
        for name in names:
            found[_points(rf"\p{{Word_Break={name}}}", text)] = kind
    for point in _points(r"\p{Extended_Pictographic}", text):
        letter = found[point] == Class.ALETTER
        found[point] = Class.PICTOGRAPH_LETTER if letter else Class.PICTOGRAPH
    return found


def two_stages(found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fold uint8 [0x110000] into block numbers uint8 [8704] and the distinct blocks [n, 128]."""
    second, first = np.unique(found.reshape(-1, 1 << BLOCK_BITS), axis=0, return_inverse=True)
    return first.reshape(-1).astype(np.uint8), second


def main() -> None:
    """Write the table beside this module."""
    first, second = two_stages(class_of_code_points())
    np.savez_compressed(TABLE, first=first, second=second, unicode=np.array(unicode_version()))
    print(f"{TABLE}: Unicode {unicode_version()}, {len(second)} blocks")


def _points(pattern: str, text: str) -> list[int]:
    return [ord(character) for character in regex.findall(pattern, text)]


if __name__ == "__main__":
    main()
