"""The client of one endpoint: the package `openai`, which alone knows the protocol.

A client has one connection, and each worker a client: a pool looks at all of its idle connections
before each request, which with 64 workers took as long as half of the rest (LOG.md, 2026-11-25).
"""

import ssl
from functools import cache
from typing import TYPE_CHECKING

from kormo_ds.errors import BadConfig

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from kormo_ds.generate.endpoint import Endpoint


def client(endpoint: "Endpoint", secret: str, seconds: float = 0) -> "AsyncOpenAI":
    """A client that sends each request once; attempts are the asker's, which keeps each as a row.

    Args:
        endpoint: where.
        secret: its key, or ''.
        seconds: until an answer must be whole; the endpoint's own by default.

    Raises:
        BadConfig: the package is not installed.
    """
    try:
        from openai import AsyncOpenAI, DefaultAsyncHttpxClient
    except ImportError as error:
        raise BadConfig(
            "asking LLMs needs the package openai: pip install 'kormo-ds[generate]'"
        ) from error
    return AsyncOpenAI(
        base_url=endpoint.url,
        api_key=secret or "none",
        organization="",
        project="",
        timeout=seconds or endpoint.timeout,
        max_retries=0,
        http_client=DefaultAsyncHttpxClient(verify=_certificates()),
    )


@cache
def _certificates() -> ssl.SSLContext:
    """Read once; a client that is given none reads them for itself, in 20 ms."""
    return ssl.create_default_context()
