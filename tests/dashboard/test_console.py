"""What the SQL page knows and makes without a browser: words, parameters, first charts, files."""

import json

import pyarrow as pa
import pyarrow.parquet
import pytest

import lake
from kormo_ds import queries
from kormo_ds.dashboard import chart, completion, export, parameters, shape
from kormo_ds.dashboard.ask import EXPORT, Asker
from kormo_ds.dashboard.colours import Colours
from kormo_ds.dashboard.shape import Shape
from kormo_ds.errors import BadInput
from lake import BadQuery, Column


class Size:
    """A step that writes one column."""

    name, version, fingerprint, ordered, reads = "size", 3, "0", False, ("text",)
    writes = (Column("n_signs", pa.int64(), "signs of the text"),)

    def __call__(self, batch):
        n = pa.array([len(text) for text in batch["text"].to_pylist()], pa.int64())
        return pa.RecordBatch.from_arrays([n], ["n_signs"])


@pytest.fixture
def lk(tmp_path):
    made = lake.create(tmp_path / "lake")
    rows = [
        {"doc_id": "a", "text": "=1+1", "lang": "ko"},
        {"doc_id": "b", "text": "b", "lang": "en"},
    ]
    made.append("documents", pa.Table.from_pylist(rows, made.schema("documents")))
    return made


def table(words, name):
    return next(one for one in words.tables if one.name == name)


def test_words_are_the_lakes_tables_with_types_meanings_and_steps(lk):
    lk.fill("documents", [Size()])
    lk.write("mixtures/demo@1", pa.table({"doc_id": ["a"], "Repeats": [1.0]}))
    words = completion.words(lk, {"run_steps": lambda: pa.table({"order": [1], "loss": [2.0]})})

    documents = table(words, "documents")
    assert documents.meaning.startswith("One row per document")
    assert documents.columns[0] == completion.Column(
        "doc_id", "VARCHAR", "hash of source, source_id and text, or turns; the only key"
    )
    assert documents.columns[-1] == completion.Column(
        "n_signs", "BIGINT", "signs of the text (size@3)"
    )
    assert [c.name for c in table(words, 'mixtures."demo@1"').columns] == ["doc_id", '"Repeats"']
    assert [c.name for c in table(words, "run_steps").columns] == ['"order"', "loss"]
    assert table(words, "rejects").columns[0].name == "reject_id"  # no row yet
    assert [c.name for c in table(words, "document_split").columns][:1] == ["doc_id"]
    assert not any(one.name.startswith("_") for one in words.tables)
    assert len({one.name for one in words.tables}) == len(words.tables)


def test_words_are_functions_keywords_and_queries_too(lk):
    words = completion.words(lk)
    assert "regexp_matches" in dict(words.functions)
    assert {"select", "qualify", "asof"} <= set(words.keywords)
    assert dict(words.queries)["stats/threshold_sweep"].startswith("What is kept at each threshold")


def test_a_view_whose_columns_are_not_there_yet_is_named_without_any(lk):
    words = completion.words(lk)
    assert {view.name for view in words.tables if view.kind == "view"} == set(lake.duck.views())
    assert table(words, "contaminated_documents").columns == ()


def test_what_stands_in_a_views_place_is_not_made_for_its_columns(lk):
    def scan():
        raise AssertionError("a scan of the lake")

    assert table(completion.words(lk, {"document_split": scan}), "document_split").columns


def test_the_stamp_changes_with_what_is_to_be_completed(lk):
    before = completion.stamp(lk)
    assert completion.stamp(lk) == before
    lk.write("mixtures/demo@1", pa.table({"doc_id": ["a"]}))
    assert completion.stamp(lk) != before
    before = completion.stamp(lk)
    lk.fill("documents", [Size()])
    assert completion.stamp(lk) != before


@pytest.mark.parametrize("name", queries.everything())
def test_parameters_are_those_that_duckdb_sees(name):
    query = queries.find(name)
    assert set(parameters.names(query.sql)) == set(query.params)


@pytest.mark.parametrize(
    "text, found",
    [
        ("select $b, $a, $b", ["b", "a"]),
        ("select '$a', \"$b\" -- $c\n/* $d */ from $e", ["e"]),
        ("select $$ $a $$, $x$ $b $x$, $c", ["c"]),
        ("select 'unfinished $a", ["a"]),
        ("select $1, $ x", []),
    ],
)
def test_parameters_of_texts_that_nobody_finished(text, found):
    assert parameters.names(text) == found


DECLARED = "-- Odd.\n-- param n BIGINT = 5  bytes\n-- param w VARCHAR  word\nselect $n, $w"


def test_values_are_typed_by_a_header_or_as_they_read():
    assert parameters.values("select $a, $b, $c", {"a": "3", "b": "0.5", "c": "ko"}) == {
        "a": 3,
        "b": 0.5,
        "c": "ko",
    }
    assert parameters.values(DECLARED, {"n": "7", "w": "3"}) == {"n": 7, "w": "3"}
    assert parameters.values(DECLARED, {"n": "5", "w": "x"}) == {"n": 5, "w": "x"}
    sweep = queries.find("stats/threshold_sweep")
    shown = {name: parameters.shown(param) for name, param in sweep.params.items()}
    assert parameters.values(sweep.sql, shown) == sweep.values({})


@pytest.mark.parametrize(
    "text, given, says",
    [
        ("select $a", {}, "a value for $a"),
        ("select $a", {"a": ""}, "a value for $a"),
        (DECLARED, {"n": "x", "w": "w"}, "parameter n=x"),
        (DECLARED, {}, "needs w="),
    ],
)
def test_values_that_are_missing_or_of_another_type(text, given, says):
    with pytest.raises(BadQuery, match=says.replace("$", r"\$")):
        parameters.values(text, given)


