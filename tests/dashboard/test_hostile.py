"""Hostile questions: each is refused in a clear line or harmless, and nothing anywhere changes."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import lake
from kormo_ds.dashboard.ask import CONSOLE, Asker
from kormo_ds.dashboard.fetch import fetch

OFF = "operations are disabled by configuration"
NONE = "does not exist"
LOCKED = "the configuration has been locked"
ONLY = "only a select can be asked"
QUERIES = [
    # statements that change something
    ("attach '/tmp/x.db'", f"{ONLY}, not ATTACH"),
    ("attach ':memory:' as other", f"{ONLY}, not ATTACH"),
    ("detach memory", f"{ONLY}, not DETACH"),
    ("use memory", ONLY),
    ("copy documents to 'out.csv'", f"{ONLY}, not COPY"),
    ("copy documents from '/etc/passwd'", f"{ONLY}, not COPY"),
    ("copy (select 1) to 'out.parquet' (format parquet)", f"{ONLY}, not COPY"),
    ("export database 'out'", f"{ONLY}, not EXPORT"),
    ("import database 'out'", ONLY),
    ("install httpfs", ONLY),
    ("load httpfs", f"{ONLY}, not LOAD"),
    ("set enable_external_access = true", f"{ONLY}, not SET"),
    ("set variable x = 1", f"{ONLY}, not SET"),
    ("reset threads", ONLY),
    ("pragma enable_profiling", ONLY),
    ("pragma table_info('documents')", ONLY),
    ("call pragma_version()", f"{ONLY}, not CALL"),
    ("call enable_logging()", f"{ONLY}, not CALL"),
    ("create table x as select 1", f"{ONLY}, not CREATE"),
    ("create or replace view documents as select 1", f"{ONLY}, not CREATE"),
    ("create macro f(x) as x", f"{ONLY}, not CREATE"),
    ("create secret s (type s3, key_id 'a', secret 'b')", ONLY),
    ("insert into documents (doc_id) values ('z')", f"{ONLY}, not INSERT"),
    ("update documents set lang = 'en'", f"{ONLY}, not UPDATE"),
    ("delete from documents", f"{ONLY}, not DELETE"),
    ("truncate documents", ONLY),
    ("drop view documents", f"{ONLY}, not DROP"),
    ("drop table documents", f"{ONLY}, not DROP"),
    ("alter view documents rename to gone", f"{ONLY}, not ALTER"),
    ("comment on view documents is 'x'", ONLY),
    ("merge into documents using (select 1) on (true) when matched then delete", ONLY),
    ("begin", f"{ONLY}, not TRANSACTION"),
    ("commit", f"{ONLY}, not TRANSACTION"),
    ("checkpoint", ONLY),
    ("vacuum", f"{ONLY}, not VACUUM"),
    ("analyze", ONLY),
    ("prepare p as select 1", f"{ONLY}, not PREPARE"),
    ("execute p", f"{ONLY}, not EXECUTE"),
    ("explain analyze select 1", f"{ONLY}, not EXPLAIN"),
    # a select that is none
    ("with x as (copy documents to 'out.csv') from x", "has COPY in a 'with'"),
    ("with x as (insert into documents (doc_id) values ('z') returning *) from x", "has INSERT"),
    ("from (with x as not materialized (delete from documents) from x)", "has DELETE"),
    ("with x as (update documents set lang = 'en' returning *) from x", "has UPDATE"),
    ("from query('with x as (copy documents to ''out.csv'') from x')", "must be at the top level"),
    ("from query('with x as (delete from documents) from x')", "must be at the top level"),
    ("from query('drop view documents')", "Expected a single SELECT statement"),
    ("from query('select 1; drop view documents')", "Expected a single SELECT statement"),
    ("pivot documents on lang", "a pivot must say its columns"),
    # several statements
    ("select 1; drop view documents", "one select is asked for, not 2 statements"),
    ("select 1;;/* */; drop view documents", "one select is asked for, not 2 statements"),
    ("select 1 -- \n; drop view documents", "one select is asked for, not 2 statements"),
    ("select 1 /* ' */ ; copy (select 1) to 'out' -- '", "one select is asked for, not 2"),
    ("select 1; \x00 drop view documents", "syntax error"),
    ("select \x00 1", "syntax error"),
    ("", "one select is asked for, not 0 statements"),
    ("-- nothing", "one select is asked for, not 0 statements"),
    ("select 1 /*", "unterminated /\\* comment"),
    # files, addresses, and what Python knows
    ("from '/etc/passwd'", NONE),
    ("from 'documents.lance/**/*.parquet'", OFF),
    ("from read_csv('/etc/passwd')", OFF),
    ("from read_text('/etc/passwd')", OFF),
    ("from read_blob('/proc/self/environ')", OFF),
    ("from read_json('/etc/passwd')", OFF),
    ("from read_parquet('https://example.com/x.parquet')", OFF),
    ("from read_csv('s3://bucket/x.csv')", OFF),
    ("from sniff_csv('/etc/passwd')", OFF),
    ("from parquet_metadata('/etc/passwd')", OFF),
    ("from read_duckdb('/tmp/x.db')", OFF),
    ("from glob('/etc/*')", OFF),
    ("select * from documents where lang in (from read_text('/etc/passwd'))", OFF),
    ("from query_table('/etc/passwd')", NONE),
    ("from query('from read_text(''/etc/passwd'')')", OFF),
    ("from sqlite_scan('/tmp/x', 'y')", "not in the catalog"),
    ("from lk", NONE),
    ("from text", NONE),
    ("from query_table('limits')", NONE),
    ("from pandas_scan(140000000000)", "No function matches"),
    ("from arrow_scan(1, 2, 3)", "No function matches"),
    ("select 140000000000::pointer", "Type with name pointer does not exist"),
    ("select getenv('HOME')", "getenv does not exist"),
    ("from duckdb_extensions()", f'directory "-/.*{OFF}'),
    # settings as functions
    ("from enable_logging()", LOCKED),
    ("from enable_profiling()", LOCKED),
    ("from disable_logging()", LOCKED),
    ("from enable_logging('QueryLog', storage := 'file', storage_path := 'out')", LOCKED),
    # what is answered, since it tells nothing
    ("from duckdb_secrets()", []),
    ("from which_secret('s3://x', 's3')", []),
    ("from duckdb_logs()", []),
    ("from duckdb_variables()", []),
    ("from duckdb_prepared_statements()", []),
    ("from duckdb_temporary_files()", []),
    ("from duckdb_databases() where path is not null", []),
    ("select value from duckdb_settings() where value like '%/%' and name <> 'TimeZone'", None),
    ("select current_setting('secret_directory')", [("",)]),
    ("select current_setting('home_directory')", [("",)]),
    ("select current_setting('temp_directory')", [("",)]),
    ("select current_setting('enable_external_access')", [(False,)]),
    ("select current_setting('lock_configuration')", [(True,)]),
    ("select current_setting('python_enable_replacements')", [(False,)]),
    ("select current_setting('memory_limit')", [("488.2 MiB",)]),
    ("select current_setting('max_temp_directory_size')", [("0 bytes",)]),
    ("select getvariable('x')", [(None,)]),
    ("select current_query()", None),
    ("select write_log('x')", [(None,)]),
    ("from checkpoint()", []),
    ("select count(*) from (describe documents)", [(19,)]),
    ("select column_name from (summarize documents) limit 1", [("doc_id",)]),
    ("from query('select 1')", [(1,)]),
    ("select count(*) from query_table('documents')", [(3,)]),
    ("from json_execute_serialized_sql(json_serialize_sql('select 1'))", [(1,)]),
    ("select '; drop view documents --'", [("; drop view documents --",)]),
    ('select 1 as """; drop view documents"', [(1,)]),
    ('select \'"type":"COPY_QUERY_NODE"\'', [('"type":"COPY_QUERY_NODE"',)]),
    # too deep
    (f"select {'(' * 5000}1{')' * 5000}", "expression depth limit"),
    (f"select {'not ' * 5000}true", "expression depth limit"),
    (f"select 1{'+1' * 9000}", "expression depth limit"),
    (f"select {'[' * 5000}1{']' * 5000}", "expression depth limit"),
    (f"{'select * from (' * 1200}select 1{')' * 1200}", "expression depth limit"),
]
BOMBS = [
    "select * from range(1_000_000_000_000) order by range desc",
    "select count(*) from range(1_000_000) a, range(1_000_000) b, range(1_000_000) c",
    "with recursive r as (select 1 as n union all select n + 1 from r) select max(n) from r",
    "with recursive r as (select 1 n union all select n + 1 from r, range(9)) select sum(n) from r",
    "select repeat(repeat('x', 1_000_000), 100_000)",
    "select lpad('x', 2_000_000_000, 'y')",
    "select printf('%1500000000d', 1)",
    "select range(1_000_000_000)",
    "select list_transform(range(100_000), lambda x: range(100_000))",
    "select string_agg(repeat('x', 1_000_000)) from range(100_000)",
    "select sleep_ms(100_000)",
    "select levenshtein(repeat('a', 200_000), repeat('b', 200_000))",
    " union all ".join(["select 1"] * 1000)
    + " union all select count(*) from range(10e12::bigint)",
]


