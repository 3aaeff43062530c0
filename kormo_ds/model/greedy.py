"""Continue many prompts together by their likeliest tokens.

Each prompt runs alone and fills its part of a common cache. Then every pass over the weights adds a
token to all streams that go on, so B streams cost the weights once instead of B times; a stream
that has ended leaves the next pass. The cache has B × the longest stream's place.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from kormo_ds.errors import BadInput
from kormo_ds.model.attention import Attend
from kormo_ds.model.transformer import Transformer

Ended = Callable[[int, Sequence[int]], bool]
"""Whether a prompt's continuation, by the prompt's number, may end here."""


def never(number: int, tokens: Sequence[int]) -> bool:
    """Go on until EOS or the last token."""
    return False


@torch.inference_mode()
def greedy(
    model: Transformer,
    prompts: Sequence[Sequence[int]],
    *,
    n_ids: int,
    stop: int,
    max_tokens: int,
    ended: Ended = never,
) -> list[list[int]]:
    """The continuation of each prompt, without `stop`, `max_tokens` at most.

    What `generate` at temperature 0 gives, a prompt at a time, but for ties in the last bits.

    Args:
        model: the whole model, on one device.
        prompts: token ids, at least one each.
        n_ids: ids from here on only pad the vocabulary and are never taken.
        stop: the token that ends a document.
        max_tokens: tokens to add to each at most.
        ended: asked after each token whether its stream is long enough.

    Raises:
        BadInput: no token to add, an empty prompt, or more tokens than the model has positions.
    """
    longest = max((len(prompt) for prompt in prompts), default=1) + max_tokens
    if max_tokens < 1 or not all(prompts) or longest > model.config.max_positions:
        raise BadInput(
            f"max_tokens={max_tokens} wants 1 or more, prompts are not empty, and {longest} tokens "
            f"in all fit the model's {model.config.max_positions} positions"
        )
    cache = _Cache(model, len(prompts), longest)
    out: list[list[int]] = [[] for _ in prompts]
    following = [_first(model, prompt, cache, i, n_ids) for i, prompt in enumerate(prompts)]
    streams = list(range(len(prompts)))
    while streams:
        going = []
        for stream, token in zip(streams, following, strict=True):
            if token == stop:
                continue
            out[stream].append(token)
            if len(out[stream]) < max_tokens and not ended(stream, out[stream]):
                going.append(stream)
        streams = going
        if streams:
            following = _next(model, [out[stream][-1] for stream in streams], cache, streams, n_ids)
    return out


class _Cache:
    """Keys and values of all streams, for all layers."""

    def __init__(self, model: Transformer, n: int, capacity: int) -> None:
        config, weight = model.config, model.embed_tokens.weight
        shape = (2, config.n_layers, n, capacity, config.n_kv_heads, config.head_dim)
        # zeros: what is masked still enters the sum of values, times 0, and 0 × NaN is NaN
        self.store = torch.zeros(shape, device=weight.device, dtype=weight.dtype)
        self.lengths = torch.zeros(n, dtype=torch.int64, device=weight.device)

    def fill(self, layer: int, stream: int) -> Attend:
        """Attention of a whole prompt, whose keys and values become those of `stream`."""

        def attend(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
            self.store[0, layer, stream, : len(keys)] = keys
            self.store[1, layer, stream, : len(keys)] = values
            mixed = F.scaled_dot_product_attention(
                queries.transpose(0, 1)[None],
                keys.transpose(0, 1)[None],
                values.transpose(0, 1)[None],
                is_causal=True,
                enable_gqa=queries.shape[1] != keys.shape[1],
            )
            return mixed[0].transpose(0, 1)

        return attend

    def step(self, layer: int, streams: Tensor) -> Attend:
        """Attention of one new token of each of `streams` to all before it in its own."""
        at = self.lengths[streams]
        end = int(at.max()) + 1
        seen = (torch.arange(end, device=at.device) <= at[:, None])[:, None, None]

        def attend(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
            self.store[0, layer, streams, at] = keys
            self.store[1, layer, streams, at] = values
            before = self.store[:, layer, streams, :end].transpose(2, 3)
            mixed = F.scaled_dot_product_attention(
                queries[:, :, None],
                before[0],
                before[1],
                attn_mask=seen,
                enable_gqa=queries.shape[1] != keys.shape[1],
            )
            return mixed[:, :, 0]

        return attend


def _first(
    model: Transformer, prompt: Sequence[int], cache: _Cache, stream: int, n_ids: int
) -> int:
    """The token that follows a prompt."""
    device = cache.store.device
    attends = [cache.fill(layer, stream) for layer in range(model.config.n_layers)]
    tokens = torch.tensor(prompt, device=device)
    hidden = model.hidden(tokens, torch.arange(len(prompt), device=device), attends)
    cache.lengths[stream] = len(prompt)
    return int(model.lm_head(hidden[-1:])[0, :n_ids].argmax())


def _next(
    model: Transformer, tokens: list[int], cache: _Cache, streams: list[int], n_ids: int
) -> list[int]:
    """The token that follows one more token of each of `streams`."""
    device = cache.store.device
    chosen = torch.tensor(streams, device=device)
    attends = [cache.step(layer, chosen) for layer in range(model.config.n_layers)]
    hidden = model.hidden(torch.tensor(tokens, device=device), cache.lengths[chosen], attends)
    cache.lengths[chosen] += 1
    following: list[int] = model.lm_head(hidden)[:, :n_ids].argmax(-1).tolist()
    return following
