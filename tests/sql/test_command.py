"""`kormo sql`: what it prints, what it writes, what it refuses."""

import gzip
import io
import json
import re

import pyarrow.csv
import pyarrow.parquet
import pytest
import typer
import zstandard
from typer.testing import CliRunner

from kormo_ds.cli.sql import sql
from kormo_ds.errors import BadInput, UnknownName
from lake import BadQuery, NoLake

app = typer.Typer()
app.command()(sql)
DOCUMENTS = [
    {"doc_id": "a", "lang": "ko", "text": "한국", "n_bytes": 6},
    {"doc_id": "b", "lang": "en", "n_bytes": 3, "messages": [{"role": "user", "content": "hi"}]},
]


@pytest.fixture
def root(lake_of):
    return lake_of({"documents": DOCUMENTS}).root


def kormo(root: str, *words: str) -> list[str]:
    done = CliRunner().invoke(app, [*words, "--lake", root], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return [line.rstrip() for line in done.output.splitlines()]


def test_a_query_by_name_with_its_parameters(root):
    assert kormo(root, "mixtures/smoke", "documents=1") == [
        "doc_id  component  repeats  sort_key",
        "------  ---------  -------  --------------------------------",
        "b       en               1  6045083e3a6452f9be2e1966d5851dff",
        "1 row",
    ]


def test_a_file_and_a_text(root, tmp_path):
    file = tmp_path / "long.sql"
    file.write_text(
        "-- Long documents.\n-- param n  BIGINT = 5   bytes at least\n"
        "select doc_id from documents where n_bytes >= $n\n"
    )
    assert kormo(root, str(file)) == ["doc_id", "------", "a", "1 row"]
    assert kormo(root, str(file), "n=3") == ["doc_id", "------", "a", "b", "2 rows"]
    text = "select doc_id from documents where n_bytes > $n and lang = $lang"
    assert kormo(root, "-c", text, "n=2.5", "lang=en") == ["doc_id", "------", "b", "1 row"]


def test_rows_are_bounded_and_counted(root):
    shown = kormo(root, "-c", "select i from range(1234) as t (i)")
    assert len(shown) == 2 + 40 + 1
    assert shown[-1] == "40 of 1,234 rows; --out rows.parquet writes them all"


def test_nothing_asked_lists_the_queries(root):
    listed = kormo(root)
    assert any(line.startswith("stats/documents_by_language ") for line in listed)
    assert any(line.endswith("documents=200 seed=42") for line in listed)


def test_asking_nothing_of_the_lake_opens_no_table(root, monkeypatch):
    from lake.lake import Lake

    opened = []
    dataset = Lake.dataset
    monkeypatch.setattr(Lake, "dataset", lambda lk, *a: opened.append(a[0]) or dataset(lk, *a))
    kormo(root, "-c", "select 1")
    assert opened == []
    kormo(root, "-c", "select count(*) from documents")
    assert opened == ["documents"]


SELECT = "select doc_id, text, messages from documents order by doc_id"
LINES = [
    {"doc_id": "a", "text": "한국", "messages": None},
    {
        "doc_id": "b",
        "text": None,
        "messages": [{"role": "user", "content": "hi", "reasoning": None}],
    },
]


def unpacked(path) -> bytes:
    data = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(data)
    if path.suffix == ".zst":
        return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)).read()
    return data


@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz", "jsonl.zst"])
def test_out_as_json_lines(root, tmp_path, suffix):
    out = tmp_path / f"rows.{suffix}"
    assert kormo(root, "-c", SELECT, "--out", str(out))[-1] == f"wrote 2 rows to {out}"
    assert [json.loads(line) for line in unpacked(out).decode().splitlines()] == LINES


def test_out_as_parquet(root, tmp_path):
    out = tmp_path / "rows.parquet"
    kormo(root, "-c", SELECT, "--out", str(out))
    assert pyarrow.parquet.read_table(out).to_pylist() == LINES


def test_out_as_csv(root, tmp_path):
    out = tmp_path / "rows.csv"
    kormo(root, "-c", "select doc_id, n_bytes, text from documents", "--out", str(out))
    assert out.read_text() == '"doc_id","n_bytes","text"\n"a",6,"한국"\n"b",3,\n'


def test_out_holds_every_row_of_many_batches(root, tmp_path):
    out = tmp_path / "rows.jsonl"
    kormo(root, "-c", "select i from range(200000) as t (i)", "--out", str(out))
    assert [json.loads(line)["i"] for line in out.read_text().splitlines()] == [*range(200000)]


def test_a_query_that_fails_on_its_way_leaves_the_old_file_alone(root, tmp_path):
    out = tmp_path / "rows.jsonl"
    out.write_text("as it was\n")
    text = "select if(i = 150000, error('half way'), i) as i from range(200000) as t (i)"
    with pytest.raises(BadQuery, match="half way"):
        kormo(root, "-c", text, "--out", str(out))
    assert out.read_text() == "as it was\n"
    assert [path.name for path in tmp_path.iterdir() if "rows" in path.name] == ["rows.jsonl"]


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["-c", "select bytes from documents"], BadQuery, '"bytes" not found.*Candidate.*n_bytes'),
        (["-c", "select 1 from documens"], BadQuery, 'documens does not exist.*"documents"'),
        (["-c", "select 1 from kept_doc"], BadQuery, 'kept_doc does not exist.*"kept_documents"'),
        (["-c", "select 1; select 2"], BadQuery, "one select is asked for, not 2 statements"),
        (["-c", "drop table documents"], BadQuery, "only a select can be asked, not DROP"),
        (["-c", "selec 1"], BadQuery, 'syntax error at or near "selec"'),
        (["-c", "select error('no luck')"], BadQuery, "no luck"),
        (["-c", "select $a", "b=1"], BadQuery, "no parameter 'b'; known: a"),
        (["-c", "select $a"], BadQuery, r"needs a value for \$a; add a=…"),
        (["-c", "select 1", "stats/run_table"], BadInput, "one query at a time, not stats/run_tab"),
        (["stats/run_tabel"], UnknownName, "did you mean 'stats/run_table'"),
        (["gone.sql"], BadQuery, "no query file gone.sql"),
        (["mixtures/smoke", "sed=1"], BadQuery, "no parameter 'sed'; did you mean 'seed'"),
        (["mixtures/smoke", "seed=x"], BadQuery, "parameter seed=x"),
        (["mixtures/stage1"], BadQuery, "needs tokenizer=…"),
        (["-c", "select 1", "--out", "x.xlsx"], BadInput, "known suffixes: .jsonl, .jsonl.gz"),
        (["-c", "select 1", "--out", "no/such/x.csv"], BadInput, "there is no folder no/such"),
        (["-c", "select [1] as l", "--out", "x.csv"], BadInput, "'l' is INTEGER.., which CSV"),
    ],
)
def test_mistakes_are_one_line(root, tmp_path, monkeypatch, words, error, message):
    with pytest.raises(error) as caught:
        kormo(root, *words)
    assert re.search(message, str(caught.value)), caught.value
    assert "\n" not in str(caught.value)


def test_no_lake_is_said(tmp_path):
    with pytest.raises(NoLake, match="no lake at"):
        kormo(str(tmp_path / "none"), "-c", "select 1")
