"""What a packing strategy makes: a block of rows and the state from which the next row follows."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from kormo_ds.pack.tokens import Tokens


@dataclass(frozen=True)
class State:
    """Where in the mixture the first token stands that is in no row yet, and what came before."""

    turn: int = 0
    """Pass of its document."""
    index: int = 0
    """Place of its document in the selection."""
    offset: int = 0
    """Tokens of its document that are in rows already."""
    n_documents: int = 0
    """Documents before it, each pass counted."""
    n_tokens_in: int = 0
    """Tokens of these documents, BOS and EOS included, without those dropped."""
    n_tokens_packed: int = 0
    n_padding: int = 0
    n_dropped: int = 0
    """Of the documents those that were longer than a row, where such are dropped."""
    n_tokens_dropped: int = 0
    n_tokens_scored: int = 0
    """Of the tokens packed those that have a loss."""

    def after(self, done: Tokens, rest: Tokens, n_padding: int = 0) -> "State":
        """The state when the tokens of `done` are in rows and those of `rest` are not yet."""
        cut = bool(rest.offset)
        whole = done.n_documents - cut
        n_tokens = int(done.edges[whole]) + (done.offset if whole else 0)
        if rest.n_documents:
            turn, index = int(rest.turns[0]), int(rest.indices[0])
        else:
            turn, index = int(done.turns[-1]), int(done.indices[-1]) + 1
        return replace(
            self,
            turn=turn,
            index=index,
            offset=rest.offset,
            n_documents=self.n_documents + whole,
            n_tokens_in=self.n_tokens_in + n_tokens,
            n_tokens_packed=self.n_tokens_packed + len(done.ids),
            n_padding=self.n_padding + n_padding,
            n_dropped=self.n_dropped + _count(done.dropped),
            n_tokens_dropped=self.n_tokens_dropped + _sum(done.dropped, 0),
            n_tokens_scored=self.n_tokens_scored + _sum(done.scored, len(done.ids)),
        )


def _count(dropped: np.ndarray | None) -> int:
    return 0 if dropped is None else int(np.count_nonzero(dropped))


def _sum(values: np.ndarray | None, otherwise: int) -> int:
    return otherwise if values is None else int(values.sum())


@dataclass(frozen=True)
class Block:
    """Rows that are written together; the last block of a mixture may have none."""

    rows: pa.RecordBatch
    state: State
    """After these rows."""
    left_over: Tokens | None = None
    """Of the last block: the tokens that fill no row."""
