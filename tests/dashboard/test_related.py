"""Families of documents through parent_id, and duplicates with their keepers."""

import lance
import pyarrow as pa
import pytest

import lake
from kormo_ds.dashboard import related
from kormo_ds.dashboard.ask import Asker
from kormo_ds.dashboard.related import Duplicates, Member
from lake.tables import TABLES


@pytest.fixture
def lake_of(tmp_path):
    """A lake of rows, and an asker of it; columns that are not of birth are text."""
    askers = []

    def make(*rows: dict) -> tuple[lake.Lake, Asker]:
        born = TABLES["documents"].schema
        more = dict.fromkeys(n for row in rows for n in row if n not in born.names)
        schema = pa.schema([*born, *(pa.field(name, pa.string()) for name in more)])
        lk = lake.create(tmp_path / "lake")
        lance.write_dataset(pa.Table.from_pylist(list(rows), schema=schema), lk.uri("documents"))
        askers.append(Asker(lk))
        return lk, askers[-1]

    yield make
    for asker in askers:
        asker.close()


def child(doc_id: str, parent_id: str | None, **columns: str) -> dict:
    return {"doc_id": doc_id, "parent_id": parent_id, **columns}


def test_a_tree_goes_from_the_seed_to_all_that_came_of_it(lake_of):
    _, asker = lake_of(
        child("seed", None, lang="en", source="web"),
        child("written", "seed", lang="en", origin="synthetic", synthesizer="qwen"),
        child("other", "seed", lang="en"),
        child("번역", "written", lang="ko", origin="translated"),
        child("alone", None),
    )
    expected = [
        Member("seed", 0, "en · web"),
        Member("other", 1, "en"),
        Member("written", 1, "en · synthetic · qwen"),
        Member("번역", 2, "ko · translated"),
    ]
    for doc_id in ("seed", "written", "번역"):
        found = related.family(asker, doc_id)
        assert found.members == expected
        assert not found.is_cut and not found.is_cycle
    assert related.family(asker, "alone").members == [Member("alone", 0)]


def test_a_parent_that_the_lake_lacks_is_named_and_has_its_children(lake_of):
    _, asker = lake_of(child("a", "gone"), child("b", "gone"), child("c", "a"))
    assert related.family(asker, "c").members == [
        Member("gone", 0, "", is_there=False),
        Member("a", 1),
        Member("c", 2),
        Member("b", 1),
    ]


@pytest.mark.parametrize(
    "parents", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "b", "b": "c", "c": "a"}]
)
def test_a_circle_ends_and_is_told(parents, lake_of):
    _, asker = lake_of(*(child(*pair) for pair in parents.items()), child("leaf", "a"))
    for doc_id in (*parents, "leaf"):
        found = related.family(asker, doc_id)
        assert found.is_cycle and not found.is_cut
        assert sorted(member.doc_id for member in found.members) == sorted([*parents, "leaf"])


def test_generations_and_members_have_a_limit_that_is_told(lake_of, monkeypatch):
    monkeypatch.setattr(related, "MOST", 5)
    monkeypatch.setattr(related, "LEVELS", 3)
    _, asker = lake_of(
        *(child(f"g{i}", f"g{i - 1}" if i else None) for i in range(6)),
        *(child(f"c{i}", "root") for i in range(9)),
        child("root", None),
    )
    deep = related.family(asker, "g5")
    assert [member.doc_id for member in deep.members] == ["g2", "g3", "g4", "g5"]
    assert deep.is_cut
    wide = related.family(asker, "root")
    assert len(wide.members) == 5 and wide.is_cut


def test_ids_are_values_and_never_sql(lake_of):
    odd = "'; drop table documents --"
    lk, asker = lake_of(child(odd, None, exact_dup_of=""), child("b", odd, exact_dup_of=odd))
    assert [member.doc_id for member in related.family(asker, "b").members] == [odd, "b"]
    row = {"doc_id": odd, "exact_dup_of": ""}
    assert related.duplicates(lk, asker, row) == [Duplicates("exact_dup_of", "", ("b",))]


def test_duplicates_by_every_column_that_names_a_keeper(lake_of):
    def row(doc_id: str, exact: str | None, own: str) -> dict:
        return {"doc_id": doc_id, "exact_dup_of": exact, "own_dup_of": own}

    rows = [row("k", "", ""), row("a", "k", ""), row("b", "k", "c"), row("c", None, "")]
    lk, asker = lake_of(*rows)
    assert related.duplicates(lk, asker, rows[0]) == [
        Duplicates("exact_dup_of", "", ("a", "b")),
        Duplicates("own_dup_of", ""),
    ]
    assert related.duplicates(lk, asker, rows[2]) == [
        Duplicates("exact_dup_of", "k", ("a",)),
        Duplicates("own_dup_of", "c"),
    ]
    assert related.duplicates(lk, asker, rows[3]) == [
        Duplicates("exact_dup_of", None),
        Duplicates("own_dup_of", "", ("b",)),
    ]


def test_many_duplicates_are_cut(lake_of, monkeypatch):
    monkeypatch.setattr(related, "MOST", 2)
    rows = [{"doc_id": one, "exact_dup_of": "k"} for one in "abc"]
    lk, asker = lake_of({"doc_id": "k", "exact_dup_of": ""}, *rows)
    (found,) = related.duplicates(lk, asker, {"doc_id": "k", "exact_dup_of": ""})
    assert found.others == ("a", "b") and found.is_cut


def test_a_lake_without_such_columns_has_no_duplicates(lake_of):
    lk, asker = lake_of(child("a", None))
    assert related.duplicates(lk, asker, {"doc_id": "a"}) == []
