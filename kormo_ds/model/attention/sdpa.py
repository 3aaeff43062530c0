"""torch's scaled_dot_product_attention, document by document: no T × T mask, Σ len² work.

Documents of similar length go through one call: each is padded at its end to the length of its
bucket (at most a quarter longer), with its own last token. The causal rule hides what comes later,
so the padding is seen by no real query, and no value ever crosses from one document to another.
A batch that is one document needs no copy at all; any other is gathered once and scattered once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor


def bucket(length: int) -> int:
    """`length` rounded up to 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, …: four steps per doubling.

    >>> [bucket(n) for n in (1, 16, 17, 33, 4096)]
    [16, 16, 20, 40, 4096]
    """
    step = max(4, (1 << (length - 1).bit_length()) >> 3)
    return max(16, -(-length // step) * step)


@dataclass(frozen=True)
class Plan:
    """Where each token goes: `take` [P] names a token per padded place, `back` [T] the way home."""

    take: np.ndarray
    back: np.ndarray
    shapes: list[tuple[int, int]]
    """(documents, padded length) of each bucket, in the order of `take`."""


def plan(lengths: Sequence[int]) -> Plan:
    """Group the documents of a batch by bucket.

    A bucket is no longer than its longest document, so equal lengths are never padded.
    """
    sizes = np.asarray(lengths, dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    buckets = np.asarray([bucket(length) for length in lengths])
    back = np.empty(int(sizes.sum()), dtype=np.int64)
    take, shapes, offset = [], [], 0
    for width in np.unique(buckets):
        members = np.flatnonzero(buckets == width)
        columns = np.arange(sizes[members].max())
        inside = np.minimum(columns, sizes[members, None] - 1)
        tokens = starts[members, None] + inside
        places = offset + np.arange(tokens.size).reshape(tokens.shape)
        real = columns < sizes[members, None]
        back[tokens[real]] = places[real]
        take.append(tokens.reshape(-1))
        shapes.append(tokens.shape)
        offset += tokens.size
    return Plan(np.concatenate(take), back, shapes)


def _ruled(
    lengths: Sequence[int], rules: Sequence[Tensor | None]
) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """One call per document, under its own mask."""

    def attend(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        parts = zip(*(torch.split(x, list(lengths)) for x in (queries, keys, values)), strict=True)
        mixed = [
            _causal(q[None], k[None], v[None], rule)[0]
            for (q, k, v), rule in zip(parts, rules, strict=True)
        ]
        return torch.cat(mixed)

    return attend


def _causal(queries: Tensor, keys: Tensor, values: Tensor, rule: Tensor | None = None) -> Tensor:
    """Causal attention of [N, L, H, D] to the same shape, each of the N by itself; or `rule`'s."""
    queries, keys, values = (x.transpose(1, 2) for x in (queries, keys, values))
    grouped = queries.shape[1] != keys.shape[1]
    mixed = F.scaled_dot_product_attention(
        queries, keys, values, attn_mask=rule, is_causal=rule is None, enable_gqa=grouped
    )
    return mixed.transpose(1, 2)


class SdpaBackend:
    """One call per bucket of documents and layer."""

    name = "sdpa"

    def refusal(
        self, device: torch.device, dtype: torch.dtype, head_dim: int, mask: str = "document"
    ) -> str | None:
        """Never refuses."""
        return None

    def prepare(
        self, lengths: Sequence[int], device: torch.device, rules: Sequence[Tensor | None] = ()
    ) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
        """The attention of one batch; holds the two index tensors, or the rules."""
        if any(rule is not None for rule in rules):
            return _ruled(lengths, [rule if rule is None else rule.to(device) for rule in rules])
        if len(lengths) == 1:
            return lambda q, k, v: _causal(q[None], k[None], v[None])[0]
        planned = plan(lengths)
        take = torch.from_numpy(planned.take).to(device)
        back = torch.from_numpy(planned.back).to(device)
        sizes = [count * width for count, width in planned.shapes]

        def attend(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
            gathered = [
                torch.split(x.index_select(0, take), sizes) for x in (queries, keys, values)
            ]
            mixed = [
                _causal(*(part.unflatten(0, shape) for part in parts)).flatten(0, 1)
                for *parts, shape in zip(*gathered, planned.shapes, strict=True)
            ]
            return torch.cat(mixed).index_select(0, back)

        return attend
