"""SwiGLU: `down(silu(gate(x)) * up(x))`, no biases (Shazeer 2020, arXiv 2002.05202).

No token of it sees another, so it can go through in tiles of `mlp_tile` tokens, each of which keeps
its input alone and is made again in the backward pass (ALST, arXiv 2506.13996). Four activations of
T × ffn_size (gate, its silu, up, their product) become four of tile × ffn_size: for 32,768 tokens
of the 10b model in bfloat16 4.3 GB a layer become 0.27 GB at 2,048, on top of what checkpointing
the whole layer saves, whose recomputation needs these 4.3 GB at once. The price is one more
forward pass of the three products.

Under ZeRO-3 each tile gathers the three matrices, and a gather is a collective: a rank with fewer
tiles would leave the others waiting for ever. The number of tiles follows from T alone, and T is
`train.micro_batch_rows` × the row length on every rank in every micro-batch, never the number of
documents or of scored tokens.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from kormo_ds.config import ModelConfig


class SwiGLU(nn.Module):
    """The feed-forward half of a block: three matrices of hidden_size × ffn_size."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.tile = config.mlp_tile
        self.gate_proj = nn.Linear(config.hidden_size, config.ffn_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.ffn_size, bias=False)
        self.down_proj = nn.Linear(config.ffn_size, config.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map x [T, hidden_size] to the same shape."""
        if not self.tile or len(x) <= self.tile or not torch.is_grad_enabled():
            return self._mapped(x)
        tiles = [
            checkpoint(self._mapped, part, use_reentrant=False, preserve_rng_state=False)
            for part in torch.split(x, self.tile)
        ]
        return torch.cat(tiles)

    def _mapped(self, x: Tensor) -> Tensor:
        mapped: Tensor = self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
        return mapped
