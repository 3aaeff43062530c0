"""The paper's packing: documents end to end, cut every `length` tokens, nothing dropped between.

The remainder of a block is carried to the next one, so only the end of the whole mixture can be
left over, fewer than `length` tokens. Costs one copy of the tokens; all else is per document.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from kormo_ds.pack.block import Block, State
from kormo_ds.pack.tokens import Tokens, joined
from kormo_ds.sequences.schema import Pieces, batch


def concat(tokens: Iterator[Tokens], length: int, block_rows: int, state: State) -> Iterator[Block]:
    """Blocks of exactly `block_rows` rows, then one of what is left.

    Args:
        tokens: the mixture from `state` on, beginning with the token that `state` names.
        length: tokens in a row.
        block_rows: rows in a block.
        state: what came before.
    """
    held: list[Tokens] = []
    for part in tokens:
        held.append(part)
        while sum(len(part.ids) for part in held) >= block_rows * length:
            done, rest = joined(held).cut(block_rows * length)
            state, held = state.after(done, rest), [rest]
            yield Block(rows(done, length), state)
    if held:
        end = joined(held)
        done, rest = end.cut(len(end.ids) // length * length)
        if len(done.ids):
            state = state.after(done, rest)
        yield Block(rows(done, length), state, rest)


def rows(tokens: Tokens, length: int) -> pa.RecordBatch:
    """The record batch of tokens that fill rows of `length` exactly."""
    row_starts = np.arange(0, len(tokens.ids), length)
    starts = np.union1d(tokens.edges[:-1], row_starts)
    documents = np.searchsorted(tokens.edges[1:], starts, side="right")
    lengths = np.diff(starts, append=len(tokens.ids))
    pieces = Pieces(
        rows=starts // length,
        lengths=lengths.astype(np.int32),
        doc_ids=tokens.doc_ids.take(documents),
        offsets=(starts - tokens.edges[documents] + tokens.offsets[documents]).astype(np.int32),
        components=tokens.components.take(documents),
        languages=tokens.languages.take(documents),
    )
    unscored = None if tokens.scored is None else ~tokens.scored.reshape(-1, length)
    return batch(tokens.ids.reshape(-1, length), pieces, unscored)
