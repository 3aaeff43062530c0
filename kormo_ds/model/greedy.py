"""Continue many prompts together by their likeliest tokens.

Each prompt runs alone and fills its part of a common cache; where an earlier one begins with the
same tokens, keys and values of these are copied instead of made again. Then every pass over the
weights adds a token to all streams that go on, so B streams cost the weights once instead of B
times; a stream that has ended leaves the next pass. The cache has B × the longest stream's place.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from kormo_ds.errors import BadInput
from kormo_ds.model.attention import Attend
from kormo_ds.model.transformer import Transformer

CHUNK = 512
"""Tokens of a prompt that go on from what was copied at one time: each has a mask of its own."""
_WORTH = 0.1
"""Share of a prompt that must be there already for it to be copied."""

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
    following = [_first(model, prompts, i, cache, n_ids) for i in range(len(prompts))]
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

    def extend(self, layer: int, stream: int, positions: Tensor) -> Attend:
        """Attention of tokens at `positions` to themselves and to those before, which are there."""
        start, end = int(positions[0]), int(positions[-1]) + 1
        seen = torch.arange(end, device=positions.device) <= positions[:, None]

        def attend(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
            self.store[0, layer, stream, start:end] = keys
            self.store[1, layer, stream, start:end] = values
            before = self.store[:, layer, stream, :end].transpose(1, 2)
            mixed = F.scaled_dot_product_attention(
                queries.transpose(0, 1)[None],
                before[0][None],
                before[1][None],
                attn_mask=seen,
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
    model: Transformer, prompts: Sequence[Sequence[int]], stream: int, cache: _Cache, n_ids: int
) -> int:
    """The token that follows a prompt; the cache holds those before it."""
    device = cache.store.device
    tokens = torch.tensor(prompts[stream], device=device)
    like, n = _alike(prompts, stream)
    if n < _WORTH * len(tokens):
        attends = [cache.fill(layer, stream) for layer in range(model.config.n_layers)]
        hidden = model.hidden(tokens, torch.arange(len(tokens), device=device), attends)
    else:
        cache.store[:, :, stream, :n] = cache.store[:, :, like, :n]
        for start in range(n, len(tokens), CHUNK):
            positions = torch.arange(start, min(start + CHUNK, len(tokens)), device=device)
            attends = [
                cache.extend(layer, stream, positions) for layer in range(model.config.n_layers)
            ]
            hidden = model.hidden(tokens[positions], positions, attends)
    cache.lengths[stream] = len(tokens)
    return int(model.lm_head(hidden[-1:])[0, :n_ids].argmax())


def _alike(prompts: Sequence[Sequence[int]], stream: int) -> tuple[int, int]:
    """The earlier prompt that begins most like this one, and how many tokens; never all of them."""
    own = np.asarray(prompts[stream])
    best = (0, 0)
    for earlier in range(stream):
        other = np.asarray(prompts[earlier])
        n = min(len(own) - 1, len(other))
        differ = np.flatnonzero(own[:n] != other[:n])
        best = max(best, (int(differ[0]) if len(differ) else n, earlier))
    return best[1], best[0]


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
