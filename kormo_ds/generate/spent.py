"""What requests cost: an estimate before they leave, and what an endpoint has used so far."""

from collections.abc import Mapping
from dataclasses import dataclass

import lake
from kormo_ds.errors import unknown
from kormo_ds.generate.answers import Settled
from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.request import Request, Work

BYTES_PER_TOKEN = 3.0
"""Of a prompt, where nothing is known: a Hangul syllable is three bytes, and about one token."""
TOKENS_PER_MESSAGE = 8
"""What a chat template adds, roughly."""


def tokens_of(request: Request) -> int:
    """An estimate of a prompt's tokens from its bytes."""
    n_bytes = sum(len(content.encode("utf-8", "replace")) for _, content in request.messages)
    return int(n_bytes / BYTES_PER_TOKEN) + TOKENS_PER_MESSAGE * len(request.messages)


def spent(lk: lake.Lake, endpoint: str) -> tuple[int, float]:
    """Tokens and money that an endpoint has used in a lake, what is not known at its most."""
    if not lk.exists("generations"):
        return 0, 0.0
    row = lk.sql(
        "select coalesce(sum(n_tokens_charged), 0), coalesce(sum(cost), 0) "
        "from generations where endpoint = $endpoint",
        endpoint=endpoint,
    ).fetchall()[0]
    return int(row[0]), float(row[1])


@dataclass(frozen=True)
class Estimate:
    """What work would ask of one endpoint."""

    endpoint: str
    n_requests: int
    n_settled: int
    """Of these, answered or refused before, or the same as another one."""
    n_prompt_tokens: int
    """Of those still to ask, estimated."""
    n_completion_tokens: int
    """As long as this model's answers to each prompt so far; the most where there are none."""
    most_completion_tokens: int
    """If every answer is as long as it may be."""
    cost: float
    most_cost: float
    spent_tokens: int
    """Used by this endpoint before."""
    spent_money: float

    @property
    def n_to_ask(self) -> int:
        """Requests that would be sent."""
        return self.n_requests - self.n_settled


def estimate(lk: lake.Lake, endpoints: Mapping[str, Endpoint], work: Work) -> list[Estimate]:
    """Requests, tokens and money of `work`, without sending anything.

    Raises:
        UnknownName: work for an endpoint that is not described.
    """
    settled = Settled(lk)
    found = []
    for name, make in work.items():
        if name not in endpoints:
            raise unknown("endpoint", name, endpoints)
        endpoint = endpoints[name]
        lengths = _mean_answers(lk, endpoint)
        n_requests = n_new = 0
        prompts = answers = most = 0
        for request in make():
            n_requests += 1
            if settled.take(endpoint.id_of(request)):
                n_new += 1
                longest = request.sampling.max_tokens
                prompts += tokens_of(request)
                most += longest
                answers += min(longest, lengths.get(request.prompt_id, longest))
        found.append(
            Estimate(
                name,
                n_requests,
                n_requests - n_new,
                prompts,
                answers,
                most,
                endpoint.cost(prompts, answers),
                endpoint.cost(prompts, most),
                *spent(lk, name),
            )
        )
    return found


def _mean_answers(lk: lake.Lake, endpoint: Endpoint) -> dict[str, int]:
    """Mean tokens of the model's answers so far, by prompt."""
    if not lk.exists("generations"):
        return {}
    rows = lk.sql(
        "select prompt_id, ceil(avg(n_completion_tokens))::bigint from generations "
        "where model = $model and error = '' and n_completion_tokens is not null group by all",
        model=endpoint.model,
    )
    return dict(rows.fetchall())
