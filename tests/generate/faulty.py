"""An OpenAI-compatible endpoint that fails as it is told to, in a process of its own.

    python -m tests.generate.faulty [PORT] [--backend URL]     ends with its standard input

With a backend (http://127.0.0.1:8101) it passes requests on to a real model and counts. Without one
it answers at once, in sentences of tests/sample.py chosen by the request's hash: a model on two
cores gives 30 answers a second, and a test of 100,000 requests is about the client. It is real HTTP
either way, on plain asyncio streams, since cutting an answer in its middle or refusing connections
is below what a web framework lets one do.

    PUT  /faults   a JSON list of rules (`Rule`); the first that fits a request happens to it
    PUT  /reset    forget rules and counts, cut all other connections
    GET  /counts   {"requests", "bodies", "answered", "asked_again", "most_in_flight", "faults"}
    GET  /bodies   {SHA-256 of the body: [times asked, times answered]}

A body is answered when its answer has been written whole to a client that is still there, and asked
again when it comes once more after that. A client that is killed may lose what was written.
"""

import argparse
import asyncio
import hashlib
import json
import os
import re
import sys
import threading
from collections import Counter
from dataclasses import dataclass

import httpx

from tests.generate.made import HTML, JSON, PAGE, REFUSALS, answer, response, spoilt

