"""Lengths before packing: literal bins, and the very rows and padding that packing then makes."""

import random
import re
from dataclasses import astuple

import pyarrow as pa
import pytest
from typer.testing import CliRunner

import lake
from kormo_ds.cli.lengths import said
from kormo_ds.cli.mixture import app
from kormo_ds.errors import BadConfig, BadInput, UnknownName
from kormo_ds.pack import Settings, pack
from kormo_ds.pack.lengths import measure

# doc_id → tokens with BOS and EOS; a letter is a token
SIZES = {"a": 40, "b": 9, "c": 1030, "d": 2050, "e": 1022}
SELECTION = [("a", "ko_short", 2.0), ("b", "ko_short", 1.0), ("c", "ko_long", 1.0)]
SELECTION += [("d", "en_long", 1.0), ("e", "en_short", 1.0)]


@pytest.fixture
def counted(make_lake, count_tokens, record):
    """counted(sizes, selection) → a lake of documents of so many tokens, counted and recorded."""

    def counted(sizes, selection, known=None):
        lk = make_lake({doc_id: "x" * (n - 2) for doc_id, n in sizes.items()}, selection)
        lk.fill("documents", [count_tokens({doc_id: n - 2 for doc_id, n in sizes.items()})])
        record(lk, selection, version=2)
        return lk

    return counted


def test_bins_by_component_and_length_each_pass_counted(counted):
    found = measure(counted(SIZES, SELECTION), "m", 1030, "bytes")
    assert [astuple(one) for one in found.bins] == [
        ("en_long", 2048, None, 1, 2050),
        ("en_short", 0, 1024, 1, 1022),
        ("ko_long", 1024, 1031, 1, 1030),
        ("ko_short", 0, 1024, 3, 89),
    ]
    assert (found.n_documents, found.n_tokens) == (6, 4191)
    assert (found.n_longer, found.n_longer_tokens) == (1, 2050)
    # d is a full row and a tail of 1020, c is one, e of 1022 another, a and b fit nowhere else
    assert (found.n_rows, found.n_padding) == (5, 5 * 1030 - 4191)
    # end to end a b c d e a: c, d, e and the second a lie on the end of a row
    assert (found.n_concat_rows, found.n_concat_cut) == (4, 4)


@pytest.mark.parametrize("length", [7, 64, 300])
@pytest.mark.parametrize("block_tokens", [1, 600, 1 << 22])
def test_rows_and_padding_are_those_of_packing(counted, length, block_tokens):
    draw = random.Random(length)
    sizes = {f"d{i:02}": draw.randint(3, 200) for i in range(40)}
    lk = counted(sizes, [(name, "x", draw.choice([1.0, 1.5, 2.25])) for name in sizes])
    found = measure(lk, "m", length, "bytes", block_tokens)
    for strategy in ("best_fit", "concat"):
        settings = Settings("bytes", length, strategy, strategy)
        facts = pack(lk, "m", settings, block_tokens=block_tokens).facts
        assert (facts["n_documents"], facts["n_tokens_in"]) == (found.n_documents, found.n_tokens)
        n_rows = found.n_rows if strategy == "best_fit" else found.n_concat_rows
        assert facts["n_rows"] == n_rows
        assert facts["n_padding"] == (found.n_padding if strategy == "best_fit" else 0)


def test_what_is_printed(counted):
    text = said(measure(counted(SIZES, SELECTION), "m@2", 1030, "bytes"))
    assert text == "\n".join(
        [
            "component  tokens each     documents  tokens  percent",
            "---------  --------------  ---------  ------  -------",
            "en_long    2,048 or more           1   2,050    48.91",
            "en_short   0 to 1,023              1   1,022    24.39",
            "ko_long    1,024 to 1,030          1   1,030    24.58",
            "ko_short   0 to 1,023              3      89    2.124",
            "m@2 in rows of 1,030 tokens of bytes, each pass counted, BOS and EOS included",
            "longer than a row: 1 of 6 documents (16.67 %), with 48.91 % of the tokens",
            "best_fit: 5 rows, 959 places of padding (18.62 %); cut are the documents longer "
            "than a row",
            "concat: 4 rows, no padding; cut or left over are 4 documents (66.67 %)",
        ]
    )


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["m", "n"], BadInput, "name one mixture: kormo mixture lengths NAME"),
        (["other"], UnknownName, "unknown recorded mixture 'other'"),
        (["m", "length=1"], BadConfig, "length=1: a row needs at least 2 tokens"),
        (["m"], BadConfig, "say whose tokens count with tokenizer=NAME"),
        (["m@1", "tokenizer=bytes"], BadInput, "no n_tokens_bytes when m@1 was recorded; count"),
        (["m", "tokenizer=bytes"], BadInput, "1 documents of m@3 have no n_tokens_bytes yet"),
    ],
)
def test_what_cannot_be_measured(counted, record, words, error, message):
    lk: lake.Lake = counted(SIZES, SELECTION)
    lk.append("documents", pa.table({"doc_id": ["f"], "text": ["new"]}))
    record(lk, [*SELECTION, ("f", "x", 1.0)], version=3)
    with pytest.raises(error, match=re.escape(message)):
        CliRunner().invoke(app, ["lengths", *words, "--lake", lk.root], catch_exceptions=False)
