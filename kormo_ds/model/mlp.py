"""SwiGLU: `down(silu(gate(x)) * up(x))`, no biases (Shazeer 2020, arXiv 2002.05202)."""

import torch.nn.functional as F
from torch import Tensor, nn

from kormo_ds.config import ModelConfig


class SwiGLU(nn.Module):
    """The feed-forward half of a block: three matrices of hidden_size × ffn_size."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.ffn_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.ffn_size, bias=False)
        self.down_proj = nn.Linear(config.ffn_size, config.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map x [T, hidden_size] to the same shape."""
        mapped: Tensor = self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
        return mapped