CHAT = "/v1/chat/completions"
FAULTS = ("say", "slow", "hang", "reset", "cut", "html", "page", "down")
FAULTS += ("not_json", "no_choices", "empty_choices", "no_text", "no_usage")
_LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)
_KEY = re.compile(rb"^authorization: *([^\r]*)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Rule:
    """What happens to which requests: those for which all that is given holds.

    Faults: the statuses of `REFUSALS`; `say` answers `text`; `slow` answers after `seconds`; `hang`
    says nothing for `seconds`, or until the client leaves, and cuts; `reset` cuts at once; `cut` in
    mid-answer; `not_json` ends within its JSON; `no_choices`, `empty_choices`, `no_text` and
    `no_usage` leave that out; `html` is a proxy's error page with status 502, `page` the same with
    200; `down` cuts all connections and refuses new ones for `seconds`.
    """

    fault: str
    first: int | None = None
    """The first so many requests since the rules were set."""
    every: int | None = None
    """Each so-manieth request since the rules were set."""
    tries: int | None = None
    """The first so many times that one body comes."""
    contains: str = ""
    """Bodies with this text."""
    seconds: float | None = None
    """Of waiting; of 429 and 503: their Retry-After."""
    text: str = ""

    def __post_init__(self) -> None:
        known = {*REFUSALS, *FAULTS}
        if self.fault not in known:
            raise ValueError(f"unknown fault '{self.fault}'; known: {', '.join(sorted(known))}")

    def fits(self, number: int, tries: int, body: bytes) -> bool:
        return (
            (self.first is None or number <= self.first)
            and (self.every is None or number % self.every == 0)
            and (self.tries is None or tries <= self.tries)
            and (not self.contains or any(text in body for text in self._spelt()))
        )

    def _spelt(self) -> tuple[bytes, bytes]:
        """`contains` as it stands in JSON, and with all but ASCII escaped."""
        said = json.dumps(self.contains, ensure_ascii=False), json.dumps(self.contains)
        return said[0][1:-1].encode(), said[1][1:-1].encode()


class Endpoint:
    """The listening socket, its connections, and what is counted."""

    def __init__(self, port: int, backend: str | None) -> None:
        self.port, self.backend = port, backend
        self.client = httpx.AsyncClient(timeout=None)
        self.connections: dict[asyncio.Task, asyncio.StreamWriter] = {}
        self.forget()

    def forget(self) -> None:
        self.rules: list[Rule] = []
        self.number = self.requests = self.asked_again = 0
        self.in_flight = self.most_in_flight = 0
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()

    async def listen(self) -> None:
        self.server = await asyncio.start_server(self.connection, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer request after request, until one side ends it."""
        task = asyncio.current_task()
        assert task
        self.connections[task] = writer
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                body = await reader.readexactly(int(length[1])) if length else b""
                path = head.split(b" ", 2)[1].decode()
                if path == CHAT:
                    await self.chat(head, body, reader, writer)
                else:
                    await self.control(path, body, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            del self.connections[task]
            writer.close()

    async def control(self, path: str, body: bytes, writer: asyncio.StreamWriter) -> None:
        status, said = 200, {"status": "ok"}
        if path == "/faults":
            try:
                self.rules, self.number = [Rule(**rule) for rule in json.loads(body)], 0
            except (TypeError, ValueError) as error:
                status, said = 400, {"error": str(error)}
        elif path == "/reset":
            self.hang_up()
            self.forget()
        elif path == "/health":
            pass
        elif path == "/bodies":
            said = {body: [n, self.answered[body]] for body, n in self.asked.items()}
        elif path == "/counts":
            said = {"requests": self.requests, "bodies": len(self.asked)}
            said |= {"answered": len(self.answered), "asked_again": self.asked_again}
            said |= {"most_in_flight": self.most_in_flight, "faults": self.faults}
        else:
            status, said = 404, {"error": f"no {path} here"}
        writer.write(response(status, json.dumps(said).encode()))

    async def chat(
        self,
        head: bytes,
        body: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Count the request, and answer it or let happen to it what a rule says."""
        name = hashlib.sha256(body).hexdigest()
        self.number += 1
        self.requests += 1
        self.asked[name] += 1
        self.asked_again += name in self.answered
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            fitting = (r for r in self.rules if r.fits(self.number, self.asked[name], body))
            rule = next(fitting, None)
            if rule:
                self.faults[rule.fault] += 1
            if rule and rule.fault not in ("say", "slow"):
                await self.fail(rule, body, reader, writer)
                return
            if rule and rule.fault == "slow" and await gone(reader, rule.seconds):
                return
            if self.backend and not (rule and rule.text):
                key = _KEY.search(head)
                sent = await self.client.post(
                    self.backend + CHAT,
                    content=body,
                    headers={"content-type": JSON, "authorization": key[1].decode() if key else ""},
                )
                status, said = sent.status_code, sent.content
            else:
                status, said = 200, answer(body, rule.text if rule else "")
            writer.write(response(status, said))
            await writer.drain()
            if status == 200 and not reader.at_eof():
                self.answered[name] += 1
        finally:
            self.in_flight -= 1

    async def fail(
        self, rule: Rule, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        good = json.loads(answer(body))
        if rule.fault in REFUSALS:
            code, message = REFUSALS[rule.fault]
            error = {"message": message, "type": "error", "code": code, "param": None}
            after = "" if rule.seconds is None else f"retry-after: {rule.seconds}\r\n"
            said = json.dumps({"error": error}).encode()
            writer.write(response(int(rule.fault), said, extra=after))
        elif rule.fault in ("html", "page"):
            writer.write(response(502 if rule.fault == "html" else 200, PAGE, HTML))
        elif rule.fault == "hang":
            await gone(reader, rule.seconds)
            writer.transport.abort()
        elif rule.fault == "reset":
            writer.transport.abort()
        elif rule.fault == "cut":
            whole = response(200, answer(body))
            writer.write(whole[: len(whole) - 40])
            await writer.drain()
            writer.close()
        elif rule.fault == "down":
            self.down = asyncio.create_task(self.go_down(rule.seconds or 0.0))
        else:
            writer.write(response(200, spoilt(rule.fault, good)))

    async def go_down(self, seconds: float) -> None:
        self.server.close()
        self.hang_up()
        await asyncio.sleep(seconds)
        await self.listen()

    def hang_up(self) -> None:
        """End all connections but the one that asks for it."""
        for task, writer in self.connections.items():
            if task is not asyncio.current_task():
                writer.transport.abort()
                task.cancel()


async def gone(reader: asyncio.StreamReader, seconds: float | None) -> bool:
    """Wait so long; True if the client leaves before."""
    try:
        await asyncio.wait_for(reader.read(1), seconds)
    except TimeoutError:
        return False
    return True


async def main(port: int, backend: str | None) -> None:
    endpoint = Endpoint(port, backend)
    await endpoint.listen()
    print(endpoint.port, flush=True)
    await asyncio.Event().wait()


def end_with_stdin() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    words = argparse.ArgumentParser(description="an endpoint that fails as it is told to")
    words.add_argument("port", type=int, nargs="?", default=0)
    words.add_argument("--backend")
    given = words.parse_args()
    threading.Thread(target=end_with_stdin, daemon=True).start()
    asyncio.run(main(given.port, given.backend))
