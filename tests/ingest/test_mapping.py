"""A row and its options give exactly this document, or exactly this reject."""

import json

import pytest

from kormo_ds.documents.document import Document, Reject
from kormo_ds.ingest import Source
from kormo_ds.ingest.mapping import ToDocument
from kormo_ds.ingest.rows import Row
from kormo_ds.ingest.source import ORIGINS, PROVENANCE, REQUIRED

CONSTANTS = {"path": "a.jsonl", "lang": "en", "source": "test", "origin": "crawled"}


def mapped(values, line=1, name="a.jsonl", **options):
    return ToDocument(Source(**{**CONSTANTS, **options}))(Row("/d/a.jsonl", name, line, values))


def test_a_row_with_constants_alone():
    assert mapped({"text": "한", "id": 7}) == Document(
        doc_id=mapped({"text": "한"}).doc_id,
        source_id=None,
        text="한".encode(),
        lang="en",
        source="test",
        origin="crawled",
        kind=None,
        url=None,
        license=None,
        parent_id=None,
        synthesizer=None,
        prompt_style=None,
        prompt_id=None,
        meta=None,
    )


def test_a_row_with_columns_for_everything():
    names = ["text", "source_id", *PROVENANCE]
    values = {f"in_{name}": name for name in names}
    values |= {"in_lang": "zh-Hant", "in_origin": "synthetic", "in_prompt_id": 3}
    found = mapped(values, columns={name: f"in_{name}" for name in names})._asdict()
    del found["doc_id"]
    expected = {name: name for name in names} | {"text": b"text", "meta": None, "messages": None}
    assert found == expected | {"lang": "zh-Hant", "origin": "synthetic", "prompt_id": "3"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [({"l": "ko"}, "ko"), ({"l": None}, "en"), ({"l": ""}, "en"), ({}, "en")],
)
def test_the_constant_stands_in_where_the_column_is_empty(values, expected):
    assert mapped({"text": "x", **values}, columns={"lang": "l"}).lang == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("docs/ko/a/b.md", "ko"), ("docs/ko.md", "en"), ("docs/fr/ko/a.md", "fr"), ("x.md", "en")],
)
def test_the_path_gives_the_language(name, expected):
    by_path = {"docs/fr/*": "fr", "*/ko/*": "ko"}
    assert mapped({"text": "x"}, line=0, name=name, lang_by_path=by_path).lang == expected


def test_a_whole_file_is_known_by_its_path():
    found = mapped({"text": "x"}, line=0, name="a/b.md", columns={"text": "t", "source_id": "i"})
    assert (found.source_id, found.text) == ("a/b.md", b"x")


@pytest.mark.parametrize(
    ("key", "expected"),
    [("a.b", "inner"), ("a.c", None), ("x.y", "exact"), ("n.b", None), ("n", "7")],
)
def test_a_dotted_column_looks_inside(key, expected):
    values = {"text": "t", "a": {"b": "inner"}, "x.y": "exact", "x": {"y": "no"}, "n": 7}
    assert mapped(values, columns={"url": key}).url == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, None),
        ({"meta": {"edition": "2"}}, {"edition": "2"}),
        ({"columns": {"meta": "a, gone"}}, {"a": [1, None]}),
        ({"columns": {"meta": "gone"}}, None),
        ({"columns": {"meta": "o.k"}}, {"o.k": "한"}),
        ({"columns": {"meta": "*"}}, {"a": [1, None], "o": {"k": "한"}, "f": None}),
        ({"columns": {"meta": "*", "url": "o.k"}}, {"a": [1, None], "f": None}),
        ({"columns": {"meta": "a"}, "meta": {"a": "0", "e": "2"}}, {"a": [1, None], "e": "2"}),
    ],
)
def test_meta_keeps_columns_as_json(options, expected):
    values = {"text": "t", "a": [1, None], "o": {"k": "한"}, "f": float("nan")}
    found = mapped(values, **options).meta
    assert (found and json.loads(found)) == expected
    assert "\\u" not in (found or "")


@pytest.mark.parametrize(
    ("values", "reason", "detail"),
    [
        ({"a": 1}, "no_text", "column 'text' is missing; there are ['a']"),
        ({"text": 1.5}, "wrong_type", "text is float: 1.5"),
        ({"text": " \t"}, "empty_text", "text is ' \\t'"),
        ({"text": "123456"}, "too_long", "6 characters; max_chars=5"),
        ({"text": "a\0b"}, "nul_character", "at 1: 'a\\x00b'"),
        ({"text": "a\udc00"}, "lone_surrogate", "'\\udc00' at 1"),
    ],
)
def test_a_text_that_cannot_be_used_says_why(values, reason, detail):
    expected = Reject("/d/a.jsonl", "a.jsonl", 3, reason, detail)
    assert mapped(values, line=3, max_chars=5) == expected


@pytest.mark.parametrize(
    ("column", "value", "reason", "detail"),
    [
        ("lang", 1.5, "wrong_type", "v is float, lang must be text: 1.5"),
        ("url", True, "wrong_type", "v is bool, url must be text: True"),
        ("kind", {"a": 1}, "wrong_type", "v is dict, kind must be text: {'a': 1}"),
        ("lang", "Korean", "unknown_lang", "lang is 'Korean', not a code such as ko or en"),
        ("lang", None, "no_provenance", "the row has no lang and no constant is given"),
        ("source", "", "no_provenance", "the row has no source and no constant is given"),
        ("origin", "web", "unknown_origin", f"origin is 'web', not one of {', '.join(ORIGINS)}"),
        ("source_id", "a\0", "nul_character", "source_id is 'a\\x00'"),
        ("url", "\ud800", "lone_surrogate", "'\\ud800' at 0"),
        ("meta", "\ud800", "lone_surrogate", "'\\ud800' at 7"),
    ],
)
def test_a_column_that_cannot_be_used_says_why(column, value, reason, detail):
    no_constant = {column: ""} if column in REQUIRED else {}
    found = mapped({"text": "x", "v": value}, columns={column: "v"}, **no_constant)
    assert (found.reason, found.detail) == (reason, detail)


def test_a_detail_is_short_and_can_be_stored():
    found = mapped({"text": ["\0\ud800" * 500]})
    assert len(found.detail) == 200
    assert found.detail.encode().count(b"\0") == 0


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({}, {"text"}),
        ({"text": "b", "url": "m.u", "meta": "x, y"}, {"b", "m", "m.u", "x", "y"}),
        ({"meta": "*"}, None),
    ],
)
def test_it_says_which_columns_it_looks_at(columns, expected):
    assert ToDocument(Source(**CONSTANTS, columns=columns)).reads == expected
