import asyncio
import time

import pytest

from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.limits import Budget, Pace, Spent

URL = "http://127.0.0.1:8000/v1"


def test_requests_leave_evenly():
    async def leave():
        pace = Pace(per_minute=1200)  # one in 50 ms
        started = time.monotonic()
        times = []

        async def one():
            await pace.wait(1)
            times.append(time.monotonic() - started)

        await asyncio.gather(*(one() for _ in range(5)))
        return times

    times = asyncio.run(leave())
    assert all(at >= 0.05 * i - 0.005 for i, at in enumerate(sorted(times)))


def test_what_was_not_used_lets_the_next_one_leave_sooner():
    async def leave():
        pace = Pace(per_minute=60)  # a second a unit
        await pace.wait(1000)
        pace.give_back(1000)
        started = time.monotonic()
        await pace.wait(1)
        return time.monotonic() - started

    assert asyncio.run(leave()) < 1


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"budget_tokens": 100}, "80 of budget_tokens=100 are spent, .* may need 30"),
        (
            {"budget_money": 1.0, "price_in": 1.0},
            "0.8000 of budget_money=1 is spent, .* may cost 0.3000",
        ),
    ],
)
def test_a_request_that_might_pass_the_budget_does_not_leave(limits, said):
    async def spend():
        budget = Budget(Endpoint("a", URL, "m", **limits), tokens=80, money=0.8)
        await budget.set_aside(20, 0.2)
        await budget.settle((20, 0.2), (0, 0.0))
        await budget.set_aside(30, 0.3)

    with pytest.raises(Spent, match=said):
        asyncio.run(spend())


def test_one_waits_for_what_another_gives_back():
    async def spend():
        budget = Budget(Endpoint("a", URL, "m", budget_tokens=100), tokens=0, money=0)
        await budget.set_aside(90, 0)
        second = asyncio.create_task(budget.set_aside(50, 0))
        await asyncio.sleep(0)
        waited = not second.done()
        await budget.settle((90, 0), (40, 0))
        await second
        return waited, budget.tokens

    assert asyncio.run(spend()) == (True, 40)
