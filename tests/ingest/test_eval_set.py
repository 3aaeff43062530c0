"""Evaluation sets: rows into items, counted rejects, whole or not at all."""

import json
import signal
import subprocess
import sys

import pyarrow as pa
import pytest

import lake
from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.ingest.eval_set import Columns, add
from kormo_ds.recorded import eval_sets


@pytest.fixture
def lk(tmp_path):
    return lake.create(tmp_path / "lake")


@pytest.fixture
def file(tmp_path):
    def write(*rows, name="set.jsonl"):
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        (tmp_path / name).write_text("\n".join(lines) + "\n")
        return str(tmp_path / name)

    return write


def items(lk, name="s"):
    return [(row["item"], row["text"]) for row in eval_sets.read(lk, name).to_pylist()]


def test_columns_lists_and_lines(lk, file):
    path = file(
        {"q": "어디인가?", "c": ["서울", "부산"], "n": 1}, "", {"q": "What?", "c": [], "n": 2}
    )
    done = add(lk, "s", [path], Columns(text="q, c", lang="ko"))
    assert (done.n_read, done.n_items, done.n_rejected) == (2, 2, 0)
    assert eval_sets.read(lk, "s").to_pylist() == [
        {"item": "1", "text": "어디인가?\n서울\n부산", "lang": "ko", "file": path, "line": 1},
        {"item": "3", "text": "What?", "lang": "ko", "file": path, "line": 3},
    ]


def test_ids(lk, file):
    add(lk, "s", [file({"q": "a", "n": 7}, {"q": "b", "n": "x/1"})], Columns(text="q", id="n"))
    assert items(lk) == [("7", "a"), ("x/1", "b")]
    first, second = (file({"text": name}, name=f"{name}.jsonl") for name in ("one", "two"))
    add(lk, "s", [first, second], Columns())
    assert items(lk) == [("one/1", "one"), ("two/1", "two")]


def test_inner_columns_parquet_and_text_files(lk, tmp_path):
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"doc": [{"q": "inside"}]}), tmp_path / "a.parquet")
    (tmp_path / "b.txt").write_text("a whole file")
    add(lk, "s", [str(tmp_path / "a.parquet"), str(tmp_path / "b.txt")], Columns(text="doc.q"))
    assert items(lk) == [("a/1", "inside"), ("b.txt", "a whole file")]


def test_bad_rows_are_counted_with_an_example_each(lk, file):
    path = file(
        {"q": "good", "n": 1},
        {"q": "same id", "n": 1},
        {"n": 2},
        {"q": 5, "n": 3},
        {"q": ["a", 5], "n": 4},
        {"q": " ", "n": 5},
        {"q": "no id"},
        {"q": "true is no id", "n": True},
        '{"q": "half \\ud83d", "n": 8}',
        '{"q": "nul \\u0000", "n": 9}',
        {"q": "x" * 1_000_001, "n": 10},
        "{broken",
        "[]",
    )
    done = add(lk, "s", [path], Columns(text="q", id="n"))
    assert dict(done.rejected) == {
        "duplicate_item": 1,
        "no_text": 1,
        "wrong_type": 4,
        "empty_text": 1,
        "lone_surrogate": 1,
        "nul_character": 1,
        "too_long": 1,
        "broken_json": 1,
        "not_an_object": 1,
    }
    assert done.n_read == done.n_items + done.n_rejected == 13
    assert done.examples["duplicate_item"] == f"{path}:2: id 1 is that of line 1 of {path}"
    assert done.examples["no_text"] == f"{path}:3: column 'q' is missing; there are ['n']"
    assert items(lk) == [("1", "good")]


def test_the_same_again_writes_nothing_and_others_replace(lk, file):
    path = file({"text": "a"}, {"text": "b"})
    assert add(lk, "s", [path], Columns()).is_written
    version = lk.version("eval_sets/s")
    again = add(lk, "s", [path], Columns())
    assert (again.is_written, again.n_before) == (False, 2)
    assert lk.version("eval_sets/s") == version
    other = add(lk, "s", [file({"text": "a"}, {"text": "c"}, {"text": "d"})], Columns())
    assert (other.is_written, other.n_before, other.n_items) == (True, 2, 3)
    assert [text for _, text in items(lk)] == ["a", "c", "d"]


def test_sets_are_tables_that_sql_can_ask(lk, file):
    add(lk, "s-1", [file({"text": "a"})], Columns())
    assert lk.sql('select item, text from eval_sets."s-1"').fetchall() == [("1", "a")]
    assert eval_sets.names(lk) == ["s-1"]


def test_no_item_no_set(lk, file):
    with pytest.raises(
        BadInput, match=r"no item for evaluation set s: .*:1: column 'text' is miss"
    ):
        add(lk, "s", [file({"question": "a"})], Columns())
    with pytest.raises(BadInput, match="no item for evaluation set s: there are no rows; text="):
        add(lk, "s", [file("")], Columns())
    with pytest.raises(BadInput, match="no file or folder nowhere.jsonl"):
        add(lk, "s", ["nowhere.jsonl"], Columns())
    assert lk.tables() == []


@pytest.mark.parametrize("name", ["", "a:b", "a,b", "a/b", "../a", ".a"])
def test_names_that_cannot_be(lk, file, name):
    with pytest.raises(BadInput, match="cannot be an evaluation set's name; use letters"):
        add(lk, name, [file({"text": "a"})], Columns())


def test_options_that_cannot_be():
    with pytest.raises(BadConfig, match="text= names no column"):
        Columns(text=" , ")
    with pytest.raises(BadConfig, match="lang=Korean is not a language code"):
        Columns(lang="Korean")


# Replaces the set and kills itself as the rows are on their way into the table.
DYING = """
import os, signal, sys
import lance
import lake
from kormo_ds.ingest.eval_set import Columns, add

write = lance.write_dataset

def dying_write(reader, *given, **named):
    def batches():
        for batch in reader:
            yield batch
            os.kill(os.getpid(), signal.SIGKILL)

    return write(batches(), *given, **named)

lance.write_dataset = dying_write
add(lake.open(sys.argv[1]), "s", [sys.argv[2]], Columns())
"""


def test_a_killed_add_leaves_the_set_as_it_was(lk, file):
    add(lk, "s", [file({"text": "before"})], Columns())
    other = file({"text": "after"}, {"text": "more"}, name="other.jsonl")
    killed = subprocess.run([sys.executable, "-c", DYING, lk.root, other])
    assert killed.returncode == -signal.SIGKILL
    assert items(lk) == [("1", "before")]
    add(lk, "s", [other], Columns())
    assert items(lk) == [("1", "after"), ("2", "more")]
