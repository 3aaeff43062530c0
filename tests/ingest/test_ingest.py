"""Into a real lake and back: rows, order, rejects and totals, once and again."""

import json

import pytest

import lake
from kormo_ds.errors import BadInput
from kormo_ds.ingest import Source, ingest

ROWS = ['{"text": "하나", "n": 1}', "broken", '{"text": "two"}', '{"text": "하나"}', "{}"]


@pytest.fixture
def lk(tmp_path):
    return lake.create(tmp_path / "lake")


def source(path, **options):
    constants = {"lang": "ko", "source": "test", "origin": "crawled"}
    return Source(path=str(path), **{**constants, **options})


def rows(lk, table, *columns):
    return lk.dataset(table).to_table(columns=list(columns)).to_pylist()


def texts(lk):
    return [row["text"] for row in rows(lk, "documents", "text")]


def totals(done):
    assert done.n_read == done.n_added + done.n_present + done.n_rejected
    return done.n_read, done.n_added, done.n_present, dict(done.rejected)


def test_rows_rejects_and_totals(tmp_path, lk):
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(ROWS))
    done = ingest(lk, [source(path, license="MIT")])
    assert totals(done) == (5, 2, 1, {"broken_json": 1, "no_text": 1})
    assert (dict(done.by_lang), done.n_bytes) == ({"ko": 2}, 9)
    born = {"source_id": None, "lang": "ko", "license": "MIT", "ingest_run": done.ingest_run}
    expected = [{"text": text, **born} for text in ("하나", "two")]
    assert rows(lk, "documents", "text", *born) == expected
    found = rows(lk, "rejects", "ingest_run", "source", "file", "line", "reason", "detail")
    assert found == [
        {
            "ingest_run": done.ingest_run,
            "source": "test",
            "file": str(path),
            "line": 2,
            "reason": "broken_json",
            "detail": "Expecting value: line 1 column 1 (char 0): broken",
        },
        {
            "ingest_run": done.ingest_run,
            "source": "test",
            "file": str(path),
            "line": 5,
            "reason": "no_text",
            "detail": "column 'text' is missing; there are []",
        },
    ]
    assert done.examples["no_text"] == f"{path}:5: column 'text' is missing; there are []"
    (run,) = lk.dataset("ingests").to_table().to_pylist()
    assert run["started_at"] <= run["finished_at"]
    assert (json.loads(run["inputs"]), json.loads(run["options"])[0]["license"]) == (
        [str(path)],
        "MIT",
    )
    counts = [run[name] for name in ("n_read", "n_added", "n_present", "n_rejected")]
    assert counts == [5, 2, 1, 2]


@pytest.mark.parametrize("chunk_rows", [1, 2, 3, 100])
def test_the_same_again_adds_nothing(tmp_path, lk, chunk_rows):
    (tmp_path / "a.jsonl").write_text("\n".join(ROWS))
    described = source(tmp_path / "a.jsonl", chunk_rows=chunk_rows)
    assert totals(ingest(lk, [described])) == (5, 2, 1, {"broken_json": 1, "no_text": 1})
    versions = lk.version("documents"), lk.version("rejects")
    assert totals(ingest(lk, [described])) == (5, 0, 3, {"broken_json": 1, "no_text": 1})
    assert (lk.version("documents"), lk.version("rejects")) == versions
    assert texts(lk) == ["하나", "two"]
    assert [row["line"] for row in rows(lk, "rejects", "line")] == [2, 5]


def test_the_same_text_elsewhere_is_another_document(tmp_path, lk):
    (tmp_path / "a.jsonl").write_text('{"text": "x", "id": 1}\n{"text": "x", "id": 2}')
    assert totals(ingest(lk, [source(tmp_path / "a.jsonl")])) == (2, 1, 1, {})
    by_id = source(tmp_path / "a.jsonl", columns={"source_id": "id"})
    assert totals(ingest(lk, [by_id])) == (2, 2, 0, {})
    assert totals(ingest(lk, [source(tmp_path / "a.jsonl", source="b")])) == (2, 1, 1, {})


