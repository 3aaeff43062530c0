"""A model whose weights are set by hand to copy: two layers, a head each, nothing trained.

The first layer's head looks one token back and notes which token that was. The second looks for a
token whose note is the present one, and says that token: what followed it before follows it again.
Its match stands on slow rotary channels, so how far back it can look is a matter of `theta`.
"""

import torch

from kormo_ds.config import ModelConfig
from kormo_ds.model import Transformer

WIDTH, HEAD = 64, 128
TOKEN, NOTE, SAID, ONE = (slice(i * WIDTH, (i + 1) * WIDTH) for i in range(4))
FAST, SLOW = range(16), range(32, 64)
"""Pairs of rotary channels: i turns with i + 64."""


def config(vocab_size: int, theta: float, max_positions: int = 4096) -> ModelConfig:
    return ModelConfig(
        vocab_size=vocab_size,
        hidden_size=4 * WIDTH,
        ffn_size=8,
        n_layers=2,
        n_heads=1,
        n_kv_heads=1,
        head_dim=HEAD,
        rope_theta=theta,
        max_positions=max_positions,
    )


@torch.no_grad()
def copier(shape: ModelConfig) -> Transformer:
    """The model; tokens are directions drawn by a fixed seed."""
    model = Transformer(shape)
    for parameter in model.parameters():
        parameter.zero_()
    for name, parameter in model.named_parameters():
        if "norm" in name:
            parameter.fill_(1.0)
    draw = torch.randn(shape.vocab_size, WIDTH, generator=torch.Generator().manual_seed(1))
    tokens = 8 * draw / draw.norm(dim=1, keepdim=True)
    model.embed_tokens.weight[:, TOKEN] = tokens
    model.embed_tokens.weight[:, ONE.start] = 8.0
    model.lm_head.weight[:, SAID] = tokens

    before = model.layers[0].self_attn
    for pair in FAST:
        turn = torch.tensor(shape.rope_theta ** (-2 * pair / HEAD))
        before.k_proj.weight[pair, ONE.start] = 8.0
        before.q_proj.weight[pair, ONE.start] = 8.0 * turn.cos()
        before.q_proj.weight[pair + HEAD // 2, ONE.start] = -8.0 * turn.sin()
    _copies(before, NOTE)

    again = model.layers[1].self_attn
    channels = [*SLOW, *(pair + HEAD // 2 for pair in SLOW)]
    again.q_proj.weight[channels, TOKEN] = 6 * torch.eye(WIDTH)
    again.k_proj.weight[channels, NOTE] = 6 * torch.eye(WIDTH)
    _copies(again, SAID)
    return model.requires_grad_(False)


def _copies(attention: torch.nn.Module, to: slice) -> None:
    """What is looked at is its token, written to another part of the stream."""
    attention.v_proj.weight[:WIDTH, TOKEN] = torch.eye(WIDTH)
    attention.o_proj.weight[to, :WIDTH] = 4 * torch.eye(WIDTH)
