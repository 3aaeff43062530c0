"""The committed flags are what the generator writes, and true of characters that all know."""

import numpy as np
import pytest

from kormo_ds.text import characters, characters_table, word_break_table
from kormo_ds.text.characters import CLOSE, LETTER, LOWER, SPACE, TERMINAL, WORDLIKE


def test_the_file_is_what_the_script_writes():
    with np.load(characters.TABLE) as table:
        version = str(table["unicode"])
    if word_break_table.unicode_version() != version:
        pytest.skip(f"regex is of Unicode {word_break_table.unicode_version()}, not {version}")
    first, second = characters.tables()
    unfolded = second[first].reshape(-1)
    assert unfolded.tolist() == characters_table.flags_of_code_points().tolist()


@pytest.mark.parametrize(
    ("character", "flags"),
    [
        ("a", LETTER | WORDLIKE | LOWER),
        ("A", LETTER | WORDLIKE),
        ("가", LETTER | WORDLIKE),
        ("ㅋ", LETTER | WORDLIKE),
        ("漢", LETTER | WORDLIKE),
        ("7", WORDLIKE),
        ("\u0301", WORDLIKE),
        (".", TERMINAL),
        ("。", TERMINAL),
        ("…", 0),
        (",", 0),
        ("=", 0),
        ("•", 0),
        ("😀", 0),
        ('"', CLOSE),
        ("”", CLOSE),
        (")", CLOSE),
        (" ", SPACE),
        ("\n", SPACE),
        ("\u3000", SPACE),
        ("\x00", 0),
    ],
    ids=ascii,
)
def test_flags(character, flags):
    first, second = characters.tables()
    assert second[first[ord(character) >> characters.BLOCK_BITS], ord(character) & 127] == flags
