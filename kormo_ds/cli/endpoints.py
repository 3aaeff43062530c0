"""`kormo endpoints`: which LLMs can be asked, and what they have used."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kormo_ds.generate.endpoint import Endpoint


def endpoints(
    path: Annotated[str, typer.Argument(help="The file of endpoints.", metavar="ENDPOINTS.yaml")],
    lake: Annotated[str | None, typer.Option("--lake", help="Root of the lake.")] = None,
) -> None:
    """Ask each endpoint for its list of models, which costs nothing, and show what it has used.

    Keys are read from the environment and never shown.
    """
    import lake as lakes
    from kormo_ds.cli.show import table
    from kormo_ds.generate.endpoint import read_endpoints
    from kormo_ds.generate.spent import spent

    described = read_endpoints(path)
    try:
        lk = lakes.open(lake)
    except lakes.NoLake:
        lk = None
    found = asyncio.run(_look(list(described.values())))
    rows = []
    for endpoint, answer in zip(described.values(), found, strict=True):
        tokens, money = spent(lk, endpoint.name) if lk else (0, 0.0)
        rows.append([endpoint.name, endpoint.model, endpoint.synthesizer, answer, tokens, money])
    columns = ["endpoint", "model", "synthesizer", "the server says", "tokens used", "money used"]
    typer.echo(table(columns, rows))


async def _look(described: "list[Endpoint]") -> list[str]:
    return list(await asyncio.gather(*(_models(endpoint) for endpoint in described)))


async def _models(endpoint: "Endpoint") -> str:
    """Whether the server answers and has the model, in some words."""
    from kormo_ds.errors import BadConfig
    from kormo_ds.generate.reply import failed
    from kormo_ds.generate.service import client

    try:
        secret = endpoint.secret()
    except BadConfig:
        return f"not asked: {endpoint.key} holds no key"
    try:
        async with client(endpoint, secret, seconds=10) as opened:
            names = [model.id async for model in opened.models.list()]
    except Exception as error:  # whatever a server does is what is to be shown
        reply = failed(error, secret)
        return f"{reply.error}: {reply.detail}"
    if endpoint.model in names:
        return "ready"
    return f"it has {', '.join(names[:3]) or 'no model'}, not this one"
