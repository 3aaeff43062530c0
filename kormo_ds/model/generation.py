"""Continue a prompt, one token at a time, with a cache of keys and values.

The prompt runs once; each further token costs one pass over the weights and its own attention to
what came before. The cache holds 2 × layers × n_kv_heads × head_dim numbers per token.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from kormo_ds.config import ModelConfig
from kormo_ds.errors import BadInput
from kormo_ds.model.attention import Attend
from kormo_ds.model.transformer import Transformer


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How to continue a prompt."""

    max_tokens: int = 64
    """Tokens to add at most."""
    temperature: float = 0.0
    """0 takes the likeliest token; higher is flatter."""
    top_p: float = 1.0
    """Share of probability to draw from, over 0 up to 1."""
    seed: int = 0
    """The same seed draws the same tokens."""

    def __post_init__(self) -> None:
        if self.max_tokens < 1 or self.temperature < 0 or not 0 < self.top_p <= 1:
            raise BadInput(
                f"max_tokens={self.max_tokens} wants 1 or more, temperature={self.temperature} "
                f"0 or more, top_p={self.top_p} more than 0 and at most 1"
            )


class KVCache:
    """Keys and values of one stream, for all layers, up to `capacity` tokens."""

    def __init__(
        self, config: ModelConfig, capacity: int, device: torch.device, dtype: torch.dtype
    ) -> None:
        shape = (2, config.n_layers, capacity, config.n_kv_heads, config.head_dim)
        self.store = torch.empty(shape, device=device, dtype=dtype)
        self.length = 0

    def attend(self, layer: int) -> Attend:
        """Attention of new tokens to all before them: many into an empty cache, then one by one."""

        def attend(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
            end = self.length + len(keys)
            self.store[0, layer, self.length : end] = keys
            self.store[1, layer, self.length : end] = values
            seen = self.store[:, layer, :end].transpose(1, 2)
            mixed = F.scaled_dot_product_attention(
                queries.transpose(0, 1)[None],
                seen[0][None],
                seen[1][None],
                is_causal=self.length == 0,
                enable_gqa=queries.shape[1] != keys.shape[1],
            )
            return mixed[0].transpose(0, 1)

        return attend


def draw(logits: Tensor, temperature: float, top_p: float, generator: torch.Generator) -> int:
    """One token from logits [V]: the largest at temperature 0, else a draw from the nucleus.

    The nucleus is the fewest likeliest tokens whose probabilities reach `top_p` (Holtzman et al.
    2019, arXiv 1904.09751).
    """
    if temperature == 0:
        return int(logits.argmax())
    ranked, order = (logits.cpu() / temperature).softmax(-1).sort(descending=True, stable=True)
    before = ranked.cumsum(-1) - ranked
    nucleus = ranked.masked_fill(before >= top_p, 0.0)
    return int(order[torch.multinomial(nucleus, 1, generator=generator)])


@torch.inference_mode()
def generate(
    model: Transformer, prompt: Sequence[int], *, n_ids: int, stop: int, sampling: Sampling
) -> Iterator[int]:
    """Yield the tokens that continue `prompt`, until `stop` (not yielded) or `max_tokens`.

    Args:
        model: the whole model, on one device.
        prompt: token ids, at least one; begin with BOS for a new document.
        n_ids: ids from here on only pad the vocabulary and are never drawn.
        stop: the token that ends a document.
        sampling: how to draw.

    Raises:
        BadInput: an empty prompt, or more tokens than the model has positions.
    """
    capacity = len(prompt) + sampling.max_tokens
    if not prompt or capacity > model.config.max_positions:
        raise BadInput(
            f"{len(prompt)} tokens of prompt and max_tokens={sampling.max_tokens} do not fit the "
            f"model's {model.config.max_positions} positions, or the prompt is empty"
        )
    weight = model.embed_tokens.weight
    cache = KVCache(model.config, capacity, weight.device, weight.dtype)
    generator = torch.Generator().manual_seed(sampling.seed)
    new = list(prompt)
    for _ in range(sampling.max_tokens):
        logits = _last_logits(model, new, cache)[:n_ids]
        token = draw(logits, sampling.temperature, sampling.top_p, generator)
        if token == stop:
            return
        yield token
        new = [token]


def _last_logits(model: Transformer, new: list[int], cache: KVCache) -> Tensor:
    """Run tokens not yet in the cache, add them to it; float32 [V] after the last of them."""
    device = cache.store.device
    positions = torch.arange(cache.length, cache.length + len(new), device=device)
    attends = [cache.attend(layer) for layer in range(model.config.n_layers)]
    hidden = model.hidden(torch.tensor(new, device=device), positions, attends)
    cache.length += len(new)
    logits: Tensor = model.lm_head(hidden[-1:])
    return logits[0]
