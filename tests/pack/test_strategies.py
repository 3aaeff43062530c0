"""Both strategies on literal documents; a token is written as its document and place, e.g. a0."""

from dataclasses import asdict

import numpy as np
import pyarrow as pa
import pytest

from kormo_ds.pack.best_fit import best_fit, place
from kormo_ds.pack.block import State
from kormo_ds.pack.concat import concat
from kormo_ds.pack.tokens import Tokens, joined

PAD = 9999


def tokens(sizes: str) -> Tokens:
    """'a3 b5': documents a of 3 tokens and b of 5; token i of the k-th document is 100k + i."""
    names, counts = zip(*((word[0], int(word[1:])) for word in sizes.split()), strict=True)
    edges = np.cumsum([0, *counts])
    return Tokens(
        ids=np.concatenate([100 * k + np.arange(n) for k, n in enumerate(counts)]).astype(np.int32),
        edges=edges,
        doc_ids=pa.array(names),
        components=pa.array([f"of {name}" for name in names]),
        languages=pa.array([f"lang {name}" for name in names]),
        turns=np.zeros(len(names), np.int64),
        indices=np.arange(len(names)),
    )


def rows(batch: pa.RecordBatch) -> list[str]:
    """Each row as 'a0-2 b0-1': document, first and last token of each piece; '_' is padding."""
    out = []
    for row in batch.to_pylist():
        pieces = zip(row["doc_ids"], row["offsets"], row["lengths"], strict=True)
        words = [f"{d}{o}-{o + n - 1}" if d else f"_{n}" for d, o, n in pieces]
        out.append(" ".join(words))
        at = 0
        for doc, offset, n in zip(row["doc_ids"], row["offsets"], row["lengths"], strict=True):
            piece = row["input_ids"][at : at + n]
            first = [PAD] * n if not doc else [piece[0] // 100 * 100 + offset + i for i in range(n)]
            assert piece == first
            at += n
        assert at == len(row["input_ids"])
        assert row["languages"] == [f"lang {d}" if d else "" for d in row["doc_ids"]]
        assert row["components"] == [f"of {d}" if d else "" for d in row["doc_ids"]]
        assert [(s["start"], s["end"]) for s in row["unscored"]] == (
            [(at - row["lengths"][-1], at)] if row["doc_ids"][-1] == "" else []
        )
    return out


@pytest.mark.parametrize(
    ("sizes", "expected", "left_over"),
    [
        ("a4", ["a0-3"], ""),
        ("a3", [], "a0-2"),
        ("a3 b3", ["a0-2 b0-0"], "b1-2"),
        ("a9", ["a0-3", "a4-7"], "a8-8"),
        ("a2 b2 c2 d2", ["a0-1 b0-1", "c0-1 d0-1"], ""),
        ("a4 b4", ["a0-3", "b0-3"], ""),
        ("a3 b6 c4", ["a0-2 b0-0", "b1-4", "b5-5 c0-2"], "c3-3"),
    ],
)
@pytest.mark.parametrize("block_rows", [1, 2, 5])
def test_concat_cuts_every_four_tokens(sizes, expected, left_over, block_rows):
    blocks = list(concat(iter([tokens(sizes)]), 4, block_rows, State()))
    assert [row for block in blocks for row in rows(block.rows)] == expected
    rest = blocks[-1].left_over
    if left_over:
        first, last = (int(x) for x in left_over[1:].split("-"))
        assert (rest.doc_ids.to_pylist(), rest.offset) == ([left_over[0]], first)
        assert len(rest.ids) == last - first + 1
    else:
        assert rest is None or len(rest.ids) == 0


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ("a4", ["a0-3"]),
        ("a3", ["a0-2 _1"]),
        ("a3 b3", ["a0-2 _1", "b0-2 _1"]),
        ("a9", ["a0-3", "a4-7", "a8-8 _3"]),
        ("a2 b3 c2 d1", ["a0-1 c0-1", "b0-2 d0-0"]),
        ("a6 b2 c3", ["a0-3", "a4-5 b0-1", "c0-2 _1"]),
    ],
)
def test_best_fit_cuts_no_document_that_fits(sizes, expected):
    blocks = list(best_fit(iter([tokens(sizes)]), 4, 100, State(), PAD))
    assert [rows(block.rows) for block in blocks] == [expected]


