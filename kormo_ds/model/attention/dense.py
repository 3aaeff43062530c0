"""The reference: one T × T mask and a plain softmax. O(T²) memory; for tests and reading."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor


def document_mask(lengths: Sequence[int], device: torch.device | None = None) -> Tensor:
    """True where query (row) may see key (column): same document, not later; bool [T, T].

    >>> document_mask([2, 1]).int().tolist()
    [[1, 0, 0], [1, 1, 0], [0, 0, 1]]
    """
    counts = torch.tensor(lengths, dtype=torch.int64, device=device)
    document = torch.repeat_interleave(torch.arange(len(lengths), device=device), counts)
    return (document[:, None] == document[None, :]).tril()


class DenseBackend:
    """Softmax over all T keys with the others at -inf."""

    name = "dense"

    def refusal(
        self, device: torch.device, dtype: torch.dtype, head_dim: int, mask: str = "document"
    ) -> str | None:
        """Never refuses; memory is the limit."""
        return None

    def prepare(
        self, lengths: Sequence[int], device: torch.device, rules: Sequence[Tensor | None] = ()
    ) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
        """The attention of one batch; holds the mask."""
        mask = document_mask(lengths, device)
        ends = np.cumsum(lengths)
        for start, end, rule in zip(ends - lengths, ends, rules, strict=False):
            if rule is not None:
                mask[start:end, start:end] = rule.to(device)

        def attend(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
            group = queries.shape[1] // keys.shape[1]
            keys, values = (x.repeat_interleave(group, dim=1) for x in (keys, values))
            scores = torch.einsum("qhd,khd->hqk", queries, keys) * queries.shape[-1] ** -0.5
            weights = scores.float().masked_fill(~mask, float("-inf")).softmax(-1)
            return torch.einsum("hqk,khd->qhd", weights.to(values.dtype), values)

        return attend
