"""Ids in the lake are found exactly, also where their first 64 bits collide."""

import pyarrow as pa
import pytest

import lake
from kormo_ds.documents import known
from kormo_ds.documents.known import KnownIds, prefixes
from kormo_ds.errors import Damaged


def hex_id(high, low):
    return f"{high:016x}{low:016x}"


@pytest.fixture
def lk(tmp_path):
    lk = lake.create(tmp_path / "lake")
    lk.append("documents", pa.table({"doc_id": [hex_id(9, 1), hex_id(2, 2), hex_id(2**63, 3)]}))
    return lk


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ([], set()),
        ([hex_id(9, 1), hex_id(5, 5)], {hex_id(9, 1)}),
        ([hex_id(2**63, 3), hex_id(2, 2)], {hex_id(2**63, 3), hex_id(2, 2)}),
        ([hex_id(2, 3)], set()),  # the same 64 bits, another document
        ([hex_id(2**64 - 1, 0), hex_id(0, 0)], set()),
    ],
)
def test_what_the_lake_holds_is_found(lk, asked, expected):
    assert KnownIds(lk, "documents", "doc_id").among(asked) == expected


@pytest.mark.parametrize("merge_rows", [0, 1_000_000])
def test_what_was_added_is_found_and_a_collision_is_not(lk, monkeypatch, merge_rows):
    monkeypatch.setattr(known, "_MERGE_ROWS", merge_rows)
    ids = KnownIds(lk, "documents", "doc_id")
    new = [hex_id(7, 1), hex_id(2, 7), hex_id(1, 1)]
    lk.append("documents", pa.table({"doc_id": new}))
    ids.add(new)
    ids.add([])
    assert ids.among([*new, hex_id(7, 2), hex_id(9, 1)]) == {*new, hex_id(9, 1)}


def test_a_dry_run_knows_what_it_would_have_added(lk):
    ids = KnownIds(lk, "documents", "doc_id", written=False)
    ids.add([hex_id(7, 1)])
    assert ids.among([hex_id(7, 1), hex_id(9, 1), hex_id(8, 8)]) == {hex_id(7, 1), hex_id(9, 1)}


def test_without_a_lake_or_a_table_nothing_is_known(tmp_path):
    for lk in (None, lake.create(tmp_path / "lake")):
        assert KnownIds(lk, "documents", "doc_id").among([hex_id(1, 1)]) == set()


def test_prefixes_of_a_slice_are_the_first_64_bits():
    ids = pa.array([hex_id(1, 0), hex_id(0xDEADBEEF00000001, 2), hex_id(3, 0)])
    assert prefixes(ids[1:]).tolist() == [0xDEADBEEF00000001, 3]
    assert prefixes(ids[:0]).tolist() == []


@pytest.mark.parametrize("bad", ["short", "g" * 32, None])
def test_an_id_of_another_form_is_said(bad):
    with pytest.raises(Damaged, match="32 hex digits"):
        prefixes(pa.array([bad], pa.string()))
