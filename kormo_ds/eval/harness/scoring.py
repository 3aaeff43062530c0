"""Log-likelihoods of requests: one forward pass a batch, as many on every rank.

Every rank plans all batches and takes its share of them. A rank that has no batch left while others
have one runs the first batch again and forgets it, since ZeRO-3 waits for every rank in every pass.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch

from kormo_ds.eval.harness.requests import Asked, Packed, plan
from kormo_ds.eval.harness.workers import Workers
from kormo_ds.model import Transformer
from kormo_ds.progress import Advance, silent

Likelihood = tuple[float, bool]
"""Sum of ln p over the labels, and whether greedy decoding would say them."""


def likelihoods(
    workers: Workers,
    requests: Sequence[Asked],
    *,
    batch_tokens: int,
    found: Callable[[dict[int, Likelihood]], None] = lambda _: None,
    advance: Advance = silent,
) -> list[Likelihood]:
    """The likelihood of each request, in their order; the same on every rank.

    Args:
        workers: who runs the model; all ranks call this together with the same requests.
        requests: any number.
        batch_tokens: tokens of a forward pass.
        found: told of the answers of each batch of this rank, by number.
        advance: told of each answered request.
    """
    batches = plan(requests, batch_tokens)
    mine: dict[int, Likelihood] = {}
    for turn in range(0, len(batches), workers.world):
        number = turn + workers.rank
        batch = batches[number if number < len(batches) else 0]
        answers = workers.inside(partial(_answers, batch=batch, device=workers.device))
        if number < len(batches):
            mine |= answers
            found(answers)
            advance(len(answers))
    everywhere: dict[int, Likelihood] = {}
    for share in workers.gathered(mine):
        everywhere |= share
    return [everywhere[number] for number in range(len(requests))]


def _answers(model: Transformer, batch: Packed, device: torch.device) -> dict[int, Likelihood]:
    lengths = [len(tokens) for tokens in batch.inputs]
    counts = [len(answer.labels) for answer in batch.answers]
    places = [answer.first + i for answer in batch.answers for i in range(len(answer.labels))]
    losses, best = model.answers(
        torch.tensor([token for tokens in batch.inputs for token in tokens], device=device),
        torch.cat([torch.arange(length, device=device) for length in lengths]),
        torch.tensor(places, device=device),
        torch.tensor([label for a in batch.answers for label in a.labels], device=device),
        lengths,
    )
    starts = np.cumsum([0, *counts[:-1]])
    nats = np.add.reduceat(losses.double().cpu().numpy(), starts)
    greedy = np.minimum.reduceat(best.cpu().numpy(), starts)
    return {
        answer.number: (-float(cost), bool(said))
        for answer, cost, said in zip(batch.answers, nats, greedy, strict=True)
    }
