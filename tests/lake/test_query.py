from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

import lake

SQL = """-- Documents that are long enough.
-- One row per document.
-- param min_chars  INTEGER = 2      characters at least
-- param lang       VARCHAR          language
-- param note       VARCHAR = 'x  y' a note

select doc_id, n_chars, $note as note from documents where n_chars >= $min_chars and lang = $lang
"""


def test_a_header_is_read():
    query = lake.Query.parse(SQL.replace(" a note", "  a note"), "long")
    assert query.description == "Documents that are long enough.\nOne row per document."
    assert [tuple(vars(p).values()) for p in query.params.values()] == [
        ("min_chars", "INTEGER", 2, "characters at least", False),
        ("lang", "VARCHAR", None, "language", True),
        ("note", "VARCHAR", "x  y", "a note", False),
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"a": "7"}, {"a": 7, "b": Decimal("1.5"), "c": None}),
        ({"a": 7, "b": "2", "c": "true"}, {"a": 7, "b": Decimal("2.0"), "c": True}),
    ],
)
def test_values_are_typed(given, expected):
    header = (
        "-- Q.\n-- param a TINYINT\n-- param b DECIMAL(3, 1) = 1.5\n-- param c BOOLEAN = null\n"
    )
    assert lake.Query.parse(header + "select $a, $b, $c", "q").values(given) == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"lang": "ko", "min_char": 1}, "no parameter 'min_char'; did you mean 'min_chars'?"),
        ({}, r"query long needs lang=… \(VARCHAR: language\)"),
        ({"lang": "ko", "min_chars": "x"}, "min_chars=x: .*Could not convert"),
    ],
)
def test_bad_values_are_named(given, message):
    with pytest.raises(lake.BadQuery, match=message):
        lake.Query.parse(SQL.replace(" a note", "  a note"), "long").values(given)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("select 1", "must say what the query means"),
        ("-- Q.\n-- param a\nselect $a", "cannot read '-- param a'"),
        ("-- Q.\n-- param a INTEGER = x\nselect $a", 'column "x" was not found'),
        ("-- Q.\nselect $a", r"\$a is used but not declared"),
        ("-- Q.\n-- param a INTEGER\nselect 1", r"\$a is declared but not used"),
        ("-- Q.\ndrop table x", "only a select"),
    ],
)
def test_a_bad_file_says_what_is_wrong(tmp_path, text, message):
    path = tmp_path / "q.sql"
    path.write_text(text)
    with pytest.raises(lake.BadQuery, match=rf"q\.sql: .*{message}"):
        lake.Query.read(path)


def test_a_missing_file():
    with pytest.raises(lake.BadQuery, match="no query file nope.sql"):
        lake.Query.read("nope.sql")


def test_the_result_keeps_its_contract(lk, length):
    lk.fill("documents", [length()])
    query = lake.Query.parse(SQL.replace(" a note", "  a note"), "long")
    contract = {"doc_id": "VARCHAR", "n_chars": "BIGINT", "note": "VARCHAR"}
    relation = query.run(lk.connect(), {"lang": "ko"}, contract)
    assert relation.fetchall() == [("c", 3, "x  y")]
    with pytest.raises(
        lake.BadContract, match=r"must return \(doc_id VARCHAR\); it returns \(doc_id"
    ):
        query.run(lk.connect(), {"lang": "ko"}, {"doc_id": "VARCHAR"})


def test_many_threads_read_queries_at_once():
    def values(n: int) -> dict:
        query = lake.Query.parse("-- Q.\n-- param a BIGINT = 1\nselect $a", "q")
        return query.values({"a": str(n)})

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(values, range(200))) == [{"a": n} for n in range(200)]