def everything(folder: Path) -> dict[str, str]:
    """Each file below a folder and the hash of it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def unchanged(lk, tmp_path, monkeypatch):
    """The lake's folder and the working folder stay as they are, and no file is made by a name."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    before = everything(tmp_path)
    yield
    assert everything(tmp_path) == before
    assert not os.path.exists("/tmp/x.db")


@pytest.mark.parametrize(("text", "outcome"), QUERIES, ids=lambda x: repr(x)[:60])
def test_a_hostile_query_is_refused_or_harmless(lk, unchanged, text, outcome):
    limits = replace(CONSOLE, seconds=20)
    if isinstance(outcome, str):
        with pytest.raises(lake.BadQuery, match=outcome) as caught:
            fetch(lk, text, {}, limits, {})
        assert "\n" not in str(caught.value)
        return
    table, is_cut = fetch(lk, text, {}, limits, {})
    assert not is_cut
    rows = [tuple(row.values()) for row in table.to_pylist()]
    if outcome is None:
        assert str(Path.home()) not in str(rows) and str(Path.cwd()) not in str(rows)
    else:
        assert rows == outcome


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    """An asker of an empty lake, whose children wait while others are asked."""
    asker = Asker(lake.create(tmp_path_factory.mktemp("bombs") / "lake"))
    yield asker
    asker.close()


