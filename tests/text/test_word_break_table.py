"""The committed table of classes is what the generator writes."""

import numpy as np
import pytest

from kormo_ds.text import word_break, word_break_table


def test_the_file_is_what_the_script_writes():
    with np.load(word_break.TABLE) as table:
        version = str(table["unicode"])
    if word_break_table.unicode_version() != version:
        pytest.skip(f"regex is of Unicode {word_break_table.unicode_version()}, not {version}")
    first, second = word_break.classes()
    unfolded = second[first].reshape(-1)
    assert unfolded.tolist() == word_break_table.class_of_code_points().tolist()
    again = word_break_table.two_stages(unfolded)
    assert np.array_equal(again[0], first)
    assert np.array_equal(again[1], second)


@pytest.mark.parametrize(
    ("character", "kind"),
    [
        ("a", word_break.Class.ALETTER),
        ("가", word_break.Class.ALETTER),
        ("힣", word_break.Class.ALETTER),
        ("ᄀ", word_break.Class.ALETTER),
        ("漢", word_break.Class.OTHER),
        ("７", word_break.Class.NUMERIC),
        ("’", word_break.Class.MID_NUM_LET),
        ("\u00ad", word_break.Class.EXTEND),
        ("ℹ", word_break.Class.PICTOGRAPH_LETTER),
        ("😀", word_break.Class.PICTOGRAPH),
        ("🇰", word_break.Class.REGIONAL_INDICATOR),
        ("\u3000", word_break.Class.SPACE),
        ("\U0010ffff", word_break.Class.OTHER),
    ],
    ids=ascii,
)
def test_class(character, kind):
    first, second = word_break.classes()
    point = ord(character)
    assert second[first[point >> word_break.BLOCK_BITS], point & 127] == kind