def test_order_of_sources_files_and_rows_is_order_of_rows(tmp_path, lk):
    for name, numbers in {"b/2": "34", "b/10": "12", "a/1": "56"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        lines = [json.dumps({"text": number}) for number in numbers]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines))
    sources = [source(tmp_path / "b", chunk_rows=3), source(tmp_path / "a", source="a")]
    ingest(lk, sources)
    assert texts(lk) == list("123456")


@pytest.mark.parametrize(
    ("options", "n_commits"),
    [({"chunk_rows": 4}, 3), ({"chunk_bytes": 30}, 4), ({}, 1)],
)
def test_a_chunk_is_one_commit(tmp_path, lk, options, n_commits):
    lines = [json.dumps({"text": f"text {i:05}"}) for i in range(10)]  # of 10 bytes
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    ingest(lk, [source(tmp_path / "a.jsonl", **options)])
    assert len(lk.dataset("documents").get_fragments()) == n_commits
    assert texts(lk) == [f"text {i:05}" for i in range(10)]


def test_rejects_alone_make_a_chunk_too(tmp_path, lk):
    (tmp_path / "a.jsonl").write_text("bad\n" * 10)
    assert totals(ingest(lk, [source(tmp_path / "a.jsonl", chunk_rows=4)]))[3] == {
        "broken_json": 10
    }
    assert len(lk.dataset("rejects").get_fragments()) == 3
    assert not lk.exists("documents")


def test_a_dry_run_counts_and_writes_nothing(tmp_path, lk):
    (tmp_path / "a.jsonl").write_text("\n".join(ROWS))
    described = source(tmp_path / "a.jsonl", chunk_rows=1)
    expected = (5, 2, 1, {"broken_json": 1, "no_text": 1})
    assert totals(ingest(None, [described], dry_run=True)) == expected
    assert totals(ingest(lk, [described], dry_run=True)) == expected
    assert lk.tables() == []
    ingest(lk, [described])
    assert totals(ingest(lk, [described], dry_run=True)) == (5, 0, 3, expected[3])


def test_bytes_read_are_told_to_the_end(tmp_path, lk):
    (tmp_path / "d").mkdir()
    (tmp_path / "d/a.jsonl").write_text("\n".join(ROWS))
    (tmp_path / "d/b.md").write_text("text")
    told = []
    ingest(lk, [source(tmp_path / "d")], lambda n=1, *, total=None: told.append((n, total)))
    size = sum(path.stat().st_size for path in (tmp_path / "d").iterdir())
    assert told[0] == (0, size)
    assert sum(n for n, _ in told) == size


def test_a_mistake_in_any_source_is_found_before_anything_is_read(tmp_path, lk):
    (tmp_path / "a.jsonl").write_text('{"text": "x"}')
    with pytest.raises(BadInput, match="no file or folder"):
        ingest(lk, [source(tmp_path / "a.jsonl"), source(tmp_path / "gone.jsonl")])
    assert not lk.exists("documents")


def test_a_source_without_a_row_is_said(tmp_path, lk):
    (tmp_path / "a.jsonl").write_text("\n\n")
    with pytest.raises(BadInput, match="nothing to read in .*a.jsonl: it is empty"):
        ingest(lk, [source(tmp_path / "a.jsonl")])


def test_files_that_were_not_chosen_are_counted(tmp_path, lk):
    (tmp_path / "d").mkdir()
    for name in ("a.md", "b.md", "c.py", "d.png"):
        (tmp_path / "d" / name).write_text("text")
    done = ingest(lk, [source(tmp_path / "d", exclude=("b*",))])
    assert (done.n_read, done.n_left_out) == (1, 3)


def test_a_file_that_cannot_be_opened_does_not_stop_the_next(tmp_path, lk):
    (tmp_path / "d").mkdir()
    (tmp_path / "d/a.jsonl").symlink_to("nowhere")
    (tmp_path / "d/b.jsonl").write_text('{"text": "y"}')
    assert totals(ingest(lk, [source(tmp_path / "d")])) == (2, 1, 0, {"unreadable_file": 1})


def test_a_second_writer_is_told_who_writes(tmp_path, lk):
    (tmp_path / "a.jsonl").write_text('{"text": "x"}')
    other = lake.open(lk.root)
    with other.lock("fill length"), pytest.raises(lake.LakeLocked, match="fill length"):
        ingest(lk, [source(tmp_path / "a.jsonl")])
