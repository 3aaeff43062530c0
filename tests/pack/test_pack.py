import numpy as np
import pyarrow as pa
import pytest

import lake
from kormo_ds import sequences
from kormo_ds.errors import BadConfig, BadInput, Damaged, UnknownName
from kormo_ds.pack import Settings, pack

TEXTS = {"a": "hello", "b": "xy", "c": "longer text", "d": "z"}
SELECTION = [("c", "web", 1.0), ("a", "law", 2.0), ("d", "web", 0.5), ("b", "web", 1.5)]
# The share of d in pass 0 is below 0.5, that of b in pass 1 is not: c a d b, then a.


def settings(strategy: str = "concat", **others) -> Settings:
    return Settings(**{"tokenizer": "bytes", "length": 8, "strategy": strategy} | others)


def pieces(lk: lake.Lake, name: str) -> list[list[tuple[str, int, int]]]:
    rows = sequences.open(lk.path("sequences", name))
    return [
        [(p.doc_id, p.offset, p.end - p.start) for p in rows.pieces(i)] for i in range(rows.n_rows)
    ]


def test_concat_packs_passes_one_after_another(make_lake):
    lk = make_lake(TEXTS, SELECTION)
    packed = pack(lk, "m", settings())
    assert not packed.was_there
    assert pieces(lk, "m") == [
        [("c", 0, 8)],
        [("c", 8, 5), ("a", 0, 3)],
        [("a", 3, 4), ("d", 0, 3), ("b", 0, 1)],
        [("b", 1, 3), ("a", 0, 5)],
    ]
    rows = sequences.open(lk.path("sequences", "m"))
    first = rows.pieces(1)[1].input_ids.tolist()
    assert first[0] == rows.facts["bos"] == 256
    assert rows.pieces(2)[1].input_ids[-1] == rows.facts["eos"] == 257
    registry = lk.dataset("sequences").to_table().drop(["created_at", "fingerprint"]).to_pylist()
    assert registry == [
        {
            "name": "m",
            "mixture": "m@1",
            "tokenizer": "bytes",
            "strategy": "concat",
            "length": 8,
            "n_rows": 4,
            "n_documents": 5,
            "n_tokens_in": 34,
            "n_tokens_packed": 32,
            "n_tokens_left_over": 2,
            "n_padding": 0,
        }
    ]


def test_best_fit_counts_its_padding(make_lake):
    lk = make_lake(TEXTS, SELECTION)
    facts = pack(lk, "m@1", settings("best_fit")).facts
    assert pieces(lk, "m") == [
        [("c", 0, 8)],
        [("c", 8, 5), ("d", 0, 3)],
        [("a", 0, 7), ("", 0, 1)],
        [("b", 0, 4), ("", 0, 4)],
        [("a", 0, 7), ("", 0, 1)],
    ]
    assert (facts["n_tokens_in"], facts["n_tokens_packed"], facts["n_padding"]) == (34, 34, 6)
    spans = sequences.open(lk.path("sequences", "m")).take([3]).unscored[0]
    assert [span.tolist() for span in spans] == [[4], [8]]


@pytest.mark.parametrize(
    ("strategy", "languages"),
    [
        ("concat", [["en"], ["en", "ko"], ["ko", "", "ja"], ["ja", "ko"]]),
        ("best_fit", [["en"], ["en", ""], ["ko", ""], ["ja", ""], ["ko", ""]]),
    ],
)
def test_rows_know_the_language_of_each_piece(make_lake, strategy, languages):
    """As the source says: c is English, a Korean, b Japanese, and d has none."""
    lk = make_lake(TEXTS, SELECTION, languages={"a": "ko", "b": "ja", "c": "en"})
    pack(lk, "m", settings(strategy))
    rows = sequences.open(lk.path("sequences", "m"))
    assert rows.take(np.arange(rows.n_rows), languages=True).languages == languages


def test_the_same_pack_is_done(make_lake):
    lk = make_lake(TEXTS, SELECTION)
    first = pack(lk, "m", settings())
    again = pack(lk, "m", settings())
    assert (again.was_there, again.facts) == (True, first.facts)
    assert lk.dataset("sequences").count_rows() == 1


