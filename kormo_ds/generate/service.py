"""The client of one endpoint: the package `openai`, which alone knows the protocol."""

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
        from openai import AsyncOpenAI
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
    )
