"""The requests of one endpoint that are still to be asked, in their order."""

import asyncio
from collections.abc import Iterator
from itertools import islice

from kormo_ds.generate.answers import Settled
from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.request import Request
from kormo_ds.progress import Advance

_CHUNK = 256


class Feed:
    """The requests of one endpoint that are not settled; read in a thread, a chunk at a time."""

    def __init__(
        self, endpoint: Endpoint, requests: Iterator[Request], settled: Settled, progress: Advance
    ):
        self.n_requests = self.n_settled = 0
        self._endpoint, self._requests, self._settled = endpoint, requests, settled
        self._progress = progress
        self._waiting: list[tuple[str, Request]] = []
        self._lock = asyncio.Lock()
        self._ended = False

    async def next(self) -> tuple[str, Request] | None:
        """The next request with its id; None at the end."""
        if not self._waiting:
            async with self._lock:
                while not self._waiting and not self._ended:
                    await self._read()
        return self._waiting.pop() if self._waiting else None

    async def _read(self) -> None:
        chunk = await asyncio.to_thread(self._chunk)
        self._ended = len(chunk) < _CHUNK
        fresh = [(key, request) for key, request in chunk if self._settled.take(key)]
        self.n_requests += len(chunk)
        self.n_settled += len(chunk) - len(fresh)
        self._progress(len(chunk) - len(fresh))
        self._waiting = fresh[::-1]

    def _chunk(self) -> list[tuple[str, Request]]:
        chunk = islice(self._requests, _CHUNK)
        return [(self._endpoint.id_of(request), request) for request in chunk]
