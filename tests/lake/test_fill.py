import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import lake
from lake.provenance import owner


def values(lk, *columns):
    return [tuple(row.values()) for row in lk.dataset().to_table(list(columns)).to_pylist()]


def test_a_fill_adds_columns_with_their_owner(lk, length):
    filled = lk.fill("documents", [length()])
    assert values(lk, "doc_id", "n_chars", "length_reason") == [
        ("a", 1, "short"),
        ("b", 2, "kept"),
        ("c", 3, "kept"),
    ]
    assert (filled.rows, filled.rows_before) == (3, 0)
    assert filled.reasons == {"length_reason": {"kept": 2, "short": 1}}
    by = owner(lk.schema().field("n_chars"))
    assert (str(by), by.fingerprint, by.meaning) == ("length@1", length().fingerprint, "characters")


def test_a_second_fill_computes_later_appends_only(lk, length, documents):
    lk.fill("documents", [length()])
    lk.append("documents", documents(["d"], ["four"]))
    filled = lk.fill("documents", [length()])
    assert (filled.rows, filled.rows_before) == (1, 3)
    assert values(lk, "doc_id", "n_chars")[-1] == ("d", 4)
    before = lk.version()
    assert lk.fill("documents", [length()]).rows == 0
    assert lk.version() == before


def test_a_fill_leaves_text_files_as_they_are(lk, length):
    before = {file.path for f in lk.dataset().get_fragments() for file in f.data_files()}
    lk.fill("documents", [length()])
    after = {file.path for f in lk.dataset().get_fragments() for file in f.data_files()}
    assert before < after


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"version": 2}, "was written by length@1, not length@2; raise .* kormo lake drop n_chars"),
        ({"name": "size"}, "was written by length@1, not size@1"),
        ({"short": 9}, "was written by length@1 with other settings"),
    ],
)
def test_a_column_has_one_owner(lk, length, other, message):
    lk.fill("documents", [length()])
    with pytest.raises(lake.ColumnTaken, match=message):
        lk.fill("documents", [replace(length(), **other)])
    lk.drop("documents", ["n_chars", "length_reason"])
    assert lk.fill("documents", [replace(length(), **other)]).rows == 3


def test_a_step_may_not_write_what_a_row_is_born_with(lk, length):
    @dataclass(frozen=True)
    class Lang(length):
        @property
        def writes(self):
            return (lake.Column("lang", pa.string(), "language"),)

    with pytest.raises(lake.ColumnTaken, match="'lang' is what a row is born with"):
        lk.fill("documents", [Lang()])


def test_a_step_that_reads_what_is_not_there(lk, length):
    with pytest.raises(lake.NoColumn, match="step length reads column 'txt'.*did you mean 'text'"):
        lk.fill("documents", [length(reads=("txt",))])


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ({"n_chars": [1, 2, 3]}, r"returned columns \['n_chars'\], not"),
        ({"n_chars": [1], "length_reason": ["kept"]}, "returned 1 rows for 3"),
        ({"n_chars": ["1"] * 3, "length_reason": ["kept"] * 3}, "returned string in 'n_chars'"),
        (
            {"n_chars": [1, 2, 3], "length_reason": ["kept", None, "kept"]},
            "NULL in 'length_reason'",
        ),
    ],
)
def test_a_step_must_keep_its_promise(lk, length, returned, message):
    class Broken(length):
        def __call__(self, batch):
            return pa.RecordBatch.from_pydict(returned)

    with pytest.raises(lake.BadRows, match=message):
        lk.fill("documents", [Broken()])


@dataclass(frozen=True)
class Doubled:
    """Reads what another step of the same scan writes, and a column that is never stored."""

    name: str = "doubled"
    version: int = 1
    fingerprint: str = "0"
    ordered: bool = False
    reads: tuple[str, ...] = ("n_chars", "upper")
    writes: tuple[lake.Column, ...] = (lake.Column("twice", pa.string(), "twice"),)

    def __call__(self, batch):
        rows = zip(batch["n_chars"].to_pylist(), batch["upper"].to_pylist(), strict=True)
        return pa.RecordBatch.from_pydict({"twice": [f"{2 * n}{text}" for n, text in rows]})


