"""A mixture of conversations is held to saying its modes."""

import pyarrow as pa
import pytest

import lake
from kormo_ds.mixture import run
from lake import BadContract

ASKED = {"role": "user", "content": "q"}
ANSWER = {"role": "assistant", "content": "x"}
THOUGHT = ANSWER | {"reasoning": "r"}
DOCUMENTS = {
    "think": [{"role": "user", "content": "q /think"}, THOUGHT],
    "plain": [ASKED, ANSWER],
    "reasons": [ASKED, THOUGHT],
    "no_think": [{"role": "user", "content": "q /no_think"}, ANSWER],
    "liar": [{"role": "user", "content": "q /no_think"}, THOUGHT],
    "text": None,
}
QUERY = """-- Some documents.
-- One row per document.{allow}
-- param ids VARCHAR[]  which

select doc_id, 'all' as component, 1.0::double as repeats, doc_id as sort_key
from documents
where list_contains($ids, doc_id)
"""


@pytest.fixture
def record(tmp_path):
    lk = lake.create(tmp_path / "lake")
    rows = [{"doc_id": name, "messages": said} for name, said in DOCUMENTS.items()]
    lk.append("documents", pa.Table.from_pylist(rows, schema=lk.schema("documents")))

    def record(ids, allow=""):
        query = lake.Query.parse(QUERY.format(allow=allow), "chats")
        return run(lk, query, {"ids": ids}).mixture.n_documents

    return record


@pytest.mark.parametrize(
    "ids",
    [
        ["think", "no_think", "reasons"],
        ["plain", "no_think"],
        ["plain", "reasons", "text"],
        ["liar", "text"],
    ],
    ids=" ".join,
)
def test_modes_that_are_said_or_not_needed(record, ids):
    assert record(ids) == len(ids)


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (["think", "plain"], "1 conversations, first 'plain', do not reason and do not say that"),
        (["no_think", "plain", "reasons"], "1 conversations, first 'plain', do not reason"),
        (["think", "no_think", "liar"], "1 conversations, first 'liar', are not what they say"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_modes_that_are_not_said_are_refused(record, ids, message):
    with pytest.raises(BadContract, match=f"mixture chats: {message}") as refused:
        record(ids)
    assert "kormo sft variants" in str(refused.value)
    reason = "\n-- allow untold_reasoning: the ablation that fails"
    assert record(ids, reason) == len(ids)
