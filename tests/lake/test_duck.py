import gc

import duckdb
import pyarrow as pa
import pytest

import lake
from lake import duck


def test_sql_takes_values_and_gives_a_relation(lk):
    relation = lk.sql("select doc_id from documents where lang = $lang order by doc_id", lang="ko")
    gc.collect()
    assert relation.fetchall() == [("a",), ("c",)]
    assert lk.sql("select count(*) as n from documents").pl()["n"].to_list() == [3]
    assert lk.sql("select count(*) as n from documents").df()["n"].to_list() == [3]
    assert lk.sql("select count(*) as n from documents").to_arrow_table().to_pydict() == {"n": [3]}


def test_sql_at_a_version_or_tag(lk, documents):
    version = lk.tag("first")
    lk.append("documents", documents(["d"], ["x"]))
    count = "select count(*) from documents"
    assert lk.sql(count).fetchall() == [(4,)]
    assert lk.sql(count, at="first").fetchall() == [(3,)]
    assert lk.sql(count, at=version).fetchall() == [(3,)]


def test_tables_that_hold_nothing_yet_can_be_asked(lk):
    assert lk.sql("select run from runs").fetchall() == []


def test_sub_tables_are_in_a_schema(lk):
    lk.write("mixtures/demo@1", pa.table({"doc_id": ["a"]}))
    assert lk.sql('select doc_id from mixtures."demo@1"').fetchall() == [("a",)]
    assert lk.connect().sql('select doc_id from mixtures."demo@1"').fetchall() == [("a",)]
    lk.write("sequences/demo/rows", pa.table({"input_ids": [1, 2]}))
    assert lk.sql('select sum(input_ids) from sequences."demo"').fetchall() == [(3,)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("select txt from documents", 'column "txt" not found.*Candidate bindings: .*"text"'),
        ("select * from document", "Table with name document does not exist"),
        ("selec 1", 'syntax error at or near "selec"'),
        ("select 1; select 2", "one select is asked for, not 2 statements"),
        ("create table x (y int)", "only a select can be asked, not CREATE"),
        ("select $a", "a"),
        ("with x as (copy (select 1) to '/tmp/x.csv') from x", "this one has COPY in a 'with'"),
        ("from (with x as (delete from documents) from x)", "this one has DELETE in a 'with'"),
        ("pivot documents on lang", "a pivot must say its columns: pivot"),
    ],
)
def test_bad_sql_is_one_line(lk, text, message):
    with pytest.raises(lake.BadQuery, match=message) as caught:
        lk.sql(text)
    assert "\n" not in str(caught.value)


def test_views_come_with_their_tables(lk, tmp_path, monkeypatch, length):
    views = tmp_path / "sql" / "views"
    views.mkdir(parents=True)
    (views / "a_korean.sql").write_text("select doc_id from z_long where lang = 'ko'")
    (views / "z_long.sql").write_text("select doc_id, lang from documents where n_chars > 1")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(lake.BadQuery, match="view .* cannot be read yet: .*run the steps"):
        lk.sql("select * from a_korean")
    with pytest.raises(duckdb.CatalogException):
        lk.connect().sql("select * from a_korean")
    lk.fill("documents", [length()])
    assert lk.sql("select * from a_korean").fetchall() == [("c",)]
    assert lk.connect().sql("select * from a_korean").fetchall() == [("c",)]


def test_integer_filters_reach_the_scan(lk, length):
    lk.fill("documents", [length()])
    con = lk.connect()
    plan = con.execute("explain select doc_id from documents where n_chars >= 2").fetchall()[0][1]
    assert 'Filters: "n_chars" >= 2' in plan


def test_a_query_may_name_columns_that_need_not_be_there(lk, length):
    text = "-- Some.\n-- optional n_chars  BIGINT   characters\nselect max(n_chars) from documents"
    query = lake.Query.parse(text, "some")
    assert query.description == "Some."
    assert lk.sql(text).fetchall() == [(None,)]
    assert query.run(lk.connect()).fetchall() == [(None,)]
    lk.fill("documents", [length()])
    assert lk.sql(text).fetchall() == query.run(lk.connect()).fetchall() == [(3,)]


def test_an_optional_column_leaves_values_order_and_views_as_they_are(lk, tmp_path, monkeypatch):
    views = tmp_path / "sql" / "views"
    views.mkdir(parents=True)
    (views / "own_columns.sql").write_text("select column_name from (describe documents)")
    monkeypatch.chdir(tmp_path)
    text = """-- optional score  FLOAT   none yet
        with few as (select doc_id, score from documents where doc_id <> $other)
        select doc_id, score, 'score' in (from own_columns) from few order by doc_id desc"""
    rows = lk.sql(text, other="b").fetchall()
    assert rows == [("c", None, False), ("a", None, False)]


def test_further_tables_are_opened_when_they_are_named(lk, tmp_path, monkeypatch):
    views = tmp_path / "sql" / "views"
    views.mkdir(parents=True)
    (views / "last_steps.sql").write_text("select max(step) as step from run_steps")
    monkeypatch.chdir(tmp_path)
    opened = []
    extra = {"run_steps": lambda: opened.append(1) or pa.table({"step": [1, 2]})}
    con = duck.connect(lk, mentioned="select doc_id from documents", extra=extra)
    assert opened == []
    con = duck.connect(lk, mentioned="from last_steps", extra=extra)
    assert con.sql("from last_steps").fetchall() == [(2,)] and opened == [1]
    assert duck.connect(lk, extra=extra).sql("from run_steps").fetchall() == [(1,), (2,)]
