"""Continue many prompts at once, each to its own end.

Prompts of similar length form a group. Their tokens run once, packed without padding; each further
step is one token of every prompt in the group. Only keys and values are padded, to the longest
prompt and what is added: the cache holds 2 × layers × n_kv_heads × head_dim numbers a place.

Ranks take a group each and step together until the last of them is done, so all make the same
number of forward passes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from kormo_ds.eval.harness.workers import Workers
from kormo_ds.model import Transformer
from kormo_ds.model.attention import Attend
from kormo_ds.model.generation import draw

Ended = Callable[[int, list[int]], bool]
"""Is the continuation of the prompt of this number, as it stands, at its end?"""


@dataclass(frozen=True)
class Prompt:
    """What is continued, and how."""

    tokens: list[int]
    max_tokens: int
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0


class Cache:
    """Keys and values of a group of prompts, of up to `capacity` tokens each."""

    def __init__(self, workers: Workers, prompts: Sequence[Sequence[int]], capacity: int) -> None:
        config = workers.config
        shape = (2, config.n_layers, len(prompts), capacity, config.n_kv_heads, config.head_dim)
        # Zeros, not empty: a masked place must not hold a NaN.
        self.store = torch.zeros(shape, device=workers.device, dtype=workers.dtype)
        self._n_layers = config.n_layers
        self._lengths = torch.zeros(len(prompts), dtype=torch.int64, device=workers.device)

    def logits(self, model: Transformer, new: Sequence[Sequence[int]]) -> Tensor:
        """Add tokens to every prompt; float32 [B, V] after the last of each.

        Args:
            model: whose keys and values these are.
            new: many tokens of each into an empty cache, then one of each.
        """
        device = self.store.device
        sizes = torch.tensor([len(tokens) for tokens in new], device=device)
        rows = torch.repeat_interleave(torch.arange(len(new), device=device), sizes)
        starts = torch.cumsum(sizes, 0) - sizes
        columns = torch.arange(len(rows), device=device) - starts[rows] + self._lengths[rows]
        tokens = torch.tensor([token for one in new for token in one], device=device)
        longest = int((self._lengths + sizes).max())
        attends = [self._attend(n, rows, columns, longest) for n in range(self._n_layers)]
        hidden = model.hidden(tokens, columns, attends)
        self._lengths = self._lengths + sizes
        logits: Tensor = model.lm_head(hidden[starts + sizes - 1])
        return logits

    def _attend(self, layer: int, rows: Tensor, columns: Tensor, longest: int) -> Attend:
        first = not bool(self._lengths.any())

        def attend(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
            self.store[0, layer, rows, columns] = keys
            self.store[1, layer, rows, columns] = values
            k, v = self.store[:, layer, :, :longest].transpose(2, 3)
            grouped = queries.shape[1] != keys.shape[1]
            if first:
                padded = queries.new_zeros(len(k), longest, *queries.shape[1:])
                padded[rows, columns] = queries
                q = padded.transpose(1, 2)
                mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=grouped)
                return mixed.transpose(1, 2)[rows, columns]
            seen = torch.arange(longest, device=k.device) <= columns[:, None]
            mixed = F.scaled_dot_product_attention(
                queries[:, :, None], k, v, attn_mask=seen[:, None, None], enable_gqa=grouped
            )
            return mixed[:, :, 0]

        return attend


def groups(prompts: Sequence[Prompt], batch_tokens: int) -> list[list[int]]:
    """Numbers of prompts that are continued together, the longest first.

    The tokens of a group's prompts are at most `batch_tokens`, and its cache has at most eight
    times as many places; a longer prompt is alone.
    """
    found: list[list[int]] = []
    size = batch_tokens
    longest = capacity = 0
    for number in sorted(range(len(prompts)), key=lambda n: -len(prompts[n].tokens)):
        one = prompts[number]
        if found and size + len(one.tokens) <= batch_tokens:
            capacity = max(capacity, longest + one.max_tokens)
            if capacity * (len(found[-1]) + 1) <= 8 * batch_tokens:
                found[-1].append(number)
                size += len(one.tokens)
                continue
        found.append([number])
        size = longest = len(one.tokens)
        capacity = longest + one.max_tokens
    return found


@dataclass
class _Growing:
    """One continuation."""

    prompt: Prompt
    added: list[int] = field(default_factory=list)
    done: bool = False

    def __post_init__(self) -> None:
        self._random = torch.Generator().manual_seed(self.prompt.seed)

    def add(self, logits: Tensor, stop: int) -> None:
        """Draw the next token; `stop` is not kept."""
        token = draw(logits, self.prompt.temperature, self.prompt.top_p, self._random)
        self.done = token == stop
        if not self.done:
            self.added.append(token)
            self.done = len(self.added) >= self.prompt.max_tokens


def continued(
    workers: Workers,
    prompts: Sequence[Prompt],
    *,
    n_ids: int,
    stop: int,
    ended: Ended,
    batch_tokens: int,
    found: Callable[[dict[int, list[int]]], None] = lambda _: None,
) -> list[list[int]]:
    """The tokens that continue each prompt, in their order; the same on every rank.

    Args:
        workers: who runs the model; all ranks call this together with the same prompts.
        prompts: at least one token each.
        n_ids: ids from here on only pad the vocabulary and are never drawn.
        stop: the token that ends a document; not kept.
        ended: asked after each token.
        batch_tokens: as `groups`.
        found: told of each group of this rank, by number.
    """
    planned = groups(prompts, batch_tokens)
    mine: dict[int, list[int]] = {}
    for turn in range(0, len(planned), workers.world):
        number = turn + workers.rank
        idle = number >= len(planned)
        members = planned[0 if idle else number]
        growing = [_Growing(prompts[n], done=idle) for n in members]
        _grow(workers, growing, members, n_ids, stop, ended)
        if not idle:
            group = {n: one.added for n, one in zip(members, growing, strict=True)}
            mine |= group
            found(group)
    everywhere: dict[int, list[int]] = {}
    for share in workers.gathered(mine):
        everywhere |= share
    return [everywhere[number] for number in range(len(prompts))]


def _grow(
    workers: Workers,
    growing: list[_Growing],
    members: list[int],
    n_ids: int,
    stop: int,
    ended: Ended,
) -> None:
    """Step until no rank has a continuation that grows; one that is done repeats its last place."""
    new = [one.prompt.tokens for one in growing]
    room = max(one.prompt.max_tokens for one in growing)
    # Ranks with shorter continuations step along with the longest, in the last place of theirs.
    cache = Cache(workers, new, max(map(len, new)) + room)
    steps = 0
    while workers.any(not all(one.done for one in growing)):
        if steps < room:
            logits = workers.inside(partial(cache.logits, new=new))
        else:
            workers.inside(partial(_pass, device=workers.device))
        steps += 1
        for row, (number, one) in enumerate(zip(members, growing, strict=True)):
            if not one.done:
                one.add(logits[row, :n_ids], stop)
                one.done = one.done or ended(number, one.added)
        new = [one.added[-1:] or one.prompt.tokens[-1:] for one in growing]


def _pass(model: Transformer, device: torch.device) -> Tensor:
    """A forward pass of one token, for the sake of the other ranks."""
    one = torch.zeros(1, dtype=torch.int64, device=device)
    return model.logits(one, one, [1])
