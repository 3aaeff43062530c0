"""One layer: attention and SwiGLU around a residual stream, with the norm before or after.

    pre        x + f(norm(x))          all layers; the paper's choice
    mix        Post-LN in the first quarter of the layers, Pre-LN in the rest (MixLN, Li et al.
               2024, arXiv 2412.13795, with its α = 0.25)
    deepnorm   norm(αx + f(x)), α = (2N)^¼ for N layers, and matrices that start smaller
               (DeepNorm, Wang et al. 2022, arXiv 2203.00555, decoder-only; `kormo_ds.model.init`).
               The stream leaves the last layer normalised, so there is no norm after it

All cost the same.
"""

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


class PostBlock(nn.Module):
    """One layer whose halves are added to `scale` times the stream, and the sum normalised."""

    def __init__(self, config: ModelConfig, scale: float) -> None:
        super().__init__()
        self.scale = scale
        self.self_attn = SelfAttention(config)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, config.norm_eps)
        self.mlp = SwiGLU(config)
        self.post_mlp_layernorm = RMSNorm(config.hidden_size, config.norm_eps)

    def forward(self, x: Tensor, rope: Angles, attend: Attend) -> Tensor:
        """Map x [T, hidden_size] to the same shape."""
        x = self.post_attention_layernorm(self.scale * x + self.self_attn(x, rope, attend))
        return self.feed(x)

    def feed(self, x: Tensor) -> Tensor:
        """The second half, x [T, hidden_size] to the same shape: no position sees another."""
        mapped: Tensor = self.post_mlp_layernorm(self.scale * x + self.mlp(x))
        return mapped


def block(config: ModelConfig, layer: int) -> Block | PostBlock:
    """The layer of this number, from 0, as `config.norm` wants it."""
    if config.norm == "deepnorm":
        return PostBlock(config, (2 * config.n_layers) ** 0.25)
    if config.norm == "mix" and layer < config.n_layers // 4:
        return PostBlock(config, 1.0)
    return Block(config)
