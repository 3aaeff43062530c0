"""One progress bar for all long work: a rich bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

SECONDS_BETWEEN_LINES = 20.0


class Advance(Protocol):
    """What a worker calls as it goes: `advance(n)`, with a new total where one became known."""

    def __call__(self, n: int = 1, *, total: int | None = None) -> None:
        """`n` more are done."""


def silent(n: int = 1, *, total: int | None = None) -> None:
    """The `Advance` that shows nothing; the default wherever code is called without a screen."""


class _Lines:
    """An `Advance` that prints a line every now and then."""

    def __init__(self, title: str, total: int | None, unit: str):
        self.title, self.total, self.unit = title, total, unit
        self.done = 0
        self.printed = time.monotonic()

    def __call__(self, n: int = 1, *, total: int | None = None) -> None:
        self.done += n
        self.total = self.total if total is None else total
        if time.monotonic() - self.printed > SECONDS_BETWEEN_LINES:
            self.printed = time.monotonic()
            of = f" of {self.total:,}" if self.total else ""
            print(f"{self.title}: {self.done:,}{of} {self.unit}", file=sys.stderr, flush=True)


@contextmanager
def bar(title: str, total: int | None = None, unit: str = "") -> Iterator[Advance]:
    """Show `title` with done/total `unit` on stderr until the block ends; yields `advance`."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(unit),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task(title, total=total)

            def advance(n: int = 1, *, total: int | None = None) -> None:
                if total is not None:
                    progress.update(task, total=total)
                progress.advance(task, n)

            yield advance
        return

    yield _Lines(title, total, unit)
