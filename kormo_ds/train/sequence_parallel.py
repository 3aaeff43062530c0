"""Ulysses: a stream of tokens shared out over `sp` ranks, attention over heads instead of tokens.

    rank r holds tokens r·T/sp … (r+1)·T/sp of the stream, in all layers
    q, k, v  [T/sp, H, D]  ──all-to-all──▶  [T, H/sp, D]  attention of any backend, any mask
    mixed    [T, H/sp, D]  ──all-to-all──▶  [T/sp, H, D]

Ranks g·sp … (g+1)·sp − 1 are one group: they read the same rows, labels and positions of their own
tokens alone. Activations fall to 1/sp a rank; each layer sends 2 × (H + H_kv) × D numbers a token,
and as many in the backward pass. Source: DeepSpeed-Ulysses, arXiv 2309.14509.

**The gradient's scale.** Each rank minimises the sum of its own tokens' losses over the count of
the whole step. The all-to-all's backward pass is the inverse all-to-all, so what another rank's
loss asks of this rank's keys comes back to it, and the step's gradient is the sum over *all* ranks,
just as for data parallelism. So DeepSpeed is told of nothing but data-parallel ranks (no
`mpu`), shards states over all of them at every ZeRO stage, averages over all of them, and the one
factor `world` of `kormo_ds.train.step` holds everywhere. With its own sequence-parallel groups the
average is over fewer ranks in some stages and the norm of the gradient came out sp times too large
at ZeRO-1 (DeepSpeed issue 5248).
"""

from typing import Any

import deepspeed.comm as dist
import torch
from torch import Tensor

from kormo_ds.config import ModelConfig
from kormo_ds.errors import BadConfig
from kormo_ds.model.attention import Attend


class _AllToAll(torch.autograd.Function):
    """Part p of this rank's [sp, …] goes to rank p, part p of the result came from rank p."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, group: Any) -> Tensor:
        ctx.group = group
        x = x.contiguous()
        out = torch.empty_like(x)
        dist.all_to_all_single(out, x, group=group)
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return _swapped(grads[0], ctx.group), None


def _swapped(x: Tensor, group: Any) -> Tensor:
    out: Tensor = _AllToAll.apply(x, group)  # type: ignore[no-untyped-call]
    return out


def to_heads(x: Tensor, sp: int, group: Any) -> Tensor:
    """[T/sp, H, D] of this rank's tokens to [T, H/sp, D] of its heads, for all tokens."""
    parts = x.reshape(len(x), sp, -1, x.shape[2]).transpose(0, 1)
    return _swapped(parts, group).flatten(0, 1)


def to_tokens(x: Tensor, sp: int, group: Any) -> Tensor:
    """The way back: [T, H/sp, D] to [T/sp, H, D]."""
    parts = _swapped(x.reshape(sp, -1, *x.shape[1:]), group)
    return parts.transpose(0, 1).flatten(1, 2)


class Ulysses:
    """This rank's place in its group; wraps the attention of a batch."""

    def __init__(self, sp: int) -> None:
        """Make the groups; all ranks call it together."""
        self.sp = sp
        groups = [
            dist.new_group(list(range(first, first + sp)))
            for first in range(0, dist.get_world_size(), sp)
        ]
        self.group = groups[dist.get_rank() // sp]

    def __call__(self, attend: Attend) -> Attend:
        """`attend` of the whole stream, for queries, keys and values of this rank's tokens."""

        def spread(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
            here = (to_heads(x, self.sp, self.group) for x in (queries, keys, values))
            return to_tokens(attend(*here), self.sp, self.group)

        return spread


def check(sp: int, model: ModelConfig, world: int, tokens: int) -> None:
    """Refuse what cannot be shared out.

    Args:
        sp: ranks that share a stream.
        model: its heads are shared out.
        world: all ranks.
        tokens: of a row.

    Raises:
        BadConfig: names the number that `sp` does not divide.
    """
    if sp == 1:
        return
    key = f"train.sequence_parallel = {sp}"
    for what, n in (
        ("ranks", world),
        ("tokens of a row", tokens),
        ("heads (model.n_heads)", model.n_heads),
        ("key and value heads (model.n_kv_heads)", model.n_kv_heads),
    ):
        if n % sp:
            raise BadConfig(f"{key} does not divide the {n} {what}; take a divisor of {n}")
