"""Grouped-query self-attention around any `Attend`: projections, rotation, output projection.

Each key and value head serves n_heads / n_kv_heads query heads (Ainslie et al. 2023,
arXiv 2305.13245). No biases, no dropout, no query or key norm, scale head_dim^-½.
"""

from torch import Tensor, nn

from kormo_ds.config import ModelConfig
from kormo_ds.model.attention import Attend
from kormo_ds.model.rope import Angles, rotate


class SelfAttention(nn.Module):
    """The attention half of a block."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        queries = config.n_heads * config.head_dim
        keys = config.n_kv_heads * config.head_dim
        self.head_dim = config.head_dim
        self.q_proj = nn.Linear(config.hidden_size, queries, bias=False)
        self.k_proj = nn.Linear(config.hidden_size, keys, bias=False)
        self.v_proj = nn.Linear(config.hidden_size, keys, bias=False)
        self.o_proj = nn.Linear(queries, config.hidden_size, bias=False)

    def forward(self, x: Tensor, rope: Angles, attend: Attend) -> Tensor:
        """Map x [T, hidden_size] to the same shape; `attend` decides which positions see which."""
        queries, keys, values = (
            projection(x).unflatten(-1, (-1, self.head_dim))
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        mixed = attend(rotate(queries, rope), rotate(keys, rope), values)
        mapped: Tensor = self.o_proj(mixed.flatten(1))
        return mapped
