"""The row of `generations` that a request becomes: what is known when it leaves, then its end."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.reply import Reply
from kormo_ds.generate.request import Request

_SAID_NOTHING = ("timeout", "broken", "malformed", "server")
"""Errors after which a server may have charged for an answer that did not arrive."""


@dataclass(frozen=True)
class Run:
    """One call of `ask`."""

    name: str
    purpose: str


def intent(
    run: Run,
    endpoint: Endpoint,
    request_id: str,
    request: Request,
    attempt: int,
    most: tuple[int, float],
) -> dict[str, Any]:
    """The row of a request that leaves now, as it stays if the process is killed.

    Args:
        run: the run.
        endpoint: where it is sent.
        request_id: its id.
        request: the request.
        attempt: 1, 2, ….
        most: tokens and money that it can cost at most.
    """
    key = f"{request_id} {run.name} {attempt}".encode()
    return {
        "generation_id": blake2b(key, digest_size=16).hexdigest(),
        "request_id": request_id,
        "run": run.name,
        "purpose": run.purpose,
        "endpoint": endpoint.name,
        "model": endpoint.model,
        "synthesizer": endpoint.synthesizer,
        "prompt_id": request.prompt_id,
        "parent_id": request.parent_id,
        "sample": request.sample,
        "attempt": attempt,
        "error": "interrupted",
        "n_tokens_charged": most[0],
        "cost": most[1],
        "started_at": datetime.now(UTC).replace(tzinfo=None).isoformat(),
    }


def row_of(
    said: dict[str, Any], endpoint: Endpoint, request: Request, reply: Reply, seconds: float
) -> tuple[dict[str, Any], tuple[int, float]]:
    """The row of a request that came back, and the tokens and money to count for it."""
    most = (int(said["n_tokens_charged"]), float(said["cost"]))
    if reply.n_prompt_tokens is not None and reply.n_completion_tokens is not None:
        counts = (reply.n_prompt_tokens, reply.n_completion_tokens)
        used = (sum(counts), endpoint.cost(*counts))
    elif reply.error and reply.error not in _SAID_NOTHING:
        used = (0, 0.0)
    else:
        used = most
    row = said | {
        "prompt_fingerprint": request.fingerprint,
        "sampling": request.sampling.json,
        "error": reply.error,
        "detail": reply.detail,
        "text": reply.text,
        "reasoning": reply.reasoning,
        "finish_reason": reply.finish_reason,
        "n_prompt_tokens": reply.n_prompt_tokens,
        "n_completion_tokens": reply.n_completion_tokens,
        "n_tokens_charged": used[0],
        "cost": used[1],
        "seconds": seconds,
    }
    return row, used
