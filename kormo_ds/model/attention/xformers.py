"""xformers' memory-efficient attention with `BlockDiagonalCausalMask`; CUDA only.

The one file that imports xformers, and only when a model runs. Key and value heads are expanded to
the query heads first: the kernels' own grouped layout (five axes) has no backward pass.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


class XformersBackend:
    """One kernel call per layer for all documents of the batch."""

    name = "xformers"

    def refusal(
        self, device: torch.device, dtype: torch.dtype, head_dim: int, mask: str = "document"
    ) -> str | None:
        """Refuses other devices than CUDA, odd heads, xlda, and if it cannot be imported."""
        if mask == "xlda":
            return "its kernels mask whole blocks, and model.mask=xlda chooses inside them"
        if device.type != "cuda":
            return f"it has kernels for cuda only, this is {device.type}"
        if head_dim % 8 or head_dim > 256:
            return f"its kernels want head_dim to be a multiple of 8 up to 256, this is {head_dim}"
        try:
            from xformers.ops import fmha  # noqa: F401
        except ImportError as error:
            return f"it cannot be imported ({error}); pip install 'kormo-ds[gpu]'"
        return None

    def prepare(
        self, lengths: Sequence[int], device: torch.device, rules: Sequence[Tensor | None] = ()
    ) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
        """The attention of one batch; holds the mask's cumulative lengths. Knows no `rules`."""
        assert all(rule is None for rule in rules), "refusal() has said so"
        from xformers.ops import fmha

        mask = fmha.attn_bias.BlockDiagonalCausalMask.from_seqlens(list(lengths), device=device)

        def attend(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
            group = queries.shape[1] // keys.shape[1]
            keys, values = (x.repeat_interleave(group, dim=1) for x in (keys, values))
            mixed: Tensor = fmha.memory_efficient_attention(
                queries[None], keys[None], values[None], attn_bias=mask
            )
            return mixed[0]

        return attend