TIMES = pa.array([1, 2, 3], pa.timestamp("us"))
FIRST = [
    ({"lang": ["ko", "en"], "n": [1, 2]}, Shape("bar", "n", "lang", "lang")),
    ({"word": ["ko", "en"], "n": [1, 2]}, Shape("bar", "n", "word")),
    ({"word": ["a", "b"], "lang": ["ko", "en"], "n": [1, 2]}, Shape("bar", "n", "word", "lang")),
    ({"step": [1, 2, 3], "loss": [3.0, 2.0, 2.5]}, Shape("line", "step", "loss")),
    ({"x": [2, 1, 3], "y": [3.0, 2.0, 2.5]}, Shape("point", "x", "y")),
    ({"at": TIMES, "run": ["a", "a", "b"], "n": [1, 2, 3]}, Shape("line", "at", "n", "run")),
    ({"lang": ["ko", "en"]}, Shape("table")),
    ({"lang": ["ko"], "n": [1]}, Shape("table")),
    ({"l": [[1], [2]], "n": [1, 2]}, Shape("table")),
    ({"n": [1, 2]}, Shape("table")),
    ({"n": []}, Shape("table")),
]


@pytest.mark.parametrize("columns, made", FIRST)
def test_the_first_chart_goes_by_types(columns, made):
    assert shape.first(pa.table(columns)) == made


@pytest.mark.parametrize("kind", [kind for kind in shape.KINDS if kind != "table"])
@pytest.mark.parametrize("columns", [columns for columns, _ in FIRST if "l" not in columns])
def test_every_kind_has_columns_and_is_drawn_where_there_are_numbers(kind, columns):
    asked = pa.table(columns)
    made = shape.first(asked, kind)
    assert {made.x, made.y} <= set(asked.column_names)
    assert shape.lacks_number(made, asked) == (list(columns) == ["lang"] or columns == {"n": []})
    if not shape.lacks_number(made, asked):
        drawn = list(chart.charts(*shape.chart(made, asked, Colours({}), "en")))
        assert [one.to_dict()["data"]["values"] != [] for _, one in drawn] == [True]


def test_columns_of_any_name_and_type_are_drawn_under_their_titles():
    odd = pa.table({"a.b[0]": [b"x", b"y"], "count(*)": [1, 2], "l": [[1], [2]]})
    made = shape.first(odd)
    assert made == Shape("bar", "count(*)", "a.b[0]")
    ((_, drawn),) = chart.charts(*shape.chart(made, odd, Colours({}), "en"))
    said = drawn.to_dict()
    assert said["data"]["values"] == [{"c0": "b'x'", "c1": 1}, {"c0": "b'y'", "c1": 2}]
    assert (said["encoding"]["x"]["field"], said["encoding"]["x"]["title"]) == ("c1", "count(*)")


def test_a_column_of_languages_has_the_lakes_colours():
    asked = pa.table({"lang": ["ko", "en"], "n": [1, 2]})
    colours = Colours({"lang": ["en", "fr", "ko"]})
    ((_, drawn),) = chart.charts(*shape.chart(shape.first(asked), asked, colours, "en"))
    scale = drawn.to_dict()["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == colours.of(
        "lang", ["en", "ko"], "(none)"
    )


ODD = {
    "=a": ["=1+1", "-x", "+x", "@x", "\tx", "＝x", "plain", "a=b", "", None],
    "n": [-1, 2, 3, 4, 5, 6, 7, 8, 9, None],
}


def test_a_csv_holds_no_formulas_and_the_other_files_every_byte():
    odd = pa.table(ODD)
    assert export.made(odd, ".csv").decode().splitlines() == [
        '"\'=a","n"',
        '"\'=1+1",-1',
        '"\'-x",2',
        '"\'+x",3',
        '"\'@x",4',
        '"\'\tx",5',
        '"\'＝x",6',
        '"plain",7',
        '"a=b",8',
        '"",9',
        ",",
    ]
    lines = export.made(odd, ".jsonl").decode().splitlines()
    assert [json.loads(line) for line in lines] == odd.to_pylist()
    assert pyarrow.parquet.read_table(pa.BufferReader(export.made(odd, ".parquet"))) == odd


def test_bytes_and_enums_are_no_way_around_it():
    odd = pa.table({"b": [b"=1"], "e": pa.array(["=1"]).dictionary_encode()})
    assert export.made(odd, ".csv") == b'"b","e"\n"\'=1","\'=1"\n'


def test_a_csv_of_nested_values_is_refused():
    nested = pa.table({"l": [[1]]})
    assert export.holds_nested(nested.schema)
    with pytest.raises(BadInput, match="'l' is .*, which CSV cannot hold"):
        export.made(nested, ".csv")


def test_a_file_is_of_the_whole_answer_or_is_not_made(lk):
    text = "select i from range($n) as t (i)"
    file = export.ask(Asker(lk), text, {"n": 20_000}, ".parquet")  # the page shows 10,000
    assert pyarrow.parquet.read_table(pa.BufferReader(file)).num_rows == 20_000
    with pytest.raises(BadQuery, match=f"more than 1,000,000 rows or {EXPORT.answer_mb} MiB"):
        export.ask(Asker(lk), text, {"n": 1_000_001}, ".parquet")
    with pytest.raises(BadQuery, match="only a select"):
        export.ask(Asker(lk), "drop table documents", {}, ".csv")