@pytest.mark.parametrize("text", BOMBS, ids=lambda text: text[:50])
def test_a_bomb_ends_by_its_limits_and_the_next_question_is_answered(console, unchanged, text):
    ends = r"stopped after 1 s|needs more than 512 MB|maximum supported string size"
    with pytest.raises(lake.BadQuery, match=ends):
        console.ask(text, limits=replace(CONSOLE, seconds=1))


def test_a_long_text_is_refused_before_it_is_read(console):
    for text in ("select " + "1," * 500_000 + "1", "(" * 1_000_000, "\x00" * 20_001):
        with pytest.raises(lake.BadQuery, match="at most 20,000 are read"):
            console.ask(text, limits=CONSOLE)


@pytest.mark.parametrize("value", ["x' or '1'='1", "'; drop view documents; --", "\x00", "$id"])
def test_a_value_is_a_value(asker, value):
    answer = asker.ask("select doc_id from documents where doc_id = $id", {"id": value})
    assert answer.table.num_rows == 0


def test_a_child_can_write_no_file(tmp_path):
    """Not through DuckDB alone: the kernel refuses it, whatever the child runs."""
    code = (
        "from kormo_ds.dashboard import apart, ask; apart._limit(ask.CONSOLE); "
        "f = open('out', 'w'); f.write('x'); f.flush()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert "File too large" in done.stderr and (tmp_path / "out").read_bytes() == b""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel holds memory on Linux")
def test_a_child_gets_no_more_memory_than_its_limits(tmp_path):
    code = (
        "from kormo_ds.dashboard import apart, ask; apart._limit(ask.CONSOLE)\n"
        "try: bytearray(2 << 30)\nexcept MemoryError: print('refused')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "refused\n"
