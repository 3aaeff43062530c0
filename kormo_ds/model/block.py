"""One layer: attention and SwiGLU around a residual stream."""

from torch import Tensor, nn

from kormo_ds.config import ModelConfig
from kormo_ds.model.attention import Attend
from kormo_ds.model.mlp import SwiGLU
from kormo_ds.model.norm import RMSNorm
from kormo_ds.model.rope import Angles
from kormo_ds.model.self_attention import SelfAttention


class Block(nn.Module):
    """One layer: attention, then SwiGLU, each behind its norm and added to the stream."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.pre_attention_layernorm = RMSNorm(config.hidden_size, config.norm_eps)
        self.self_attn = SelfAttention(config)
        self.pre_mlp_layernorm = RMSNorm(config.hidden_size, config.norm_eps)
        self.mlp = SwiGLU(config)

    def forward(self, x: Tensor, rope: Angles, attend: Attend) -> Tensor:
        """Map x [T, hidden_size] to the same shape."""
        x = x + self.self_attn(self.pre_attention_layernorm(x), rope, attend)
        return self.feed(x)

    def feed(self, x: Tensor) -> Tensor:
        """The second half, x [T, hidden_size] to the same shape: no position sees another."""
        mapped: Tensor = x + self.mlp(self.pre_mlp_layernorm(x))
        return mapped
