import asyncio
import json
import os

import pytest

import lake
from kormo_ds.errors import Damaged
from kormo_ds.generate import journal
from kormo_ds.generate.journal import Journal


def row(key, **columns):
    return {"generation_id": key, "request_id": key, "error": "", "text": "답\n둘", **columns}


def written(lk, rows, slots=(), close=True):
    """Rows that were acknowledged, and requests that left and did not come back."""

    async def run():
        opened = Journal(lk, slots=4)
        for slot, key in enumerate(slots):
            opened.leaves(slot, row(key, error="interrupted", text=None))
        await asyncio.gather(*(opened.write(one) for one in rows))
        if close:
            await opened.close()
        return opened.n_recovered

    return asyncio.run(run())


def table(lk):
    return sorted(lk.sql("select generation_id, error, text from generations").fetchall())


@pytest.fixture
def lk(tmp_path):
    return lake.create(tmp_path / "lake")


def test_rows_are_in_the_table_after_it(lk):
    rows = [row("a", started_at="2026-11-25T12:00:00.5", cost=0.25, sample=1), row("b")]
    written(lk, rows)
    asked = lk.sql("select * from generations order by generation_id").fetchall()
    assert asked[0][:2] == ("a", "a")
    assert table(lk) == [("a", "", "답\n둘"), ("b", "", "답\n둘")]
    assert lk.sql("select started_at::varchar, cost from generations").fetchall()[0] == (
        "2026-11-25 12:00:00.5",
        0.25,
    )
    assert sorted(path.name for path in journal.folder(lk).iterdir()) == ["in_flight"]


def test_what_a_killed_run_left_comes_in_with_the_next(lk):
    written(lk, [row("a"), row("b")], slots=["b", "c"], close=False)
    assert not lk.exists("generations")
    assert written(lk, [row("d")]) == 1
    assert table(lk) == [
        ("a", "", "답\n둘"),
        ("b", "", "답\n둘"),
        ("c", "interrupted", None),
        ("d", "", "답\n둘"),
    ]


def test_what_was_in_flight_when_a_run_was_stopped_is_a_row(lk):
    written(lk, [row("a")], slots=["a", "b"])
    assert table(lk) == [("a", "", "답\n둘"), ("b", "interrupted", None)]


def test_a_segment_that_was_committed_before_the_kill_is_not_committed_again(lk):
    written(lk, [row("a")], close=False)
    (segment,) = journal.folder(lk).glob("0*.jsonl")
    lk.append("generations", journal.read_segment(segment))
    written(lk, [])
    assert table(lk) == [("a", "", "답\n둘")]


def test_a_line_that_is_cut_off_was_never_acknowledged(lk):
    written(lk, [row("a"), row("b")], close=False)
    (segment,) = journal.folder(lk).glob("0*.jsonl")
    os.truncate(segment, segment.stat().st_size - 3)
    written(lk, [])
    assert table(lk) == [("a", "", "답\n둘")]


def test_a_line_that_is_no_row_is_named(lk):
    written(lk, [row("a")], close=False)
    (segment,) = journal.folder(lk).glob("0*.jsonl")
    segment.write_text(json.dumps(row("a", colour="red")) + "\n")
    with pytest.raises(Damaged, match=f"journal {segment}: .*unexpected field; mend the line"):
        written(lk, [])
    assert segment.exists()


def test_many_rows_are_few_commits(lk, monkeypatch):
    monkeypatch.setattr(journal, "SEGMENT_ROWS", 40)
    written(lk, [row(f"{i:03}") for i in range(100)])
    assert lk.sql("select count(distinct generation_id), count(*) from generations").fetchall() == [
        (100, 100)
    ]
    assert lk.version("generations") <= 5


def test_a_lake_that_is_being_written_to_is_waited_for(lk, monkeypatch):
    async def run():
        other = lake.open(lk.root)
        opened = Journal(lk, slots=1)
        monkeypatch.setattr(journal, "SEGMENT_ROWS", 1)
        with other.lock("a long fill"):
            await opened.write(row("a"))
            await opened.write(row("b"))  # finds the lake locked, and is not lost
            closing = asyncio.create_task(opened.close())
            await asyncio.sleep(0.2)
            assert not closing.done()
        await closing

    asyncio.run(run())
    assert [key for key, *_ in table(lk)] == ["a", "b"]
