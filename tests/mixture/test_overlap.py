"""A mixture with documents of evaluation sets is refused, unless its query says why."""

import re

import pyarrow as pa
import pytest
from typer.testing import CliRunner

import lake
from kormo_ds import mixture, recorded
from kormo_ds.cli.mixture import app
from lake import Column

SELECT = (
    "select doc_id, 'a' as component, 1.0::double as repeats, doc_id as sort_key from documents"
)


class Compared:
    """A step that says of each document what the test wants it to say."""

    name, version, fingerprint, ordered = "contamination", 1, "f", False
    reads = ("doc_id",)
    writes = (
        Column("contaminated_by", pa.list_(pa.string()), "items"),
        Column("contamination_items", pa.int32(), "number"),
        Column("contamination_hits", pa.int32(), "places"),
        Column("contamination_reason", pa.string(), "reason"),
    )

    def __init__(self, by):
        self.by = by

    def __call__(self, batch):
        items = [self.by.get(name, []) for name in batch.column("doc_id").to_pylist()]
        counts = [len(each) for each in items]
        columns = [items, counts, counts, ["eval_overlap" if n else "kept" for n in counts]]
        arrays = [pa.array(c, w.type) for c, w in zip(columns, self.writes, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, names=[w.name for w in self.writes])


def compare(lk, **by):
    lk.fill("documents", [Compared(by)])


def test_before_documents_are_compared_all_are_free(lk, query):
    assert mixture.run(lk, query(SELECT), {}).mixture.n_documents == 6


def test_no_overlap_no_refusal(lk, query):
    compare(lk)
    assert mixture.run(lk, query(SELECT), {}).mixture.n_documents == 6


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ({"ko1": ["arc:7"]}, "holds 1 documents that share text with evaluation sets: ko1 (arc:7)"),
        ({"ko1": ["arc:7", "arc:9"]}, "ko1 (arc:7 and 1 more); leave them out with 'anti join"),
        (
            {name: ["a:1"] for name in ("en1", "en5", "en6", "ko1")},
            "mixture mine holds 4 documents that share text with evaluation sets: "
            "en1 (a:1), en5 (a:1), en6 (a:1), …; ",
        ),
    ],
    ids=["one", "one of several items", "many"],
)  # fmt: skip
def test_refused_in_one_line_and_nothing_is_written(lk, query, by, message):
    compare(lk, **by)
    with pytest.raises(lake.BadContract, match=re.escape(message)) as caught:
        mixture.run(lk, query(SELECT), {})
    assert "\n" not in str(caught.value)
    assert "-- allow eval_overlap: REASON" in str(caught.value)
    assert recorded.mixtures(lk) == [] and lk.tags("documents") == {}


def test_the_ways_out(lk, query):
    compare(lk, ko1=["arc:7"])
    left_out = query(f"{SELECT} anti join contaminated_documents using (doc_id)")
    assert mixture.run(lk, left_out, {}).mixture.n_documents == 5
    why = "-- allow eval_overlap: for an evaluation"
    done = mixture.run(lk, query(SELECT, "allowed", params=why), {}).mixture
    assert done.n_documents == 6 and why in done.sql
    mixture.verify(lk, done)


@pytest.mark.parametrize(
    "line",
    [
        "-- allow eval_overlap:",
        "-- allow eval_overlap",
        "-- allow overlap: x",
        "-- Do not allow eval_overlap: x",
    ],
)
def test_a_line_that_allows_nothing(lk, query, line):
    compare(lk, ko1=["arc:7"])
    with pytest.raises(lake.BadContract, match="share text with evaluation sets"):
        mixture.run(lk, query(SELECT, params=line), {})


def test_an_overlap_that_is_not_selected_does_not_matter(lk, query):
    compare(lk, ko1=["arc:7"])
    assert mixture.run(lk, query(f"{SELECT} where lang = 'en'"), {}).mixture.n_documents == 3


def test_held_out_documents_and_samples_for_tokenizers_may(lk):
    kept = {name: ["kept"] for name in ("length_reason", "lang_reason")}
    row = {"doc_id": ["ko3"], "text": ["x"], "lang": ["ko"], "n_bytes": [1], **kept}
    lk.append("documents", pa.table(row))  # its md5 begins with 02, so that it is held out
    compare(lk, ko1=["arc:7"], ko3=["arc:8"])
    for name in ("held_out", "tokenizer_sample"):
        assert mixture.run(lk, lake.Query.read(f"sql/mixtures/{name}.sql"), {}).is_new
    with pytest.raises(lake.BadContract, match=r"smoke holds 2 documents .* ko1 \(arc:7\), ko3"):
        mixture.run(lk, lake.Query.read("sql/mixtures/smoke.sql"), {})


def test_documents_that_came_later_are_warned_of(lk):
    compare(lk)
    lk.append("documents", pa.table({"doc_id": ["new"], "text": ["x"]}))
    done = CliRunner().invoke(app, ["run", "smoke", "--lake", lk.root], catch_exceptions=False)
    assert (
        "warning: 1 of the documents of smoke@1 were not compared with the evaluation sets yet; "
        "compare them: kormo step run clean contamination"
    ) in done.output
