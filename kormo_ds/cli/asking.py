"""What `kormo synthesize`, `translate` and `difficulty` share: asking LLMs, with the counts.

estimated(…)   before the first call: requests, tokens, money
asked(…)       ask with a progress bar, then the counts
complain(…)    at the end, where an endpoint was not asked everything
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from kormo_ds.cli.show import table
from kormo_ds.errors import BadInput

if TYPE_CHECKING:
    import lake
    from kormo_ds.generate.asker import Asked
    from kormo_ds.generate.endpoint import Endpoint
    from kormo_ds.generate.request import Work
    from kormo_ds.generate.spent import Estimate

Endpoints = Annotated[str, typer.Option("--endpoints", help="File of endpoints.")]
FILE = "endpoints.yaml"
"""The file of endpoints, unless another one is named."""
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what it would cost; send and write nothing.")
]


def estimated(lk: "lake.Lake", endpoints: "Mapping[str, Endpoint]", work: "Work") -> str:
    """What `work` would ask for, as text for a terminal; nothing is sent."""
    from kormo_ds.generate.spent import estimate

    found = estimate(lk, endpoints, work)
    columns = [
        "endpoint",
        "requests",
        "settled",
        "to ask",
        "prompt tokens",
        "answer tokens",
        "at most",
        "money",
        "money at most",
    ]
    lines = [table(columns, [_row(one) for one in found])]
    for one in found:
        lines += _budget(one, endpoints[one.endpoint])
    return "\n".join(lines)


def _row(one: "Estimate") -> list[object]:
    return [
        one.endpoint,
        one.n_requests,
        one.n_settled,
        one.n_to_ask,
        one.n_prompt_tokens,
        one.n_completion_tokens,
        one.most_completion_tokens,
        one.cost,
        one.most_cost,
    ]


def _budget(one: "Estimate", endpoint: "Endpoint") -> list[str]:
    """What is left of a budget, and whether the work fits."""
    lines = []
    for name, most, spent, needed in (
        (
            "budget_tokens",
            endpoint.budget_tokens,
            one.spent_tokens,
            one.n_prompt_tokens + one.n_completion_tokens,
        ),
        ("budget_money", endpoint.budget_money, one.spent_money, one.cost),
    ):
        if most:
            fits = "it fits" if spent + needed <= most else "it will stop before the end"
            lines.append(f"{one.endpoint}: {spent:,.6g} of {name}={most:,.6g} are spent; {fits}")
    return lines


def asked(
    lk: "lake.Lake", endpoints: "Mapping[str, Endpoint]", work: "Work", purpose: str
) -> "list[Asked]":
    """Ask all of `work` that is not settled and print what it took."""
    from kormo_ds import progress
    from kormo_ds.generate.client import ask

    with progress.bar(f"asking {', '.join(work)}", unit="requests") as advance:
        found = ask(lk, endpoints, work, purpose, advance)
    columns = ["endpoint", "requests", "settled before", "answered", "failed", "tokens", "money"]
    rows = [
        [
            one.endpoint,
            one.n_requests,
            one.n_settled,
            one.n_answered,
            one.n_failed,
            one.n_tokens,
            one.cost,
        ]
        for one in found
    ]
    typer.echo(table(columns, rows))
    for one in found:
        for word, n in one.errors.most_common():
            typer.echo(f"{one.endpoint}: {n:,} attempts {word}, e.g. {one.details[word]}")
    return found


def complain(found: "list[Asked]") -> None:
    """Say which endpoints were not asked everything.

    Raises:
        BadInput: there is one.
    """
    if stopped := [f"endpoint {one.endpoint}: {one.stopped}" for one in found if one.stopped]:
        raise BadInput(f"{'; '.join(stopped)}; what was answered is kept, run it again to go on")
