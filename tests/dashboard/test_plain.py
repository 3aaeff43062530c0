"""Text of documents as it is shown: nothing of it hides, and nothing of it acts."""

import datetime
import unicodedata
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from kormo_ds.dashboard.cells import rows
from kormo_ds.dashboard.plain import column, cut, literal, visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (None, ""),
        ("가나다 abc", "가나다 abc"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("a\x00b", "a⟨U+0000⟩b"),
        ("\x1b[31mred\x1b]8;;http://x\x07", "⟨U+001B⟩[31mred⟨U+001B⟩]8;;http://x⟨U+0007⟩"),
        ("a\x7f\x85\x9bb", "a⟨U+007F⟩⟨U+0085⟩⟨U+009B⟩b"),
        ("user\u202egnp.exe", "user⟨U+202E⟩gnp.exe"),
        ("\u2066a\u2069\u200e\u200f\u061c", "⟨U+2066⟩a⟨U+2069⟩⟨U+200E⟩⟨U+200F⟩⟨U+061C⟩"),
        ("pass\u200bword\ufeff\u2060\u00ad", "pass⟨U+200B⟩word⟨U+FEFF⟩⟨U+2060⟩⟨U+00AD⟩"),
        ("a\u2028b\u2029", "a⟨U+2028⟩b⟨U+2029⟩"),
        ("\ud800x\udfff", "⟨U+D800⟩x⟨U+DFFF⟩"),
        ("x\U000e0041\U000e007f", "x⟨U+E0041⟩⟨U+E007F⟩"),
        ("x\ufe0f\U000e0100", "x⟨U+FE0F⟩⟨U+E0100⟩"),
        ("\u3164\uffa0\u115f\u1160", "⟨U+3164⟩⟨U+FFA0⟩\u115f\u1160"),
        ("a\u1160", "a⟨U+1160⟩"),
        ("a\nb\tc\rd", "a↵b⇥c⟨U+000D⟩d"),
        ("e" + "\u0301" * 100, "e" + "\u0301" * 8),
        # signs of several characters stay whole
        ("👨\u200d👩\u200d👧 ❤\ufe0f 1\ufe0f\u20e3 👩🏽\u200d🚀", None),
        ("ᄒᆞᆫ글 \u115fᅡ ᄀ\u1160", None),
        ("각 한글 \u1112\u1161\u11ab", None),
        ("a\u200db", "a⟨U+200D⟩b"),
    ],
)
def test_what_is_not_seen_is_shown(text, seen):
    assert visible(text) == (text if seen is None else seen)


def test_lines_stay_where_they_are_asked_for():
    assert visible("a\nb\tc\rd", lines=True) == "a\nb\tc⟨U+000D⟩d"


def test_no_control_or_format_character_is_left():
    """Of those that Unicode calls so; number signs of Arabic and such are seen, so they stay."""
    seen = set()
    for code in range(0x110000):
        hidden = unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        if hidden and visible(chr(code)) == chr(code):
            seen.add(code)
    letters = {*range(0x600, 0x606), 0x6DD, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    assert seen == letters


@pytest.mark.parametrize(
    "text",
    [
        "[a](javascript:alert(1))",
        "![x](http://127.0.0.1/x.png)",
        "<img src=x onerror=alert(1)>",
        "$\\frac{1}{2}$",
        ":material/delete: :red[x]",
        "# big",
        "`x`",
        "a | b",
        "&lt;",
    ],
)
def test_markdown_shows_a_text_as_it_is(text):
    shown = literal(text)
    assert all(shown[i - 1] == "\\" for i, c in enumerate(shown) if c in "[]()!<>$:#`|&_*{}=")
    assert shown.replace("\\\\", "\0").replace("\\", "").replace("\0", "\\") == text


def test_a_text_is_cut():
    assert cut("가나다라", 4) == "가나다라"
    assert cut("가나다라", 3) == "가나…"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("n_bytes", "n_bytes"),
        ("image", "image_"),
        ("Title", "Title_"),
        ("", "_"),
        ("a.b[0]:Q", "a_b_0__Q"),
        ("x" * 200, "x" * 79 + "…"),
        ("a\u202eb", "a⟨U+202E⟩b"),
    ],
)
def test_a_column_of_a_chart_has_a_name_that_vega_does_not_read(name, safe):
    assert column(name) == safe


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (pa.array([1, None], pa.uint8()), [1, None]),
        (pa.array([2**53, 1]), [2**53, 1]),
        (pa.array([2**53 + 1, 1]), ["9007199254740993", "1"]),
        (pa.array([-(2**63)]), ["-9223372036854775808"]),
        (pa.array([Decimal(5), None], pa.decimal128(38, 0)), [5, None]),
        (pa.array([Decimal("0.5")], pa.decimal128(4, 2)), [0.5]),
        (pa.array([Decimal(10) ** 37], pa.decimal128(38, 0)), ["1" + "0" * 37]),
        (pa.array([0.5, None]), [0.5, None]),
        (pa.array([0.5, float("nan"), float("-inf"), None]), ["0.5", "nan", "-inf", None]),
        (pa.array([], pa.float64()), []),
        (pa.array([None, None]), [None, None]),
        (pa.array([True, None]), [True, None]),
        (pa.array([b"\x00\xff"]), ["0x00ff"]),
        (pa.array(["a\u202e", None]), ["a⟨U+202E⟩", None]),
        (pa.array(["x", "x"]).dictionary_encode(), ["x", "x"]),
        (pa.array([[1, None], None]), ["[1, null]", None]),
        (pa.array([[float("nan")]]), ['["nan"]']),
        (pa.array([{"a": [{"b": "\u200b"}]}]), ['{"a": [{"b": "⟨U+200B⟩"}]}']),
        (pa.array([datetime.date(2026, 1, 2)]), ["2026-01-02"]),
        (pa.array([2**50], pa.timestamp("s")), [f"<value out of range: {2**50}>"]),
        (pa.array(["x" * 100_000_000]), ["x" * 39 + "…"]),
        (pa.array([[0] * 10_000_000]), [("[" + "0, " * 13)[:39] + "…"]),
    ],
    ids=str,
)
def test_a_cell_is_a_number_or_a_short_text(values, shown):
    found = rows(pa.table({"x": values}), 40).column("x")
    assert found.to_pylist() == shown
    assert found.type in (pa.int64(), pa.float64(), pa.bool_(), pa.string())


def test_every_type_of_duckdb_can_be_shown():
    table = duckdb.sql("from test_all_types()").to_arrow_table()
    shown = rows(table, 40)
    assert shown.num_rows == table.num_rows and shown.num_columns == table.num_columns
    shown.to_pandas()
    assert all(len(x) <= 40 for c in shown if c.type == pa.string() for x in c.to_pylist() if x)


def test_each_column_has_a_name_of_its_own():
    table = pa.table([[1], [2], [3], [4], [5]], names=["a", "a", "a (2)", "", "\u202e"])
    assert rows(table).column_names == ["a", "a (2)", "a (2) (2)", "(no name)", "⟨U+202E⟩"]