def test_a_name_keeps_its_parameters(make_lake):
    lk = make_lake(TEXTS, SELECTION)
    here = pack(lk, "m", settings()).facts["fingerprint"]
    with pytest.raises(BadConfig) as error:
        pack(lk, "m", settings(length=4))
    assert str(error.value).startswith(f"sequences 'm' have fingerprint {here}, asked is ")
    assert str(error.value).endswith("(length 8 there, 4 asked); choose another name=NAME")
    assert pieces(lk, "m")[0] == [("c", 0, 8)]
    assert pack(lk, "m", settings(length=4, name="short")).facts["n_rows"] == 8


def test_what_cannot_be_packed_is_refused(make_lake):
    lk = make_lake(TEXTS, SELECTION)
    with pytest.raises(UnknownName, match="unknown recorded mixture 'n@1'; .* known: m@1; record"):
        pack(lk, "n@1", settings())
    with pytest.raises(UnknownName, match="unknown tokenizer 'byte'; did you mean 'bytes'"):
        pack(lk, "m", settings(tokenizer="byte"))
    with pytest.raises(BadConfig, match="say which tokenizer with tokenizer=NAME; known: bytes"):
        pack(lk, "m", settings(tokenizer=""))
    with pytest.raises(UnknownName, match="unknown strategy 'bestfit'; did you mean 'best_fit'"):
        pack(lk, "m", settings("bestfit"))
    with pytest.raises(BadConfig, match="length=1: a row needs at least 2 tokens"):
        pack(lk, "m", settings(length=1))
    with pytest.raises(BadInput, match="m@1 has 34 tokens, fewer than one row of 4096"):
        pack(lk, "m", settings(length=4096))
    # Nothing came of it, so the name is free.
    assert pack(lk, "m", settings()).facts["n_rows"] == 4


def test_an_empty_mixture_is_refused(make_lake):
    with pytest.raises(BadInput, match="mixture m@1 selects no document"):
        pack(make_lake(TEXTS, []), "m", settings())


def test_documents_without_clean_text_are_refused(make_lake, record):
    lk = make_lake(TEXTS, SELECTION)
    lk.append("documents", pa.table({"doc_id": ["e"], "text": ["new"]}))
    record(lk, [*SELECTION, ("e", "web", 1.0)], version=2)
    with pytest.raises(BadInput, match="document 'e' has no text_clean yet; write it with: kormo"):
        pack(lk, "m@2", settings())
    lk.drop("documents", ["text_clean"])
    record(lk, SELECTION, version=3)
    with pytest.raises(BadInput, match="m@3 was recorded when documents had no text_clean"):
        pack(lk, "m", settings())
    # Version 1 asks the lake as it was.
    assert pack(lk, "m@1", settings()).facts["n_rows"] == 4


def test_a_selected_document_that_is_not_there_is_named(make_lake, record):
    lk = make_lake(TEXTS, SELECTION)
    record(lk, [*SELECTION, ("lost", "web", 1.0)], version=2)
    with pytest.raises(Damaged, match="1 documents of mixture m@2, first 'lost', are not in"):
        pack(lk, "m", settings())


@pytest.mark.parametrize("n_of_c", [11, 12])
def test_tokens_are_those_that_were_counted(make_lake, record, count_tokens, n_of_c):
    lk = make_lake(TEXTS, SELECTION)
    lk.fill("documents", [count_tokens({"a": 5, "b": 2, "c": n_of_c, "d": 1})])
    record(lk, SELECTION, version=2)
    if n_of_c == 11:
        assert pack(lk, "m", settings()).facts["n_tokens_in"] == 34
        return
    with pytest.raises(BadInput) as error:
        pack(lk, "m", settings())
    assert str(error.value).startswith(
        "column n_tokens_bytes says 12 tokens for document 'c', tokenizer 'bytes' makes 11"
    )


def test_a_document_cannot_end_itself(make_lake):
    lk = make_lake({"a": "x<|EOS|>"}, [("a", "web", 1.0)])
    pack(lk, "m", settings(length=10))
    row = sequences.open(lk.path("sequences", "m")).pieces(0)[0].input_ids.tolist()
    assert (row.count(256), row.count(257), row[0], row[-1]) == (1, 1, 256, 257)
