"""What an endpoint may be asked: requests and tokens a minute, and a budget over all runs.

Rates are kept by sending evenly: each request is given the earliest moment at which it may leave.
A budget is never passed: before a request leaves, the most that it can use is set aside, and what
its answer did not use is given back.
"""

import asyncio
import time

from kormo_ds.generate.endpoint import Endpoint


class Pace:
    """So many units a minute, evenly; 0 for no limit."""

    def __init__(self, per_minute: float):
        self._seconds = 60 / per_minute if per_minute else 0.0
        self._next = 0.0

    async def wait(self, units: float) -> None:
        """Wait for the moment at which `units` may leave."""
        if not self._seconds:
            return
        now = time.monotonic()
        leaves = max(now, self._next)
        self._next = leaves + units * self._seconds
        if leaves > now:
            await asyncio.sleep(leaves - now)

    def give_back(self, units: float) -> None:
        """`units` that were waited for were not used."""
        self._next -= units * self._seconds


class Spent(Exception):
    """The budget does not hold another request; the text says which and how much is left."""


class Budget:
    """Tokens and money that are spent and set aside."""

    def __init__(self, endpoint: Endpoint, tokens: int, money: float):
        """`tokens` and `money` were spent before."""
        self.tokens, self.money = tokens, money
        self._endpoint = endpoint
        self._tokens_aside, self._money_aside = 0, 0.0
        self._changed = asyncio.Condition()

    async def set_aside(self, tokens: int, money: float) -> None:
        """Set aside the most that one request can use; waits while others may give back enough.

        Raises:
            Spent: it is more than what is left.
        """
        async with self._changed:
            while (why := self._passed(tokens, money)) and self._tokens_aside:
                await self._changed.wait()
            if why:
                raise Spent(why)
            self._tokens_aside += tokens
            self._money_aside += money

    async def settle(self, aside: tuple[int, float], used: tuple[int, float]) -> None:
        """A request that was set aside for has used so much."""
        async with self._changed:
            self._tokens_aside -= aside[0]
            self._money_aside -= aside[1]
            self.tokens += used[0]
            self.money += used[1]
            self._changed.notify_all()

    def _passed(self, tokens: int, money: float) -> str:
        most = self._endpoint.budget_tokens
        if most and self.tokens + self._tokens_aside + tokens > most:
            return (
                f"{self.tokens:,} of budget_tokens={most:,} are spent, "
                f"and the next request may need {tokens:,}"
            )
        most_money = self._endpoint.budget_money
        if most_money and self.money + self._money_aside + money > most_money + 1e-9:
            return (
                f"{self.money:.4f} of budget_money={most_money:g} is spent, "
                f"and the next request may cost {money:.4f}"
            )
        return ""
