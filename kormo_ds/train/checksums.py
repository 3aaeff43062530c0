"""A checksum of every parameter of a running job, wherever its parts are.

The sum over all places i of bits(x_i) · (2 i + 1), modulo 2**64. It is a sum, so each rank adds up
its own parts and one reduction of one number a parameter gives the whole: no parameter is gathered.
Odd factors make every single changed bit show, and two that are exchanged. It guards against
mistakes and damage, not against forgery. Costs one pass over a rank's parts.
"""

from typing import Any

import torch
from torch import Tensor

from kormo_ds.train import partition, ranks

_CHUNK = 1 << 22
"""Numbers that are widened to 64 bits at a time."""


def of(engine: Any, kind: str) -> dict[str, str]:
    """The checksum of each parameter's weights or of one of its moments, as 16 hexadecimal digits.

    All ranks call it together.
    """
    names = list(partition.named(engine))
    sums = torch.zeros(len(names), dtype=torch.int64, device=ranks.device())
    place = {name: i for i, name in enumerate(names)}
    whole = engine.zero_optimization_stage() == 0
    for name, part in partition.parts(engine):
        sums[place[name]] = add_up(part.view(engine, kind), part.start)
    if not whole:
        torch.distributed.all_reduce(sums)
    return {name: f"{value % 2**64:016x}" for name, value in zip(names, sums.tolist(), strict=True)}


def add_up(values: Tensor, start: int = 0) -> Tensor:
    """int64 []: the share of fp32 values [n] that stand from place `start` on.

    >>> one = torch.tensor([1.0])
    >>> int(add_up(one, 3)) == 7 * int(add_up(one))
    True
    """
    total = torch.zeros((), dtype=torch.int64, device=values.device)
    for first in range(0, len(values), _CHUNK):
        bits = values[first : first + _CHUNK].view(torch.int32).to(torch.int64)
        place = torch.arange(len(bits), device=values.device) + (start + first)
        total += (bits * (2 * place + 1)).sum()
    return total
