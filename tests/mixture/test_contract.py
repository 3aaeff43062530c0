"""A query that breaks the contract is refused in one line, and nothing is written."""

import re

import pytest

import lake
from kormo_ds import mixture

GOOD = {
    "doc_id": "doc_id",
    "component": "'a'",
    "repeats": "1.0::double",
    "sort_key": "doc_id",
}


def select(rest: str = "from documents", **changed: str) -> str:
    columns = {**GOOD, **changed}
    return f"select {', '.join(f'{text} as {name}' for name, text in columns.items())} {rest}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "select doc_id, 1.0::double as repeats from documents",
            "query mine must return (doc_id VARCHAR, component VARCHAR, repeats DOUBLE, "
            "sort_key VARCHAR)",
        ),
        (select(repeats="1"), "repeats INTEGER"),
        (select(more="1"), "more INTEGER"),
        (select("from documents where false"), "mixture mine returns no document"),
        (select(sort_key="nullif(doc_id, 'ko1')"), "first in row ('ko1', 'a', None)"),
        (select(component="nullif(lang, 'ko')"), "returns a NULL doc_id, component or sort_key"),
        (select(repeats="if(doc_id = 'ko1', 0.0::double, 1)"), "document ko1 with repeats 0.0"),
        (select(repeats="if(doc_id = 'ko1', -1.0::double, 1)"), "document ko1 with repeats -1.0"),
        (select(repeats="if(doc_id = 'ko1', 'nan'::double, 1)"), "document ko1 with repeats nan"),
        (select(repeats="if(doc_id = 'ko1', 'inf'::double, 1)"), "document ko1 with repeats inf"),
        (select(repeats="if(doc_id = 'ko1', null::double, 1)"), "document ko1 with repeats None"),
        (select("from documents, range(3)"), "returns document en1 3 times"),
        (select(doc_id="if(doc_id = 'ko1', 'gone', doc_id)"), "document gone, which is not in"),
        (select(doc_id="nodoc"), 'Referenced column "nodoc" not found'),
        (select(doc_id="error('no luck')::varchar"), "mixture mine: Invalid Input Error: no luck"),
    ],
)
def test_a_broken_contract_is_one_line_and_leaves_nothing(lk, query, text, message):
    with pytest.raises((lake.BadContract, lake.BadQuery), match=re.escape(message)) as caught:
        mixture.run(lk, query(text), {})
    assert "\n" not in str(caught.value)
    assert lk.tables() == ["documents"]
    assert lk.tags("documents") == {}


def test_the_good_one_passes(lk, query):
    assert mixture.run(lk, query(select()), {}).mixture.n_documents == 6


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sed": "1"}, "query demo has no parameter 'sed'; did you mean 'seed'?"),
        ({"seed": "many"}, "parameter seed=many"),
    ],
)
def test_wrong_parameters_are_named(lk, values, message):
    with pytest.raises(lake.BadQuery, match=re.escape(message)):
        mixture.run(lk, lake.Query.read("sql/mixtures/demo.sql"), values)


def test_a_view_that_needs_a_step_says_so(tmp_path):
    import pyarrow as pa

    lk = lake.create(tmp_path / "lake")
    lk.append("documents", pa.table({"doc_id": ["a"], "text": ["x"]}))
    with pytest.raises(lake.BadQuery, match="kept_documents.*length_reason.*run the steps"):
        mixture.run(lk, lake.Query.read("sql/mixtures/demo.sql"), {})
