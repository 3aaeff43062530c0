"""Ask LLMs: what the lake has no answer for, with bounded concurrency, limits and a journal.

    work[endpoint] ──(not settled)──▶ worker × in_flight ──▶ server
                                          │ row on the disk, then the next request

A killed run goes on where it was, and what was answered is never asked again. Memory: the requests
in flight, a chunk of work an endpoint, and 32 bytes for each settled request.
"""

import asyncio
import secrets
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import lake
from kormo_ds.errors import unknown
from kormo_ds.generate.answers import Settled
from kormo_ds.generate.asker import Asked, Asker
from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.feed import Feed
from kormo_ds.generate.journal import Journal
from kormo_ds.generate.limits import Budget
from kormo_ds.generate.request import Work
from kormo_ds.generate.row import Run
from kormo_ds.generate.spent import spent
from kormo_ds.progress import Advance, silent
from lake.lock import WriterLock


def ask(
    lk: lake.Lake,
    endpoints: Mapping[str, Endpoint],
    work: Work,
    purpose: str,
    progress: Advance = silent,
    again: bool = False,
) -> list[Asked]:
    """Ask all of `work` that is not settled; every answer is in `generations` at the end.

    Args:
        lk: the lake.
        endpoints: by name.
        work: requests by endpoint; each is read once, in its order.
        purpose: what for, e.g. 'synthesize:web_rewrite_ko'; stands in each row.
        progress: told of requests done.
        again: ask again what a server refused before.

    Raises:
        UnknownName: work for an endpoint that is not described.
        BadConfig: a key that is not there.
        LakeLocked: another process asks for this lake, or writes to it for too long.
    """
    for name in work:
        if name not in endpoints:
            raise unknown("endpoint", name, endpoints)
    chosen = {name: endpoints[name] for name in work}
    keys = {name: endpoint.secret() for name, endpoint in chosen.items()}
    lock = WriterLock(lk.root, "generate.")
    lock.acquire(purpose)
    try:
        return _run(_ask(lk, chosen, keys, work, purpose, progress, again))
    finally:
        lock.release()


def _run(asking: Coroutine[Any, Any, list[Asked]]) -> list[Asked]:
    """Run it to its end, in a thread of its own where this one has an event loop, as notebooks."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(asking)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asking).result()


async def _ask(
    lk: lake.Lake,
    endpoints: Mapping[str, Endpoint],
    keys: Mapping[str, str],
    work: Work,
    purpose: str,
    progress: Advance,
    again: bool,
) -> list[Asked]:
    journal = Journal(lk, sum(endpoint.in_flight for endpoint in endpoints.values()))
    run = Run(f"{purpose} {datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}", purpose)
    askers, slots = [], 0
    try:
        settled = Settled(lk, refused_too=not again)
        for name, endpoint in endpoints.items():
            feed = Feed(endpoint, iter(work[name]()), settled, progress)
            budget = Budget(endpoint, *spent(lk, name))
            askers.append(Asker(endpoint, keys[name], feed, budget, journal, run, slots, progress))
            slots += endpoint.in_flight
        async with asyncio.TaskGroup() as group:
            for asker in askers:
                group.create_task(asker.run())
    except BaseExceptionGroup as errors:  # one is enough, and the first is the cause
        raise _first(errors) from None
    finally:
        await journal.close()
    return [asker.asked for asker in askers]


def _first(errors: BaseExceptionGroup) -> BaseException:
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
