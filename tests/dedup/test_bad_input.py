"""What a user may get wrong, each with its one line."""

import pytest

from kormo_ds.dedup import Exact, MinHash
from kormo_ds.dedup.run import run
from kormo_ds.errors import KormoError
from kormo_ds.steps.clean import Clean
from kormo_ds.steps.length import Length
from kormo_ds.steps.words import Words
from lake import LakeError


@pytest.mark.parametrize(
    ("method", "settings", "message"),
    [
        (
            Exact,
            {"normalize": "nfd"},
            "unknown setting normalize 'nfd'.* known: nfc, no_space, none",
        ),
        (Exact, {"text": "body"}, "unknown setting text 'body'.* known: auto, text, text_clean"),
        (
            Exact,
            {"keep": "best"},
            "keep=best is no rule; write keep=longest, keep=first_doc_id, or",
        ),
        (
            MinHash,
            {"keep": "n_words"},
            "keep=n_words is no rule; write .*'keep=quality_score desc'",
        ),
        (MinHash, {"after": "lang"}, "'lang' is no reason column of another step"),
        (MinHash, {"after": "minhash_reason"}, "'minhash_reason' is no reason column of another"),
        (MinHash, {"rows": 0}, "rows=0 must be from 1 to 64"),
        (MinHash, {"n_bands": 101}, "n_bands=101 must be from 1 to 100"),
        (MinHash, {"min_jaccard": 1.5}, "min_jaccard=1.5 must be from 0 to 1"),
    ],
)
def test_settings(method, settings, message):
    with pytest.raises(KormoError, match=message):
        method(**settings)


@pytest.mark.parametrize(
    ("method", "message"),
    [
        (
            Exact(text="text_clean"),
            "column 'text_clean' is not there yet; run: kormo step run clean",
        ),
        (MinHash(after="length_reason"), "unknown column in after 'length_reason'.* run the step"),
        (MinHash(keep="score desc"), "unknown column in keep 'score'"),
    ],
)
def test_columns_that_are_not_there(lake_of, method, message):
    lk = lake_of({"a": "text"})
    with pytest.raises(KormoError, match=message):
        run(lk, method)
    assert "exact_sketch" not in lk.schema().names


def test_columns_that_are_not_complete(lake_of, add):
    lk = lake_of({"a": "text"})
    lk.fill("documents", [Clean(), Words(), Length()])
    add(lk, {"b": "more", "c": "again"})
    with pytest.raises(
        KormoError,
        match="'text_clean' is not computed yet for 2 of 3 documents; run: kormo step run",
    ):
        run(lk, Exact())
    lk.fill("documents", [Clean()])
    with pytest.raises(
        KormoError, match="'length_reason' is not computed yet for 2 of 3 documents"
    ):
        run(lk, Exact(after="length_reason"))


def test_other_settings_are_refused_before_any_work(lake_of, article):
    lk = lake_of({"a": article("x")})
    run(lk, MinHash())
    version = lk.version()
    drop = "kormo lake drop minhash_dup_of minhash_cluster minhash_reason"
    with pytest.raises(LakeError, match=f"other settings .* {drop}$"):
        run(lk, MinHash(keep="first_doc_id"))
    with pytest.raises(LakeError, match="'minhash_sketch' .* kormo lake drop minhash_sketch$"):
        run(lk, MinHash(n_bands=20))
    assert lk.version() == version
    lk.drop("documents", drop.split()[3:])
    assert run(lk, MinHash(keep="first_doc_id")).rows == 1
