"""Asking LLMs: requests a second beside a bare asyncio loop with the same client, and memory.

    python bench/generate.py [N] [URL MODEL]      N: requests of the memory run, 100,000 by default

Both sides send the same requests with the package `openai`, 64 in flight, to one server: once to an
endpoint that answers at once, so that the client is what is measured; once to one that takes a
quarter of a second, as a fast model does; and to URL, if one is given. The bare loop is measured
twice: with the client's typed call, as its documentation has it, and with its plain `post`, which
ours sends with. The endpoint on loopback is
tests/generate/faulty.py, since a model on a few cores gives some answers a second. Ours keeps every
answer: journal, sync, table. Each measurement is a process of its own, in which both sides warmed
up; a ratio is the median of the rounds'. Results go to bench/results/generate.json.
"""

import asyncio
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import httpx
from openai import AsyncOpenAI
from report import keep

import lake
from kormo_ds.generate.client import ask
from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.request import Request, Sampling

ROUNDS = 7
BARE = ("typed", "untyped")
IN_FLIGHT = 64
ROOT = Path(__file__).parents[1]
SEED = "바다는 햇빛 가운데 붉은 빛을 먼저 흡수하고 푸른 빛을 흩어 보낸다. " * 30


def requests(n: int, salt: str) -> Iterator[Request]:
    """Different requests of about 1,100 characters."""
    sampling = Sampling(max_tokens=64)
    for i in range(n):
        said = (("user", f"{salt} {i}. 다음 글을 쉬운 말로 다시 쓰세요.\n\n{SEED}"),)
        yield Request(said, sampling, "bench@1", f"{i:032x}")


async def bare(endpoint: Endpoint, n: int, salt: str, typed: bool) -> None:
    """The loop that is compared with: as many workers, nothing kept."""
    left = requests(n, salt)
    async with AsyncOpenAI(base_url=endpoint.url, api_key="none", max_retries=0) as opened:

        async def work() -> None:
            for request in left:
                body = {
                    "model": endpoint.model,
                    "messages": [
                        {"role": role, "content": said} for role, said in request.messages
                    ],
                    **request.sampling.words,
                }
                if typed:
                    await opened.chat.completions.create(**body)
                else:
                    await opened.post("/chat/completions", body=body, cast_to=object)

        await asyncio.gather(*(work() for _ in range(endpoint.in_flight)))


def measured(side: str, url: str, model: str, n: int, salt: str) -> tuple[float, float]:
    """Requests a second, and CPU milliseconds a request."""
    endpoint = Endpoint("server", url, model, in_flight=IN_FLIGHT)
    with tempfile.TemporaryDirectory() as folder:
        lk = lake.create(Path(folder) / "lake")

        def run(n: int, salt: str) -> None:
            if side in BARE:
                asyncio.run(bare(endpoint, n, salt, side == "typed"))
            else:
                work = {"server": lambda: requests(n, salt)}
                (asked,) = ask(lk, {"server": endpoint}, work, "bench")
                assert asked.n_answered == n, asked

        run(IN_FLIGHT, f"warm {salt}")
        started, cpu = time.perf_counter(), time.process_time()
        run(n, salt)
        seconds = time.perf_counter() - started
        return n / seconds, (time.process_time() - cpu) / n * 1000


def compared(url: str, model: str, n: int, rounds: int = ROUNDS) -> dict[str, object]:
    """All sides in turn, another one first each time."""
    context = multiprocessing.get_context("spawn")
    ratios: dict[str, list[float]] = {side: [] for side in BARE}
    shown = []
    sides = ("ours", *BARE)
    for i in range(rounds):
        found = {}
        for side in sides[i % 3 :] + sides[: i % 3]:
            with context.Pool(1) as pool:
                found[side] = pool.apply(measured, (side, url, model, n, f"{side} {i}"))
        for side in BARE:
            ratios[side].append(found["ours"][0] / found[side][0])
        shown.append({side: [round(value, 2) for value in both] for side, both in found.items()})
        print(f"round {i}: {shown[-1]}", flush=True)
    figures: dict[str, object] = {"requests": n}
    for side in BARE:
        figures[f"ours / bare, {side}"] = round(median(ratios[side]), 3)
        figures[f"lowest, {side}"] = round(min(ratios[side]), 3)
    return figures | {"rounds: requests a second, CPU ms a request": shown}


def memory(url: str, n: int) -> dict[str, object]:
    """Resident megabytes of the asking process as it goes."""
    seen: list[tuple[int, int]] = []
    done = 0

    def advance(k: int = 1, *, total: int | None = None) -> None:
        nonlocal done
        done += k
        if done % (n // 10) == 0 and k:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            seen.append((done, pages * resource.getpagesize() >> 20))
            print(f"{done:,} requests: {seen[-1][1]} MB", flush=True)

    endpoint = Endpoint("server", url, "m", in_flight=IN_FLIGHT)
    with tempfile.TemporaryDirectory() as folder:
        lk = lake.create(Path(folder) / "lake")
        work = {"server": lambda: requests(n, "memory")}
        started = time.perf_counter()
        (asked,) = ask(lk, {"server": endpoint}, work, "bench", advance)
        seconds = time.perf_counter() - started
        rows = lk.dataset("generations").count_rows()
    assert asked.n_answered == rows == n
    return {"requests": n, "seconds": round(seconds), "MB after requests": seen}


def main(words: list[str]) -> None:
    """Measure, print, keep."""
    n = int(words.pop(0)) if words and words[0].isdigit() else 100_000
    endpoint = subprocess.Popen(
        [sys.executable, "-m", "tests.generate.faulty"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert endpoint.stdin and endpoint.stdout
    with endpoint:
        root = f"http://127.0.0.1:{int(endpoint.stdout.readline())}"
        figures: dict[str, object] = {"in_flight": IN_FLIGHT}
        figures["answers at once"] = compared(f"{root}/v1", "m", 3000)
        httpx.put(f"{root}/faults", json=[{"fault": "slow", "seconds": 0.25}])
        figures["answers after 0.25 s"] = compared(f"{root}/v1", "m", 2000, rounds=3)
        httpx.put(f"{root}/reset")
        if words:
            figures["a real server"] = compared(words[0], words[1], 48, rounds=3)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            figures["memory"] = pool.apply(memory, (f"{root}/v1", n))
        endpoint.stdin.close()
    keep("generate", figures, ("openai", "pylance"))


if __name__ == "__main__":
    main(sys.argv[1:])
