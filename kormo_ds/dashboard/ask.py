"""How all pages ask: read-only, within limits, and once.

The project's own queries run in the server with `PANEL`; text that somebody typed is asked with
`CONSOLE` or `EXPORT`, in a process of its own (see `apart`), a few at once. An answer is kept until
a table that it comes from has a new version.
"""

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pyarrow as pa

from kormo_ds.dashboard.apart import Children, Question
from kormo_ds.dashboard.cache import Cache
from kormo_ds.dashboard.fetch import Limits, fetch
from lake import BadQuery, Lake, Query, duck
from lake.about import ABOUT
from lake.tables import TABLES

PANEL = Limits(rows=10_000, seconds=30, memory_mb=1024, threads=2)
"""Of a panel, whose text is the project's own."""
CONSOLE = Limits(rows=10_000, seconds=30, memory_mb=512, threads=1, is_trusted=False)
"""Of text that somebody typed."""
EXPORT = replace(CONSOLE, rows=1_000_000, answer_mb=128)
"""Of a whole result that somebody wants as a file."""
WHOLE = Limits(rows=200_000, seconds=60, memory_mb=1024, threads=2)
"""Of a view that is kept."""
KEPT_VIEWS = ("document_groups",)
"""Views that many panels read: each is asked once a version, and its rows stand in its place."""
LONGEST = 20_000
"""Characters of a text that is not trusted."""
AT_ONCE = 2
"""Questions that are not trusted, at the same time."""
WAITING_SECONDS = 10
"""How long one of them waits for its turn."""
CACHE_BYTES = 256 << 20
FRESH_SECONDS = 5
"""How long a table of `extra` is used before it is made again."""


@dataclass(frozen=True)
class Answer:
    """Rows, and what they cost."""

    table: pa.Table
    is_cut: bool
    """There are more rows than the limit allows."""
    seconds: float
    """What asking cost; 0.0 where the answer was there."""


class Asker:
    """Asks one lake; thread-safe, one a server.

    Args:
        lk: the lake.
        extra: tables by name that are not in the lake, made when a text names them.
    """

    def __init__(self, lk: Lake, extra: duck.Extra | None = None):
        self.lk = lk
        self.extra = extra or {}
        self._extra = _Fresh(self.extra)
        self._cache: Cache[Answer] = Cache(CACHE_BYTES, lambda answer: answer.table.nbytes + 1024)
        self._children = Children()
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def query(
        self, query: Query, given: Mapping[str, Any] | None = None, limits: Limits = PANEL
    ) -> Answer:
        """The answer of a query file with the values given and its defaults.

        Raises:
            BadQuery: see `ask`, and a value that a parameter does not take.
        """
        return self.ask(query.sql, query.values(given or {}), limits)

    def ask(
        self, text: str, values: Mapping[str, Any] | None = None, limits: Limits = PANEL
    ) -> Answer:
        """The answer of one `select`.

        Raises:
            BadQuery: not one `select`, DuckDB refuses it, or a limit is reached; in one line.
        """
        if not limits.is_trusted and len(text) > LONGEST:
            raise BadQuery(f"the text has {len(text):,} characters; at most {LONGEST:,} are read")
        values = values or {}
        views = {n: sql for n, sql in duck.views().items() if n not in self._extra.names}
        names = duck.named(text, {*TABLES, *ABOUT, *self._extra.names}, views)
        if names & set(ABOUT):  # which are of documents
            names.add("documents")
        inner = [path for _, _, path in duck.sub_tables(self.lk, text)]
        extra = {name: self._extra.table(name) for name in names & self._extra.names}
        key = (
            text,
            repr(sorted(values.items())),
            (limits.rows, limits.answer_mb, limits.is_trusted),
            tuple((name, self.lk.version(name)) for name in [*sorted(names & set(TABLES)), *inner]),
            tuple(views[name] for name in sorted(names & set(views))),
            tuple((name, serial) for name, (serial, _) in sorted(extra.items())),
        )
        tables = {name: table for name, (_, table) in extra.items()}
        standing = names & set(KEPT_VIEWS) if limits.is_trusted and limits != WHOLE else set()
        kept = self._cache.get(
            key, lambda: self._asked(text, values, limits, tables | self._whole(standing))
        )
        return kept.value if kept.is_new else replace(kept.value, seconds=0.0)

    def close(self) -> None:
        """End what is asked in other processes, and those that wait for questions."""
        self._children.close()

    def _whole(self, views: Iterable[str]) -> dict[str, pa.Table]:
        """The rows of these views; one that has too many is left to be asked with its question."""
        answers = {name: self.ask(f"select * from {name}", limits=WHOLE) for name in views}
        return {name: answer.table for name, answer in answers.items() if not answer.is_cut}

    def _asked(
        self, text: str, values: Mapping[str, Any], limits: Limits, extra: Mapping[str, pa.Table]
    ) -> Answer:
        if limits.is_trusted:
            given = {name: partial(_same, table) for name, table in extra.items()}
            start = time.perf_counter()
            table, is_cut = fetch(self.lk, text, values, limits, given)
            return Answer(table, is_cut, time.perf_counter() - start)
        if not self._turns.acquire(timeout=WAITING_SECONDS):
            raise BadQuery(
                f"{AT_ONCE} questions of the console are being answered, as many as may be at "
                "once; ask again in a moment"
            )
        try:
            start = time.perf_counter()
            table, is_cut = self._children.ask(Question(self.lk.root, text, values, limits, extra))
            return Answer(table, is_cut, time.perf_counter() - start)
        finally:
            self._turns.release()


class _Fresh:
    """Tables of `extra` with a serial number, which grows when a table is another than before."""

    def __init__(self, makers: duck.Extra):
        self._makers = makers
        self._lock = threading.Lock()
        self._made: dict[str, tuple[float, int, pa.Table]] = {}

    @property
    def names(self) -> set[str]:
        return set(self._makers)

    def table(self, name: str) -> tuple[int, pa.Table]:
        with self._lock:
            at, serial, table = self._made.get(name, (float("-inf"), 0, None))
            if time.monotonic() - at >= FRESH_SECONDS:
                new = self._makers[name]()
                if table is None or not new.equals(table):
                    serial, table = serial + 1, new
                self._made[name] = (time.monotonic(), serial, table)
            return serial, table


def _same(table: pa.Table) -> pa.Table:
    return table
