"""Ids are for ever: a changed literal here means that every lake in the world is read as new."""

import pytest

from kormo_ds.documents.identity import doc_id, reject_id


@pytest.mark.parametrize(
    ("source", "source_id", "text", "expected"),
    [
        ("wiki", "1", "한국어", "3dea5c86f2e4b90b1a8b16b6ed784608"),
        ("wiki", None, "한국어", "cf36d30a17a4374a9eeb6f630877c5aa"),
        ("", "", "", "463be1d58a72e9618ea59884367c4358"),
    ],
)
def test_a_document_has_this_id_for_ever(source, source_id, text, expected):
    assert doc_id(source, source_id, text.encode()) == expected


def test_fields_cannot_run_into_each_other():
    rows = [
        ("a", "bc", "d"),
        ("ab", "c", "d"),
        ("abc", "", "d"),
        ("a", "b", "cd"),
        ("", "abc", "d"),
    ]
    assert len({doc_id(s, i, t.encode()) for s, i, t in rows}) == len(rows)


def test_no_source_id_is_the_empty_one():
    assert doc_id("wiki", None, b"x") == doc_id("wiki", "", b"x")


def test_a_reject_has_this_id_for_ever():
    assert (
        reject_id("wiki", "a.jsonl", 3, "broken_json", "detail")
        == "7dcca7bd9c476f8d34007deac82f1a91"
    )


def test_a_file_name_that_is_not_utf8_has_a_reject_id():
    assert len(reject_id("wiki", "\udcff.txt", 0, "invalid_utf8", "x")) == 32
