"""torch's own variable-length flash attention (`torch.nn.attention.varlen`); CUDA only.

Key and value heads are not expanded: the kernel shares each with its group of query heads, in the
backward pass too. What all layers need of a batch, the documents' cumulative lengths, is made once.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

_CAUSAL = (-1, 0)
"""The window: all keys before a query, none after."""


class TorchVarlenBackend:
    """One kernel call per layer for all documents of the batch."""

    name = "torch_varlen"

    def refusal(
        self, device: torch.device, dtype: torch.dtype, head_dim: int, mask: str = "document"
    ) -> str | None:
        """Refuses other devices than CUDA, full precision, odd heads, xlda, GPUs before Ampere."""
        if mask == "xlda":
            return "its kernels mask whole blocks, and model.mask=xlda chooses inside them"
        if device.type != "cuda":
            return f"it has kernels for cuda only, this is {device.type}"
        if dtype not in (torch.bfloat16, torch.float16):
            return f"its kernels are of bfloat16 and float16, this is {str(dtype)[6:]}"
        if head_dim % 8 or head_dim > 256:
            return f"its kernels want head_dim to be a multiple of 8 up to 256, this is {head_dim}"
        capability = torch.cuda.get_device_capability(device)
        if capability < (8, 0):
            return f"its kernels want compute capability 8.0, this GPU has {capability}"
        return None

    def prepare(
        self, lengths: Sequence[int], device: torch.device, rules: Sequence[Tensor | None] = ()
    ) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
        """The attention of one batch; holds the cumulative lengths, int32 [documents + 1]."""
        assert all(rule is None for rule in rules), "refusal() has said so"
        from torch.nn.attention.varlen import varlen_attn

        edges = torch.tensor([0, *lengths], dtype=torch.int32).cumsum(0, dtype=torch.int32)
        edges, longest = edges.to(device, non_blocking=True), max(lengths)

        def attend(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
            mixed = varlen_attn(
                queries,
                keys,
                values,
                edges,
                edges,
                longest,
                longest,
                window_size=_CAUSAL,
                enable_gqa=queries.shape[1] != keys.shape[1],
            )
            assert isinstance(mixed, Tensor), "a pair only where more than the mixture is asked for"
            return mixed

        return attend
