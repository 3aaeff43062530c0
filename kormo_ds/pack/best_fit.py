"""Best-fit packing: a document that fits into a row is never cut (Ding et al. 2024, section 3).

Documents are packed a window at a time. In a window the longest piece comes first and goes into
the row with the least space that still holds it; a document longer than a row is cut into full
rows and a tail that is placed like a document. What no piece fills is padding, which is counted. A
window closes all its rows, so a resume needs no half-filled ones; the memory is one window's
tokens. Placing a piece costs two operations on an integer of `length` bits.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from kormo_ds.pack.block import Block, State
from kormo_ds.pack.tokens import Tokens, joined
from kormo_ds.sequences.schema import Pieces, batch


def best_fit(
    tokens: Iterator[Tokens], length: int, block_rows: int, state: State, pad: int
) -> Iterator[Block]:
    """Blocks of one window each: the documents that first reach `block_rows * length` tokens.

    Args:
        tokens: the mixture from `state` on.
        length: tokens in a row.
        block_rows: rows that a window's tokens fill at least, but for the last one.
        state: what came before; a block ends between documents.
        pad: the token that fills rows.
    """
    held: list[Tokens] = []
    for part in tokens:
        held.append(part)
        n_tokens = sum(len(part.ids) for part in held)
        while n_tokens >= block_rows * length:
            whole = joined(held)
            last = int(np.searchsorted(whole.edges, block_rows * length))
            window, rest = whole.cut(int(whole.edges[last]))
            block = _block(window, rest, length, state, pad)
            state, held, n_tokens = block.state, [rest], len(rest.ids)
            yield block
    if sum(part.n_documents for part in held):
        whole = joined(held)
        yield _block(*whole.cut(len(whole.ids)), length, state, pad)


def _block(window: Tokens, rest: Tokens, length: int, state: State, pad: int) -> Block:
    if not len(window.ids):
        return Block(pa.record_batch({}), state.after(window, rest), rest)
    rows = packed(window, length, pad)
    n_padding = rows.num_rows * length - len(window.ids)
    return Block(rows, state.after(window, rest, n_padding), rest)


def packed(tokens: Tokens, length: int, pad: int) -> pa.RecordBatch:
    """The record batch of rows that hold whole documents; rows and pieces keep their order."""
    documents, starts, lengths = cut(tokens.edges, length)
    rows = place(lengths, length)
    first = np.full(rows.max() + 1, len(rows))
    np.minimum.at(first, rows, np.arange(len(rows)))
    rows = np.argsort(np.argsort(first))[rows]

    order = np.argsort(rows, kind="stable")
    n_rows = len(first)
    ids = np.full((n_rows, length), pad, np.int32)
    unscored = None if tokens.scored is None else np.ones((n_rows, length), bool)
    ordered = zip(
        rows[order].tolist(), starts[order].tolist(), lengths[order].tolist(), strict=True
    )
    ends = [0] * n_rows
    for row, start, n in ordered:
        at = ends[row]
        ids[row, at : at + n] = tokens.ids[start : start + n]
        if unscored is not None and tokens.scored is not None:
            unscored[row, at : at + n] = ~tokens.scored[start : start + n]
        ends[row] = at + n
    filled = np.array(ends)

    padded = np.flatnonzero(filled < length)
    all_rows = np.concatenate([rows[order], padded])
    final = np.argsort(all_rows, kind="stable")
    empty = pa.array([""] * len(padded), pa.string())
    documents = documents[order]
    offsets = starts[order] - tokens.edges[documents] + tokens.offsets[documents]
    take = pa.array(final)
    pieces = Pieces(
        rows=all_rows[final],
        lengths=np.concatenate([lengths[order], length - filled[padded]])[final].astype(np.int32),
        doc_ids=pa.concat_arrays([tokens.doc_ids.take(documents), empty]).take(take),
        offsets=np.concatenate([offsets, np.zeros(len(padded), np.int64)])[final].astype(np.int32),
        components=pa.concat_arrays([tokens.components.take(documents), empty]).take(take),
        languages=pa.concat_arrays([tokens.languages.take(documents), empty]).take(take),
    )
    return batch(ids, pieces, unscored)


def cut(edges: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Documents cut into full rows and a tail: (document, start, length) of each piece, int64.

    >>> [column.tolist() for column in cut(np.array([0, 2, 11]), 4)]
    [[0, 1, 1, 1], [0, 2, 6, 10], [2, 4, 4, 1]]
    """
    sizes = np.diff(edges)
    counts = -(-sizes // length)
    documents = np.repeat(np.arange(len(sizes)), counts)
    nth = np.arange(len(documents)) - np.repeat(np.cumsum(counts) - counts, counts)
    starts = edges[documents] + nth * length
    return documents, starts, np.minimum(edges[documents + 1] - starts, length)


def place(lengths: np.ndarray, length: int) -> np.ndarray:
    """The row of each piece, int64: longest first, into the fullest row that still has space.

    Rows with the same space are equal; the one that came to it last is taken. `spaces` has bit `s`
    set when a row has `s` tokens of space, so its lowest set bit above a piece is the best fit.

    >>> place(np.array([2, 5, 3, 1, 4]), 6).tolist()
    [1, 0, 2, 0, 1]
    """
    rows = np.empty(len(lengths), np.int64)
    with_space: list[list[int]] = [[] for _ in range(length + 1)]
    spaces, n_rows = 0, 0
    for piece in np.argsort(-lengths, kind="stable").tolist():
        need = int(lengths[piece])
        above = spaces >> need
        if above:
            space = need + (above & -above).bit_length() - 1
            row = with_space[space].pop()
            if not with_space[space]:
                spaces ^= 1 << space
        else:
            space, row = length, n_rows
            n_rows += 1
        rows[piece] = row
        left = space - need
        if left:
            with_space[left].append(row)
            spaces |= 1 << left
    return rows
