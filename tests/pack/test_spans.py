"""Packing takes out and masks what spans say; counts must be of the same text."""

from dataclasses import dataclass

import pyarrow as pa
import pytest

import lake
from kormo_ds.errors import BadInput
from kormo_ds.pack import Settings, pack
from kormo_ds.steps.n_tokens import NTokens
from kormo_ds.text import tokens
from lake.spans import MASKED, SPANS

TEXTS = {"a": "aXXb", "b": "one two", "c": "gone"}
SELECTION = [("a", "x", 1.0), ("b", "x", 1.0)]


@dataclass(frozen=True)
class Spans:
    """Writes literal spans: X is cut, 'two' is masked, 'gone' is cut whole."""

    dup_text: str = "text_clean"
    name: str = "spans"
    version: int = 1
    ordered: bool = False
    fingerprint: str = "literal"
    reads: tuple[str, ...] = ("doc_id",)
    writes: tuple[lake.Column, ...] = (
        lake.Column("dup_spans", SPANS, "cut"),
        lake.Column("bff_text", pa.string(), "of what"),
        lake.Column("pii_spans", MASKED, "masked"),
    )

    def __call__(self, batch):
        cut = {"a": [{"start": 1, "end": 3}], "c": [{"start": 0, "end": 4}]}
        mask = {"b": [{"start": 4, "end": 7, "kind": "IP"}]}
        ids = batch.column("doc_id").to_pylist()
        arrays = [
            pa.array([cut.get(i, []) for i in ids], SPANS),
            pa.array([self.dup_text] * len(ids)),
            pa.array([mask.get(i, []) for i in ids], MASKED),
        ]
        return pa.RecordBatch.from_arrays(arrays, [column.name for column in self.writes])


@pytest.fixture
def lk(make_lake, record):
    lk = make_lake(TEXTS, SELECTION)
    lk.fill("documents", [Spans()])
    record(lk, SELECTION, version=2)
    return lk


def text_of(lk, name):
    rows = lk.dataset(f"sequences/{name}/rows").to_table(["input_ids"])["input_ids"].to_pylist()
    vocabulary = tokens.named(lk, "bytes")
    return vocabulary.tokenizer.decode([i for row in rows for i in row if i < 256])


def test_what_spans_cover_is_not_packed(lk):
    done = pack(lk, "m@2", Settings(tokenizer="bytes", length=14, name="s"))
    assert text_of(lk, "s") == "abone [IP]"
    assert done.facts["n_tokens_in"] == 2 + 2 + 8 + 2


def test_sequences_know_which_spans_they_are_of(lk):
    with_spans = pack(lk, "m@2", Settings(tokenizer="bytes", length=14, name="s"))
    without = pack(lk, "m@1", Settings(tokenizer="bytes", length=14, name="t"))
    assert text_of(lk, "t").startswith("aXXbone two")
    assert with_spans.facts["fingerprint"] != without.facts["fingerprint"]


def test_a_document_of_which_nothing_is_left_is_refused(lk, record):
    record(lk, [("c", "x", 1.0)], version=3)
    with pytest.raises(BadInput, match="document 'c' has no text left after its spans; let the"):
        pack(lk, "m@3", Settings(tokenizer="bytes", length=4, name="s"))


def test_spans_of_another_text_are_refused(make_lake, record):
    lk = make_lake(TEXTS, SELECTION)
    lk.fill("documents", [Spans(dup_text="text")])
    record(lk, SELECTION, version=2)
    with pytest.raises(BadInput, match="dup_spans are of the column text, and text_clean is what"):
        pack(lk, "m@2", Settings(tokenizer="bytes", length=4, name="s"))


def test_tokens_are_counted_of_what_is_packed(make_lake, record):
    lk = make_lake(TEXTS, SELECTION)
    early = NTokens(tokenizer="bytes").at(lk)
    lk.fill("documents", [early])
    lk.fill("documents", [Spans()])
    record(lk, SELECTION, version=2)
    with pytest.raises(BadInput, match="another tokenizer counted, or spans were written since"):
        pack(lk, "m@2", Settings(tokenizer="bytes", length=14, name="s"))
    late = NTokens(tokenizer="bytes").at(lk)
    assert late.spans == "dup_spans,pii_spans,bff_text"
    with pytest.raises(lake.ColumnTaken, match="other settings"):
        lk.fill("documents", [late])
    lk.drop("documents", ["n_tokens_bytes"])
    lk.fill("documents", [late])
    counts = lk.dataset().to_table(["n_tokens_bytes"])["n_tokens_bytes"].to_pylist()
    assert counts == [2, 8, 0]
    record(lk, SELECTION, version=3)
    assert pack(lk, "m@3", Settings(tokenizer="bytes", length=14, name="s")).facts["n_rows"] == 1
