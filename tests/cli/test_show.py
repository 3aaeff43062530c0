from kormo_ds.cli.show import cell, table, width


def test_numbers_stand_right_and_wide_characters_count_two():
    rows = [["한국어", 12345, 0.5], ["en", None, 2.0]]
    assert table(["lang", "n", "share"], rows).splitlines() == [
        "lang         n  share",
        "------  ------  -----",
        "한국어  12,345    0.5",
        "en           ·      2",
    ]


def test_long_cells_are_cut():
    assert table(["a"], [["가나다라"]], widest=5).splitlines()[2] == "가나…"


def test_cells():
    assert [cell(v) for v in (None, True, 1234567, 0.123456, 98765.4, "a\nb")] == [
        "·",
        "yes",
        "1,234,567",
        "0.1235",
        "98,765",
        "a b",
    ]


def test_width():
    assert [width(t) for t in ("abc", "한글", "e\u0301")] == [3, 4, 1]
