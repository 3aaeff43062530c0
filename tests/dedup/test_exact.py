"""`exact`: the same text, who is kept, and what stays when more documents come."""

import unicodedata
from hashlib import blake2b

import pyarrow as pa
import pytest

from kormo_ds.dedup import Exact
from kormo_ds.dedup.run import run

KEPT = ("", "kept")
OF = "exact_duplicate"


def test_the_same_text_has_one_keeper(lake_of, verdicts):
    lk = lake_of(
        {"c": "같은 글", "a": "같은 글", "d": "다른 글"}, {"b": "같은 글", "e": "같은 글 "}
    )
    done = run(lk, Exact())
    assert (done.rows, done.rows_before) == (5, 0)
    assert done.reasons == {"exact_reason": {"kept": 3, OF: 2}}
    assert verdicts(lk, Exact()) == {
        "c": ("a", OF), "a": KEPT, "d": KEPT, "b": ("a", OF), "e": KEPT,
    }  # fmt: skip


def test_documents_without_text_are_not_compared(lake_of, verdicts):
    lk = lake_of({"a": "", "b": "", "c": None, "d": None})
    run(lk, Exact())
    assert set(verdicts(lk, Exact()).values()) == {KEPT}


@pytest.mark.parametrize(
    ("normalize", "same"),
    [("none", {"a"}), ("nfc", {"a", "b"}), ("no_space", {"a", "b", "c", "d"})],
)
def test_normalize(lake_of, verdicts, normalize, same):
    texts = {
        "a": "한국어 문서",
        "b": unicodedata.normalize("NFD", "한국어 문서"),
        "c": "한국어문서",
        "d": "\u3000한국어\n\t문서 ",
        "e": "한국어 문서.",
    }
    lk = lake_of(texts)
    method = Exact(normalize=normalize, keep="first_doc_id")
    run(lk, method)
    found = verdicts(lk, method)
    assert {doc_id for doc_id, (dup_of, _) in found.items() if dup_of == "a"} == same - {"a"}
    assert found["e"] == KEPT


def test_the_hash_is_blake2b_of_the_text(lake_of):
    lk = lake_of({"a": "한국어", "b": "x" * 5000})
    run(lk, Exact())
    for row in lk.dataset("documents").to_table(["text", "exact_sketch"]).to_pylist():
        digest = blake2b(row["text"].encode(), digest_size=16).digest()
        assert row["exact_sketch"] == {
            "compared": True,
            "n_bytes": len(row["text"].encode()),
            "low": int.from_bytes(digest[:8], "little", signed=True),
            "high": int.from_bytes(digest[8:], "little", signed=True),
        }


def test_text_clean_is_taken_where_it_is(lake_of, verdicts):
    from kormo_ds.steps.clean import Clean

    lk = lake_of({"a": "it&#39;s", "b": "it's"})
    lk.fill("documents", [Clean()])
    run(lk, Exact())
    assert verdicts(lk, Exact()) == {"a": KEPT, "b": ("a", OF)}
    lk.drop("documents", ["exact_sketch", "exact_dup_of", "exact_reason"])
    run(lk, Exact(text="text"))
    assert set(verdicts(lk, Exact()).values()) == {KEPT}


def test_slices_of_a_column_are_hashed_as_they_are():
    texts = pa.array(["aa", "b", "cc", "dd"])
    whole, part = Exact().sketched(texts), Exact().sketched(texts[2:])
    assert [array.to_pylist() for array in part[1]] == [a.to_pylist()[2:] for a in whole[1]]
