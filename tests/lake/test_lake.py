from datetime import timedelta

import pyarrow as pa
import pytest

import lake
from lake.tables import TABLES


def test_open_says_what_to_do_where_there_is_no_lake(tmp_path):
    with pytest.raises(lake.NoLake, match=r"no lake at .*; `kormo ingest`"):
        lake.open(tmp_path)


def test_create_twice_is_the_same_lake(lk):
    assert lake.create(lk.root).dataset().count_rows() == 3


def test_the_root_comes_from_the_environment(lk, monkeypatch):
    monkeypatch.setenv("KORMO_LAKE", lk.root)
    assert lake.open().root == lk.root


def test_a_lake_of_a_newer_format_is_refused(tmp_path):
    (tmp_path / "lake.json").write_text('{"format": 99}')
    with pytest.raises(lake.NoLake, match="format 99, newer than 1"):
        lake.open(tmp_path)


def test_append_keeps_order_and_fills_lacking_columns_with_null(lk, documents):
    assert lk.append("documents", documents(["d", "e"], ["q", "r"])) == 2
    rows = lk.dataset().to_table(["doc_id", "lang", "url"]).to_pylist()
    assert [(row["doc_id"], row["lang"], row["url"]) for row in rows] == [
        ("a", "ko", None),
        ("b", "en", None),
        ("c", "ko", None),
        ("d", None, None),
        ("e", None, None),
    ]


def test_append_of_nothing_makes_no_version(lk, documents):
    before = lk.version()
    assert lk.append("documents", documents([], [])) == 0
    assert lk.version() == before


def test_append_is_one_commit_though_it_comes_in_batches(lk, documents):
    before = lk.version()
    batches = documents(["d", "e", "f"], ["1", "2", "3"]).to_batches(max_chunksize=1)
    assert lk.append("documents", iter(batches)) == 3
    assert lk.version() == before + 1


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        ({"doc_id": ["d"], "txt": ["x"]}, lake.NoColumn, "no column 'txt'; did you mean 'text'?"),
        (
            {"doc_id": [None], "text": ["x"]},
            lake.BadRows,
            "'doc_id' of 'documents' may not be NULL",
        ),
        ({"doc_id": ["d"], "messages": [1]}, lake.BadRows, "'messages' of 'documents' takes list"),
    ],
)
def test_append_refuses_rows_that_do_not_fit_and_keeps_the_rest(lk, table, error, message):
    if table["doc_id"] == [None]:
        table["doc_id"] = pa.array([None], pa.string())
    with pytest.raises(error, match=message.replace("?", r"\?")):
        lk.append("documents", pa.table(table))
    assert lk.dataset().count_rows() == 3


def test_a_failing_source_of_batches_leaves_the_table_as_it_was(lk, documents):
    def batches():
        yield documents(["d"], ["x"]).to_batches()[0]
        raise ValueError("the source broke")

    before = lk.version()
    with pytest.raises(ValueError, match="^the source broke$"):
        lk.append("documents", batches())
    assert (lk.version(), lk.dataset().count_rows()) == (before, 3)


def test_unknown_tables_are_named(lk):
    with pytest.raises(lake.NoTable, match="no table 'runz' in a lake; did you mean 'runs'?"):
        lk.append("runz", pa.table({"run": ["x"]}))
    with pytest.raises(lake.NoTable, match="nothing is in table 'runs'"):
        lk.dataset("runs")


def test_a_sub_table_is_replaced_whole(lk):
    lk.write("mixtures/demo@1", pa.table({"doc_id": ["a", "b"]}))
    lk.write("mixtures/demo@1", pa.table({"doc_id": ["c"]}))
    assert lk.dataset("mixtures/demo@1").to_table().to_pydict() == {"doc_id": ["c"]}
    assert lk.tables() == ["documents", "mixtures/demo@1"]


@pytest.mark.parametrize("name", ["mixtures/../x", "/etc/x", "mixtures/"])
def test_names_stay_below_the_root(lk, name):
    with pytest.raises(lake.NoTable, match="is not a name below"):
        lk.write(name, pa.table({"doc_id": ["a"]}))


def test_small_files_are_written_whole(lk, tmp_path):
    lk.write_bytes(b"one", "tokenizers", "demo", "tokenizer.json")
    lk.write_bytes(b"two", "tokenizers", "demo", "tokenizer.json")
    assert lk.read_bytes("tokenizers", "demo", "tokenizer.json") == b"two"
    assert [p.name for p in (tmp_path / "lake/tokenizers/demo").iterdir()] == ["tokenizer.json"]


def test_a_tag_keeps_a_version_from_clean_up(lk, documents):
    kept = lk.tag("first")
    lk.append("documents", documents(["d"], ["x"]))
    lk.append("documents", documents(["e"], ["x"]))
    lk.clean(older_than=timedelta(0))
    assert lk.dataset(at="first").count_rows() == 3
    assert [v.version for v in lk.versions()] == [kept, lk.version()]
    assert [v.tags for v in lk.versions()] == [("first",), ()]


def test_tags_are_not_moved_in_silence(lk, documents):
    version = lk.tag("first")
    assert lk.tag("first") == version
    lk.append("documents", documents(["d"], ["x"]))
    with pytest.raises(lake.NoVersion, match=f"names version {version} already; untag"):
        lk.tag("first")
    lk.untag("first")
    assert lk.tags() == {}
    with pytest.raises(lake.NoVersion, match="no tag 'first'"):
        lk.untag("first")


def test_the_tag_of_a_recorded_mixture_stays(lk):
    lk.tag("mixture-demo-1")
    lk.append(
        "mixtures", pa.table({"mixture": ["demo"], "version": [1], "tag": ["mixture-demo-1"]})
    )
    with pytest.raises(lake.NoVersion, match="keeps the documents of mixture demo@1 and stays"):
        lk.untag("mixture-demo-1")


@pytest.mark.parametrize("at", [99, "99", "nope"])
def test_unknown_versions_are_named(lk, at):
    with pytest.raises(lake.NoVersion, match=f"'documents' has no version or tag '{at}'"):
        lk.dataset(at=at)


def test_every_column_has_a_meaning():
    for table in TABLES.values():
        assert all(column.meaning for column in table.columns), table.name
