import datetime

import pyarrow as pa
import pytest

from kormo_ds.dashboard import bars, chart, panel
from kormo_ds.dashboard.colours import NOBODY, PALETTE, Colours
from kormo_ds.dashboard.look import Look

LOOK = Look(Colours({"lang": ["en", "ko"], "source": ["a", "b"]}))
TABLE = pa.table(
    {
        "lang": ["ko", "en", "ko", None],
        "source": ["a", "a", "b", "b"],
        "n_documents": [3, 9, 4, 1],
        "share": [0.1, float("nan"), 0.3, 0.4],
    }
)


def drawn(said: str, table: pa.Table = TABLE, look: Look = LOOK) -> list[tuple[str, dict]]:
    return [(head, made.to_dict()) for head, made in chart.charts(panel.chart(said), table, look)]


def one(said: str, table: pa.Table = TABLE, look: Look = LOOK) -> dict:
    ((head, spec),) = drawn(said, table, look)
    assert head == ""
    return spec


def test_bars_lie_and_the_longest_is_first():
    spec = one("bar x=n_documents y=lang color=lang")
    assert spec["mark"]["type"] == "bar"
    assert spec["encoding"]["y"]["sort"] == ["en", "ko", "(none)"]
    assert spec["encoding"]["x"]["field"] == "n_documents"
    assert spec["encoding"]["color"]["scale"] == {
        "domain": ["(none)", "en", "ko"],
        "range": [NOBODY, PALETTE[0], PALETTE[1]],
    }
    assert spec["encoding"]["color"]["legend"] is None, "the axis names the languages"


def test_pieces_of_a_bar_are_one_for_each_colour():
    values = one("bar x=n_documents y=lang color=lang")["data"]["values"]
    assert values == [
        {"lang": "ko", "n_documents": 7},
        {"lang": "en", "n_documents": 9},
        {"lang": "(none)", "n_documents": 1},
    ]


def test_bars_over_numbers_stand_in_their_order():
    spec = one("bar x=n y=m", pa.table({"n": [5, 1, 3], "m": [1.0, 9.0, 2.0]}))
    assert spec["encoding"]["y"]["sort"] == [1.0, 2.0, 9.0]


def test_more_bars_than_can_be_read_are_left_to_the_table():
    table = pa.table({"source": [f"s{i:03}" for i in range(200)], "n": list(range(200))})
    spec = one("bar x=n y=source", table)
    assert spec["encoding"]["y"]["sort"][0] == "s199"
    assert len(spec["encoding"]["y"]["sort"]) == bars.MOST_BARS == len(spec["data"]["values"])


def test_what_is_no_number_is_not_drawn():
    values = one("point x=n_documents y=share")["data"]["values"]
    assert [row["share"] for row in values] == [0.1, None, 0.3, 0.4]


def test_text_of_the_data_is_made_visible():
    table = pa.table({"source": ["a\u202eb"], "n": [1]})
    assert one("bar x=n y=source", table)["data"]["values"] == [{"source": "a⟨U+202E⟩b", "n": 1}]


def test_times_have_a_time_axis():
    at = datetime.datetime(2026, 5, 4, 3, 2, 1)
    spec = one("line x=at y=n", pa.table({"at": [at], "n": [1]}))
    assert spec["encoding"]["x"]["type"] == "temporal"
    assert spec["data"]["values"] == [{"at": "2026-05-04T03:02:01", "n": 1}]


def test_a_chart_for_each_value_of_row():
    found = drawn("bar x=n_documents y=source row=lang")
    assert [head for head, _ in found] == ["(none)", "en", "ko"]
    assert [len(spec["data"]["values"]) for _, spec in found] == [1, 1, 2]


def test_marks_are_chosen_by_run_and_step():
    table = pa.table({"run": ["r", "r"], "step": [1, 2], "loss": [5.0, 9.0], "spike": [None, 9.0]})
    spec = one("line x=step y=loss color=run mark=spike", table)
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["line", "point"]
    assert spec["params"][0]["select"] == {
        "type": "point",
        "fields": ["run", "step"],
        "on": "click",
    }
    points = spec["layer"][1]["data"]
    rows = spec["datasets"][points["name"]] if "name" in points else points["values"]
    assert [row["step"] for row in rows] == [2]


def test_more_lines_than_colours_are_told_apart_by_dashes():
    runs = [f"r{i:02}" for i in range(12)]
    spec = one(
        "line x=step y=loss color=run",
        pa.table({"run": runs, "step": [1] * 12, "loss": [2.0] * 12}),
    )
    scale = spec["encoding"]["strokeDash"]["scale"]
    colour = spec["encoding"]["color"]["scale"]
    looks = set(zip(map(str, scale["range"]), colour["range"], strict=True))
    assert scale["domain"] == colour["domain"] == runs
    assert len(looks) == 12


def test_a_facet_has_the_colours_of_what_it_is():
    table = pa.table({"value": ["ko", "en"], "n": [1, 2]})
    look = Look(LOOK.colours, kinds=(("value", "lang"),))
    scale = one("bar x=n y=value color=value", table, look)["encoding"]["color"]["scale"]
    assert scale == {"domain": ["en", "ko"], "range": [PALETTE[0], PALETTE[1]]}


def test_a_heat_map_colours_by_number():
    table = pa.table({"length": [1, 2], "depth": [0, 50], "value": [0.5, 1.0]})
    spec = one("heatmap x=length y=depth color=value", table)
    assert spec["encoding"]["color"]["scale"] == {"scheme": "cividis"}


def test_labels_are_in_the_language_of_the_session():
    look = Look(LOOK.colours, "ko")
    spec = one("bar x=n_documents y=lang", look=look)
    assert spec["encoding"]["x"]["title"] == "문서 수"
    assert spec["encoding"]["y"]["sort"][-1] == "(없음)"


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(KeyError, match="n_words"):
        drawn("bar x=n_words y=lang")
