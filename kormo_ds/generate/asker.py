"""One endpoint, asked by as many workers as may have a request in flight.

    set aside budget → wait for the rate → leave (journal) → answer → row on the disk → next

A failure that may pass is attempted again, later each time; while a server asks to be left alone,
or takes no connection, no request leaves for it.
"""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.feed import Feed
from kormo_ds.generate.journal import Journal
from kormo_ds.generate.limits import Budget, Pace, Spent
from kormo_ds.generate.reply import PASSING, Reply, answered, failed
from kormo_ds.generate.request import Request
from kormo_ds.generate.row import Run, intent, row_of
from kormo_ds.generate.service import client
from kormo_ds.generate.spent import tokens_of
from kormo_ds.progress import Advance

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_LONGEST_PAUSE = 60.0


@dataclass
class Asked:
    """What was asked of one endpoint."""

    endpoint: str
    n_requests: int = 0
    n_settled: int = 0
    """Of these, answered before, refused before, or the same as another one."""
    n_answered: int = 0
    n_failed: int = 0
    """Requests that have no answer after all attempts."""
    errors: Counter[str] = field(default_factory=Counter)
    """Failed attempts by their word."""
    details: dict[str, str] = field(default_factory=dict)
    """What the server said first, by word."""
    n_tokens: int = 0
    cost: float = 0.0
    stopped: str = ""
    """Why the endpoint was asked no further; '' if it was asked everything."""


class Asker:
    """Asks one endpoint."""

    def __init__(
        self,
        endpoint: Endpoint,
        secret: str,
        feed: Feed,
        budget: Budget,
        journal: Journal,
        run: Run,
        first_slot: int,
        progress: Advance,
    ):
        self.asked = Asked(endpoint.name)
        self._endpoint, self._secret, self._feed = endpoint, secret, feed
        self._budget, self._journal, self._run = budget, journal, run
        self._first_slot, self._progress = first_slot, progress
        self._requests = Pace(endpoint.requests_per_minute)
        self._tokens = Pace(endpoint.tokens_per_minute)
        self._resumes = 0.0
        """Nothing leaves before this moment: the server asked for it, or cannot be reached."""
        self._reached = time.monotonic()

    async def run(self) -> None:
        """Ask until nothing is left, or the endpoint cannot be used any more."""
        async with asyncio.TaskGroup() as group:
            for i in range(self._endpoint.in_flight):
                group.create_task(self._work(self._first_slot + i))
        self.asked.n_requests, self.asked.n_settled = self._feed.n_requests, self._feed.n_settled

    async def _work(self, slot: int) -> None:
        async with client(self._endpoint, self._secret) as opened:
            while not self.asked.stopped and (taken := await self._feed.next()) is not None:
                await self._settle(opened, slot, *taken)
                self._progress(1)

    async def _settle(
        self, opened: "AsyncOpenAI", slot: int, request_id: str, request: Request
    ) -> None:
        """Attempts, until one is answered or no further one makes sense."""
        attempt = 1
        while not self.asked.stopped:
            reply = await self._attempt(opened, slot, request_id, request, attempt)
            if reply is None:
                return
            if not reply.error:
                self.asked.n_answered += 1
                return
            self.asked.errors[reply.error] += 1
            self.asked.details.setdefault(reply.error, reply.detail)
            if reply.error == "unusable":
                self.asked.stopped = reply.detail
            elif reply.error == "unreachable":
                self._wait_for_server(reply)
            elif reply.error not in PASSING or attempt >= self._endpoint.attempts:
                break
            else:
                self._pause(reply, attempt)
                attempt += 1
        self.asked.n_failed += 1

    async def _attempt(
        self, opened: "AsyncOpenAI", slot: int, request_id: str, request: Request, attempt: int
    ) -> Reply | None:
        """Send it once and keep what came; None if the budget does not hold it."""
        prompt_tokens = tokens_of(request)
        most = prompt_tokens + request.sampling.max_tokens
        aside = (most, self._endpoint.cost(prompt_tokens, request.sampling.max_tokens))
        try:
            await self._budget.set_aside(*aside)
        except Spent as why:
            self.asked.stopped = str(why)
            return None
        used = (0, 0.0)
        try:
            await self._until_free()
            await self._requests.wait(1)
            await self._tokens.wait(most)
            await self._until_free()
            said = intent(self._run, self._endpoint, request_id, request, attempt, aside)
            self._journal.leaves(slot, said)
            started = time.monotonic()
            reply = await self._send(opened, request)
            if reply.error == "unreachable":  # it was not sent, so there is nothing to keep
                self._journal.stays(slot)
                return reply
            self._reached = time.monotonic()
            row, used = row_of(said, self._endpoint, request, reply, time.monotonic() - started)
            await self._journal.write(row)
            self.asked.n_tokens += used[0]
            self.asked.cost += used[1]
            return reply
        finally:
            self._tokens.give_back(most - used[0])
            await self._budget.settle(aside, used)

    async def _send(self, opened: "AsyncOpenAI", request: Request) -> Reply:
        """Send it by the client's plain post, which asks for no types of each field.

        Its typed call walks through body and answer, a quarter of what a request costs here
        (LOG.md, 2026-11-25).
        """
        body = {
            "model": self._endpoint.model,
            "messages": [{"role": role, "content": said} for role, said in request.messages],
            **request.sampling.words,
            **self._endpoint.extra,
        }
        try:
            completion = await opened.post("/chat/completions", body=body, cast_to=object)
        except Exception as error:  # whatever a server answers is a row, never the end of a run
            return failed(error, self._secret)
        return answered(completion)

    async def _until_free(self) -> None:
        while (left := self._resumes - time.monotonic()) > 0:
            await asyncio.sleep(left)

    def _pause(self, reply: Reply, attempt: int) -> None:
        """Let the server rest: as long as it asks, else twice as long each time, give or take."""
        seconds = reply.retry_after or min(_LONGEST_PAUSE, 2.0 ** (attempt - 1))
        seconds *= random.uniform(1.0, 1.25)
        self._resumes = max(self._resumes, time.monotonic() + seconds)

    def _wait_for_server(self, reply: Reply) -> None:
        away = time.monotonic() - self._reached
        if away > self._endpoint.patience:
            self.asked.stopped = f"no connection to {self._endpoint.url} for {away:.0f} s"
            return
        self._pause(reply, 1)
