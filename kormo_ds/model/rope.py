"""Rotary positions, half-rotation layout: channel i turns together with channel i + D/2.

The angles are float32 whatever the model's dtype, since position times frequency loses whole turns
in bfloat16 beyond a few hundred positions. They are computed once a forward pass and never stored
in the module, so that casting a model cannot cast them.

Source: Su et al. 2021, arXiv 2104.09864; layout of GPT-NeoX and Llama's published weights.
"""

import torch
from torch import Tensor

Angles = tuple[Tensor, Tensor]
"""Cosine and sine, each float32 [T, 1, D/2]."""


def angles(positions: Tensor, head_dim: int, theta: float) -> Angles:
    """Cosines and sines of `positions` [T] (integers) for heads of `head_dim` channels."""
    even = torch.arange(0, head_dim, 2, dtype=torch.float32, device=positions.device)
    turns = positions.float()[:, None] * theta ** (-even / head_dim)
    return turns.cos()[:, None, :], turns.sin()[:, None, :]


def rotate(x: Tensor, rope: Angles) -> Tensor:
    """Turn x [T, H, D] by the angles of its positions, in float32; the result has x's dtype."""
    cos, sin = rope
    first, second = x.chunk(2, dim=-1)
    turned = torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)
    return turned.to(x.dtype)
