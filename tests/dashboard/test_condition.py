"""A typed condition is put into the search and never becomes more than a condition."""

import pytest

import lake
from kormo_ds.dashboard import document, missing
from lake import condition

GOOD = [
    "lang = 'ko'",
    "true -- and nothing else",
    "n > 5 or /* so */ n is null",
    "text like '%)%' and text not like '--%'",
    "n in (select max(n) from documents)",
    "(n > 1) = (n < 9)",
    "text = $$) union select 1 --$$",
    "case when n > 5 then true else false end",
]
BAD = [
    "1) union select 'x', 'y', 'z', 'a', 'b' --",
    "true) union all select * from documents where (true",
    "true) limit 1 --",
    "true) or (true",
    "true; drop table documents",
    "true); attach 'x.db'; select (1",
    "true order by 1",
    "true limit 5",
    "true group by all",
    "true union select true",
    "true from documents",
    "true as other",
    "true, false",
    "true /*",
    "'",
    ")",
    "select true",
    "n = $words",
    "n = ?",
    "-- nothing",
    "",
    "copy documents to 'x'",
    "distinct n",
    "true where true",
    "true qualify true",
    "true) qualify (true",
    "true) using sample (5",
    "true) window w as (partition by 1",
    "true) from documents where (true",
    "true), (select 2",
    "n > 1 using sample 5",
]


@pytest.mark.parametrize("text", GOOD)
def test_an_expression_is_let_through(text):
    condition.check(text)


@pytest.mark.parametrize("text", BAD)
def test_more_than_an_expression_is_refused(text):
    with pytest.raises(lake.BadQuery) as error:
        condition.check(text)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("lang = 'ko'", ["a", "b", "c"]),
        ("doc_id in ('a', 'c') -- and no more", ["a", "c"]),
        ("exists (select 1 from documents as d where d.doc_id > documents.doc_id)", ["a", "b"]),
        ("text like '%b%' or\n doc_id = 'c'", ["b", "c"]),
    ],
)
def test_documents_are_found_by_a_condition(text, ids, asker):
    assert document.found(asker, text).table.column("doc_id").to_pylist() == ids


def test_a_refused_condition_is_not_asked(asker):
    with pytest.raises(lake.BadQuery, match="more than a condition"):
        document.found(asker, "true) qualify (true")


def test_a_column_that_lacks_is_named_with_its_command(asker, lk):
    with pytest.raises(lake.BadQuery) as error:
        document.found(asker, "minhash_dup_of <> ''")
    said = missing.explain(error.value, lk)
    assert said == "no step has written minhash_dup_of yet: kormo dedup minhash"
