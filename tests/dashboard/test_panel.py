import re

import pytest

import lake
from kormo_ds.dashboard import panel
from kormo_ds.dashboard.panel import Chart, Control
from kormo_ds.errors import BadInput

SQL = """-- Documents of a language.
-- One row per source.
-- page lake 2.5
-- title By source | 출처별
-- chart bar x=n y=source color=source
-- control min_bin slider 0 99 5
-- control lang choice languages
-- param min_bin  INTEGER = 0    lowest
-- param lang     VARCHAR = '%'  language
-- param width    DOUBLE = 1.5   of a bin
-- param exact    BOOLEAN = true  or nearly
-- param words    VARCHAR[] = ['a']  some
select source, count(*) as n from documents
where lang like $lang and $min_bin > 0 and $width > 0 and $exact and $words is not null
group by source order by source
"""


def parsed(text: str) -> panel.Panel:
    return panel.read(lake.Query.parse(text, "odd"))


def test_a_header_says_how_a_panel_is_shown():
    shown = parsed(SQL)
    assert (shown.page, shown.place, shown.titles) == ("lake", 2.5, ("By source", "출처별"))
    assert shown.charts == (Chart("bar", (("x", "n"), ("y", "source"), ("color", "source"))),)
    assert shown.controls == (
        Control("min_bin", "slider", 0.0, 99.0, 5.0),
        Control("lang", "choice", choices="languages"),
        Control("width", "number"),
        Control("exact", "switch"),
        Control("words", "text"),
    )
    assert shown.query.description == "Documents of a language.\nOne row per source."


def test_without_a_chart_it_is_a_table():
    assert parsed(re.sub("-- chart.*\n", "", SQL)).charts == (Chart("table"),)


@pytest.mark.parametrize(
    ("line", "other", "message"),
    [
        ("-- page lake 2.5", "-- page lakes 2", "page 'lakes'; pages: lake, funnel"),
        ("-- page lake 2.5", "-- page lake", "write a page and a number"),
        ("-- page lake 2.5\n", "", "a panel has one line '-- page …', not 0"),
        (" | 출처별", "", "write: -- title English | 한국어"),
        ("-- chart bar", "-- chart pie", "chart 'pie'; charts: bar, line"),
        ("color=source", "colour=source", "'colour=source' of chart bar; write CHANNEL=COLUMN"),
        (" x=n", "", "chart bar needs x=COLUMN and y=COLUMN"),
        ("slider 0 99 5", "slider 9 0", "write NAME slider LOW HIGH STEP"),
        ("slider 0 99 5", "slider low 9", "a slider's bounds are numbers"),
        ("slider 0 99 5", "dial", "one of number, text, switch"),
        ("control lang", "control language", "control of 'language', which is not a parameter"),
    ],
)
def test_a_bad_header_says_what_is_wrong(line, other, message):
    assert line in SQL
    with pytest.raises(BadInput, match=f"^stats/odd: .*{re.escape(message)}"):
        parsed(SQL.replace(line, other, 1))


def test_every_shipped_panel_is_read_in_the_order_of_its_page():
    found = panel.panels()
    assert [(panel.PAGES.index(p.page), p.place) for p in found] == sorted(
        (panel.PAGES.index(p.page), p.place) for p in found
    )
