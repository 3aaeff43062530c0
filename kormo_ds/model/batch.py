"""What one forward pass reads: a stream of tokens, its labels, positions and document lengths."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from kormo_ds.errors import BadInput
from kormo_ds.model.loss import UNSCORED
from kormo_ds.model.mtp import depths


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


def padding_of(lengths: np.ndarray, unscored: np.ndarray) -> int:
    """Tokens of padding in a row, 0 for none.

    Padding is the last piece of its row and an unscored span of its own
    (`kormo_ds.sequences.schema`).
    """
    last, end = int(lengths[-1]), int(np.sum(lengths))
    spans = np.asarray(unscored).reshape(-1, 2)
    return last if len(spans) and spans[-1].tolist() == [end - last, end] else 0


@dataclass(frozen=True)
class Batch:
    """One stream of T tokens: the rows of a micro-batch, one after the other."""

    tokens: Tensor
    """int64 [T]."""
    labels: Tensor
    """int64 [T]; -100 is not scored."""
    positions: Tensor
    """int64 [T], 0 to L-1 in each row, or in each piece."""
    lengths: list[int]
    """Tokens of each piece; sums to T. Attention never leaves a piece, but by `model.mask`."""
    padding: list[int] = field(default_factory=list)
    """Those of the lengths that are padding."""
    rows: Sequence[int] = ()
    """Pieces of each row, sums to the pieces; padding is counted as a row of its own, which changes
    no loss. () is each piece by itself."""
    languages: Sequence[str] = ()
    """Of each piece; '' is unknown or padding. () where they were not asked for."""
    ahead: Tensor = field(default_factory=lambda: torch.empty(0, 2, 0, dtype=torch.int64))
    """For each depth of multi-token prediction the tokens ahead and their labels, int64
    [depths, 2, T]; -100 where the piece ends before (`kormo_ds.model.mtp`)."""
    first: int = 0
    """Place of the first token in the stream, where this is a share of it."""

    @classmethod
    def of_rows(
        cls,
        input_ids: np.ndarray,
        lengths: Sequence[np.ndarray],
        unscored: Sequence[np.ndarray],
        *,
        languages: Sequence[Sequence[str]] = (),
        positions: str = "row",
        mtp_depth: int = 0,
    ) -> Self:
        """Join packed rows into one stream.

        Args:
            input_ids: integers [n, L].
            lengths: tokens of each piece, per row; each sums to L.
            unscored: spans [S, 2] in places of the row, per row.
            languages: of each piece, per row.
            positions: where they start from 0: 'row' or 'document' (a piece).
            mtp_depth: of the model that will read it.
        """
        n_rows, length = input_ids.shape
        rows = zip(input_ids, lengths, unscored, strict=True)
        labels = torch.from_numpy(np.concatenate([labels_of(*row) for row in rows]))
        tokens = torch.from_numpy(input_ids.reshape(-1).astype(np.int64))
        pieces = np.concatenate(lengths).tolist()
        padding = [padding_of(*row) for row in zip(lengths, unscored, strict=True)]
        return cls(
            tokens=tokens,
            labels=labels,
            positions=_positions(lengths, length, positions),
            lengths=pieces,
            padding=[size for size in padding if size],
            rows=[
                count
                for sizes, size in zip(lengths, padding, strict=True)
                for count in ([len(sizes) - 1, 1] if size and len(sizes) > 1 else [len(sizes)])
            ],
            languages=[name for row in languages for name in row],
            ahead=depths(tokens, labels, pieces, mtp_depth),
        )

    @property
    def inputs(self) -> tuple[Any, ...]:
        """What `Transformer.forward` takes."""
        fields = (self.tokens, self.labels, self.positions)
        return (*fields, self.lengths, self.rows, self.languages, self.ahead)

    def share(self, number: int, of: int) -> Self:
        """What belongs to the tokens of one of `of` equal shares.

        `lengths`, `rows` and `languages` stay those of the whole stream.

        Raises:
            BadInput: T is not a multiple of `of`.
        """
        n, rest = divmod(len(self.tokens), of)
        if rest:
            raise BadInput(
                f"a batch of {len(self.tokens)} tokens has no {of} equal shares; set "
                "train.sequence_parallel to a divisor of them"
            )
        here = slice(number * n, (number + 1) * n)
        return replace(
            self,
            tokens=self.tokens[here],
            labels=self.labels[here],
            positions=self.positions[here],
            ahead=self.ahead[..., here],
            first=self.first + number * n,
        )

    def in_stream(self, values: Tensor) -> Tensor:
        """`values` [n] of this share's tokens in their places of the stream, [T]; others are 0."""
        whole = values.new_zeros(sum(self.lengths))
        whole[self.first : self.first + len(values)] = values
        return whole

    @property
    def n_scored(self) -> int:
        """Tokens that have a label."""
        return int((self.labels != UNSCORED).sum())

    def n_scored_ahead(self, k: int) -> int:
        """Tokens that have a label at depth `k` of multi-token prediction."""
        return int((self.ahead[k - 1, 1] != UNSCORED).sum())

    def to(self, device: torch.device | str) -> Self:
        """The same batch on another device."""
        return replace(
            self,
            tokens=self.tokens.to(device, non_blocking=True),
            labels=self.labels.to(device, non_blocking=True),
            positions=self.positions.to(device, non_blocking=True),
            ahead=self.ahead.to(device, non_blocking=True),
        )


def _positions(lengths: Sequence[np.ndarray], length: int, start: str) -> Tensor:
    """Places in the row, or in the piece, int64 [T]."""
    if start == "row":
        return torch.arange(length).repeat(len(lengths))
    sizes = np.concatenate(lengths).astype(np.int64)
    return torch.from_numpy(np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes))
