"""What one forward pass reads: a stream of tokens, its labels, positions and document lengths."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
import torch
from torch import Tensor

from kormo_ds.model.loss import UNSCORED


def labels_of(
    tokens: np.ndarray, lengths: Sequence[int] | np.ndarray, unscored: np.ndarray
) -> np.ndarray:
    """The token that each token is asked to predict, int64 [T]; `UNSCORED` where none is.

    That is the next token of the same piece. The last token of a piece predicts nothing, and a
    token inside an unscored span is never predicted.

    Args:
        tokens: integers [T].
        lengths: tokens of each piece, in order; sums to T.
        unscored: spans [S, 2] of (first, one past the last) token not to be predicted.
    """
    labels = np.full(len(tokens), UNSCORED, dtype=np.int64)
    labels[:-1] = tokens[1:]
    labels[np.cumsum(lengths) - 1] = UNSCORED
    for start, end in np.asarray(unscored, dtype=np.int64).reshape(-1, 2):
        labels[max(start - 1, 0) : max(end - 1, 0)] = UNSCORED
    return labels


def padding_of(
    length: int, lengths: Sequence[np.ndarray], unscored: Sequence[np.ndarray]
) -> list[int]:
    """Lengths of the padding in rows of `length` tokens; a row has one piece of it or none.

    Padding is the last piece of its row and an unscored span of its own
    (`kormo_ds.sequences.schema`).
    """
    ends = [spans[-1].tolist() if len(spans) else None for spans in unscored]
    rows = zip(ends, lengths, strict=True)
    return [int(sizes[-1]) for end, sizes in rows if end == [length - sizes[-1], length]]


@dataclass(frozen=True)
class Batch:
    """One stream of T tokens: the rows of a micro-batch, one after the other."""

    tokens: Tensor
    """int64 [T]."""
    labels: Tensor
    """int64 [T]; -100 is not scored."""
    positions: Tensor
    """int64 [T], 0 to L-1 in each row."""
    lengths: list[int]
    """Tokens of each piece; sums to T. Attention never leaves a piece."""
    padding: list[int] = field(default_factory=list)
    """Those of the lengths that are padding."""

    @classmethod
    def of_rows(
        cls,
        input_ids: np.ndarray,
        lengths: Sequence[np.ndarray],
        unscored: Sequence[np.ndarray],
    ) -> Self:
        """Join packed rows into one stream.

        Args:
            input_ids: integers [n, L].
            lengths: tokens of each piece, per row; each sums to L.
            unscored: spans [S, 2] in places of the row, per row.
        """
        n_rows, length = input_ids.shape
        rows = zip(input_ids, lengths, unscored, strict=True)
        labels = [labels_of(ids, sizes, spans) for ids, sizes, spans in rows]
        return cls(
            tokens=torch.from_numpy(input_ids.reshape(-1).astype(np.int64)),
            labels=torch.from_numpy(np.concatenate(labels)),
            positions=torch.arange(length).repeat(n_rows),
            lengths=np.concatenate(lengths).tolist(),
            padding=padding_of(length, lengths, unscored),
        )

    @property
    def n_scored(self) -> int:
        """Tokens that have a label."""
        return int((self.labels != UNSCORED).sum())

    def to(self, device: torch.device | str) -> Self:
        """The same batch on another device."""
        return replace(
            self,
            tokens=self.tokens.to(device, non_blocking=True),
            labels=self.labels.to(device, non_blocking=True),
            positions=self.positions.to(device, non_blocking=True),
        )