@dataclass(frozen=True)
class Upper:
    name: str = "upper"
    version: int = 1
    fingerprint: str = "0"
    ordered: bool = False
    reads: tuple[str, ...] = ("text",)
    writes: tuple[lake.Column, ...] = (
        lake.Column("upper", pa.string(), "scan only", stored=False),
    )

    def __call__(self, batch):
        return pa.RecordBatch.from_pydict({"upper": [t.upper() for t in batch["text"].to_pylist()]})


def test_steps_of_one_scan_feed_each_other(lk, length):
    lk.fill("documents", [Upper(), length(), Doubled()])
    assert values(lk, "twice") == [("2X",), ("4YY",), ("6ZZZ",)]
    assert "upper" not in lk.schema().names


def test_a_column_of_an_earlier_run_feeds_a_later_one(lk, length):
    lk.fill("documents", [length()])
    assert lk.fill("documents", [Upper(), length(), Doubled()]).rows == 3
    assert values(lk, "twice") == [("2X",), ("4YY",), ("6ZZZ",)]


SLOW_FILL = """
import sys, time
sys.path.insert(0, {tests!r})
from conftest import Length
import lake

class Slow(Length):
    def __call__(self, batch):
        time.sleep(0.05)
        return super().__call__(batch)

lk = lake.open({root!r})
print("go", flush=True)
lk.fill("documents", [Slow()], commit_every=1)
"""


def test_a_killed_fill_goes_on_where_it_was(tmp_path, documents, length):
    lk = lake.create(tmp_path / "lake")
    for i in range(30):
        lk.append(
            "documents", documents([f"{i}-{j}" for j in range(3)], ["x" * j for j in range(3)])
        )
    script = SLOW_FILL.format(tests=str(Path(__file__).parent), root=lk.root)
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    process.stdout.readline()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if "n_chars" in lk.schema().names and lk.dataset().count_rows("n_chars is not null") >= 9:
            break
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    half = lk.dataset().count_rows("n_chars is not null")
    assert 9 <= half < 90
    lk.append("documents", documents(["late"], ["appended"]))
    filled = lk.fill("documents", [length()])
    assert (filled.rows, filled.rows_before) == (91 - half, half)
    expected = [
        (len(t), "kept" if len(t) > 1 else "short") for t in ["", "x", "xx"] * 30 + ["appended"]
    ]
    assert values(lk, "n_chars", "length_reason") == expected


@dataclass(frozen=True)
class Running:
    """Characters of this row and all before it; slow batches first, so that order is not luck."""

    seen: list
    version: int = 1
    name: str = "running"
    ordered: bool = True
    fingerprint: str = "running"
    reads: tuple[str, ...] = ("text", "n_chars")
    writes: tuple[lake.Column, ...] = (lake.Column("n_before", pa.int64(), "characters so far"),)

    def __call__(self, batch):
        totals = []
        for n in batch.column("n_chars").to_pylist():
            self.seen.append((self.seen[-1] if self.seen else 0) + n)
            totals.append(self.seen[-1])
        return pa.RecordBatch.from_pydict({"n_before": pa.array(totals, pa.int64())})


@pytest.mark.parametrize("threads", [1, 4])
def test_an_ordered_step_sees_rows_in_order_whatever_the_threads(
    lk, length, documents, monkeypatch, threads
):
    monkeypatch.setattr("lake.fill.BATCH_ROWS", 7)

    @dataclass(frozen=True)
    class Slow(length):
        def __call__(self, batch):
            time.sleep(0.002 * (batch.num_rows + len(batch.column("text")[0].as_py()) % 3))
            return super().__call__(batch)

    sizes = [row % 11 for row in range(300)]
    lk.append("documents", documents([f"n{i}" for i in range(300)], ["x" * n for n in sizes]))
    done = []
    step = Running([])
    lk.fill(
        "documents",
        [Slow(), step],
        threads=threads,
        after_commit=lambda: done.append(len(step.seen)),
    )
    found = [n for (n,) in values(lk, "n_before")]
    assert found == np.cumsum([1, 2, 3, *sizes]).tolist()
    assert done == [303]


def test_a_step_that_fails_in_a_thread_ends_the_fill_with_its_error(lk, length, documents):
    @dataclass(frozen=True)
    class Broken(length):
        def __call__(self, batch):
            raise ZeroDivisionError("here")

    with pytest.raises(ZeroDivisionError, match="here"):
        lk.fill("documents", [Broken()], threads=3)
    assert lk.fill("documents", [Broken.__base__()]).rows == 3
