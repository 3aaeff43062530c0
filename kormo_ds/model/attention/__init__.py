"""Attention inside documents: one interface, four backends, chosen with a reason.

A batch is one stream of T tokens cut into documents by `lengths`; a query sees the keys of its own
document up to itself and nothing else. A backend prepares what it needs from `lengths` once per
batch and gives back an `Attend` that every layer calls. Other masks (`kormo_ds.model.mask`) are
wider documents, or explicit rules inside them where a backend has such.

    xformers      memory-efficient kernels with a block-diagonal causal mask; CUDA only
    torch_varlen  torch's own flash kernels of many documents, with grouped heads; CUDA only
    sdpa          torch's scaled_dot_product_attention per document, Σ len² work; runs everywhere
    dense         one T × T mask: the reference in tests, never chosen by itself
"""

import functools
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from kormo_ds.errors import BadConfig, unknown
from kormo_ds.model.attention.dense import DenseBackend
from kormo_ds.model.attention.sdpa import SdpaBackend
from kormo_ds.model.attention.torch_varlen import TorchVarlenBackend
from kormo_ds.model.attention.xformers import XformersBackend

log = logging.getLogger(__name__)

Rules = Sequence[Tensor | None]
"""Of each document the mask inside it, bool [L, L]; None is causal."""

Attend = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Queries [T, n_heads, D], keys and values [T, n_kv_heads, D] to mixed values [T, n_heads, D]."""


class Backend(Protocol):
    """A way to compute attention inside documents."""

    name: str

    def refusal(
        self, device: torch.device, dtype: torch.dtype, head_dim: int, mask: str = "document"
    ) -> str | None:
        """Why this backend cannot run there, as the end of a sentence; None where it can."""
        ...

    def prepare(self, lengths: Sequence[int], device: torch.device, rules: Rules = ()) -> Attend:
        """The attention of one batch whose documents have these lengths, in order.

        `rules` has a mask [query, key] for each document, bool [L, L], or None where it is causal;
        empty: all are.
        """
        ...


BACKENDS: dict[str, Backend] = {
    backend.name: backend
    for backend in (XformersBackend(), TorchVarlenBackend(), SdpaBackend(), DenseBackend())
}
AUTO = ("xformers", "sdpa")
"""What 'auto' tries, in this order."""


@dataclass(frozen=True)
class Choice:
    """A backend and why it was taken."""

    backend: Backend
    reason: str


@functools.lru_cache
def choose(
    name: str, device: torch.device, dtype: torch.dtype, head_dim: int, mask: str = "document"
) -> Choice:
    """The backend called `name`, or the first of `AUTO` that can run; logged once per combination.

    Raises:
        UnknownName: no backend of that name.
        BadConfig: the named backend cannot run there; it is never replaced by another.
    """
    if name != "auto" and name not in BACKENDS:
        raise unknown("attention backend", name, [*BACKENDS, "auto"])
    refusals: list[str] = []
    for candidate in AUTO if name == "auto" else (name,):
        refusal = BACKENDS[candidate].refusal(device, dtype, head_dim, mask)
        if refusal is None:
            asked = "asked for by name" if name != "auto" else f"first that runs on {device.type}"
            choice = Choice(BACKENDS[candidate], "; ".join([asked, *refusals]))
            log.info("attention: %s (%s)", candidate, choice.reason)
            return choice
        refusals.append(f"{candidate} refused: {refusal}")
    raise BadConfig(
        f"model.attention={name} cannot run here, {'; '.join(refusals)}; take model.attention=auto"
    )
