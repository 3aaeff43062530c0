"""What a test or a benchmark holds of an endpoint that fails as it is told to."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]


class Faulty:
    """tests/generate/faulty.py in a process of its own; its docstring says what there is."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.url = f"{self.root}/v1"

    def faults(self, *rules: dict[str, Any]) -> None:
        """From now on this happens: `faults({"fault": "429", "tries": 1, "seconds": 0.1})`."""
        told = httpx.put(f"{self.root}/faults", content=json.dumps(rules))
        assert told.status_code == 200, told.text

    def counts(self) -> dict[str, Any]:
        return httpx.get(f"{self.root}/counts").json()

    def bodies(self) -> dict[str, tuple[int, int]]:
        """How often each body, by its SHA-256, was asked and answered."""
        return {name: (*n,) for name, n in httpx.get(f"{self.root}/bodies").json().items()}

    def reset(self) -> None:
        httpx.put(f"{self.root}/reset")


@contextmanager
def running(backend: str | None = None) -> Iterator[Faulty]:
    """Start it, before a server at the root URL `backend` or alone; it dies with its parent."""
    words = [sys.executable, "-m", "tests.generate.faulty"]
    process = subprocess.Popen(
        [*words, *(["--backend", backend] if backend else [])],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout and process.stdin
        yield Faulty(int(process.stdout.readline()))
        process.stdin.close()