def test_a_window_ends_with_the_document_that_fills_it():
    blocks = list(best_fit(iter([tokens("a3 b3 c3 d2")]), 4, 1, State(), PAD))
    assert [rows(block.rows) for block in blocks] == [
        ["a0-2 _1", "b0-2 _1"],
        ["c0-2 _1", "d0-1 _2"],
    ]


@pytest.mark.parametrize(
    ("lengths", "length", "expected"),
    [
        ([2, 5, 3, 1, 4], 6, [1, 0, 2, 0, 1]),
        ([6, 6], 6, [0, 1]),
        ([1, 1, 1, 1], 2, [0, 0, 1, 1]),
        ([4, 3, 2, 1], 5, [0, 1, 1, 0]),
    ],
)
def test_pieces_go_where_least_space_is_left(lengths, length, expected):
    assert place(np.array(lengths), length).tolist() == expected


def test_place_wastes_less_than_one_row_for_short_pieces():
    lengths = np.random.default_rng(0).integers(1, 300, 20_000)
    found = place(lengths, 1024)
    used = np.bincount(found, weights=lengths)
    assert used.max() <= 1024
    assert len(used) == -(-lengths.sum() // 1024)


STATES = [
    # sizes in parts, turn index offset n_documents n_tokens_in n_tokens_packed of each block
    ("a3 b6 c4", [(0, 1, 1, 1, 3, 4), (0, 1, 5, 1, 3, 8), (0, 2, 3, 2, 9, 12)]),
    ("a4 b4", [(0, 1, 0, 1, 4, 4), (0, 2, 0, 2, 8, 8)]),
]


@pytest.mark.parametrize(("sizes", "expected"), STATES)
def test_the_state_names_the_first_token_in_no_row(sizes, expected):
    blocks = [b for b in concat(iter([tokens(sizes)]), 4, 1, State()) if b.rows.num_rows]
    assert [tuple(asdict(block.state).values())[:6] for block in blocks] == expected


@pytest.mark.parametrize(
    ("at", "head", "tail", "offset"),
    [
        (0, "", "abc", 0),
        (1, "a", "abc", 1),
        (3, "a", "bc", 0),
        (8, "ab", "bc", 5),
        (9, "ab", "c", 0),
        (12, "abc", "c", 3),
        (13, "abc", "", 0),
    ],
)
def test_a_run_is_cut_anywhere(at, head, tail, offset):
    whole = tokens("a3 b6 c4")
    before, after = whole.cut(at)
    assert "".join(before.doc_ids.to_pylist()) == head
    assert "".join(after.doc_ids.to_pylist()) == tail
    assert (before.offset, after.offset) == (0, offset)
    assert (len(before.ids), len(after.ids)) == (at, 13 - at)
    assert np.concatenate([before.ids, after.ids]).tolist() == whole.ids.tolist()


def test_a_document_cut_twice_keeps_its_place():
    _, rest = tokens("a9 b2").cut(4)
    _, rest = rest.cut(3)
    assert (rest.doc_ids.to_pylist(), rest.offset, rest.edges.tolist()) == (
        ["a", "b"],
        7,
        [0, 2, 4],
    )


def test_runs_join():
    whole = joined([tokens("a9 b2").cut(4)[1], tokens("c2")])
    assert whole.edges.tolist() == [0, 5, 7, 9]
    assert whole.doc_ids.to_pylist() == ["a", "b", "c"]
    assert whole.offsets.tolist() == [4, 0, 0]
