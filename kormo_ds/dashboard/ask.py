"""Questions of many sessions: read only, within limits, and asked once.

Every question has a DuckDB connection of its own that can only read (`lake.locked`), with its own
memory and threads; a timer interrupts it, and rows and bytes are counted as they come. Answers are
kept by text, values and the versions of the tables that the text names, so a lake that is written
to shows what is new, and a question that two sessions ask at once is asked once.

Costs: some milliseconds a question for opening what it names; CACHE_MB of memory for answers.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pyarrow as pa

import lake
from lake import BadQuery, duck, locked

CACHE_MB = 128
"""Memory that answers may take; those that were not asked for longest go first."""
ANSWER_MB = 64
"""Size at which an answer is cut."""
BATCH = 2048
"""Rows that come at a time: DuckDB's own vector."""


@dataclass(frozen=True)
class Limits:
    """What one question may cost."""

    name: str
    rows: int
    """Rows of the answer; more are cut."""
    seconds: float
    """From its begin; waiting for its turn may take as long again."""
    memory_mb: int
    threads: int
    at_once: int
    """Questions of this kind that are worked on at the same time; others wait."""
    is_kept: bool = True
    """Whether its answer is kept for the next who asks."""


PANEL = Limits("panel", rows=10_000, seconds=60, memory_mb=512, threads=2, at_once=2)
CONSOLE = Limits("console", rows=10_000, seconds=30, memory_mb=256, threads=1, at_once=1)
EXPORT = Limits(
    "export", rows=1_000_000, seconds=120, memory_mb=256, threads=1, at_once=1, is_kept=False
)


@dataclass(frozen=True)
class Answer:
    """The rows of a question."""

    table: pa.Table
    is_cut: bool
    """There were more rows, or more bytes, than a question may bring."""
    seconds: float
    """What asking cost; 0 where the answer was there."""


class Asker:
    """Asks a lake; one for a server, used by all of its threads.

    Args:
        lk: the lake.
        extra: tables besides the lake's by name, the same object as long as nothing changed in it.
    """

    def __init__(self, lk: lake.Lake, extra: duck.Extra | None = None):
        self.lk = lk
        self.extra = extra or {}
        self.n_asked = 0
        """Questions that were worked on, those answered from the cache not counted."""
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[Answer, list[Any]]] = OrderedDict()
        self._going: dict[Hashable, Future[Answer]] = {}
        self._turns: dict[str, threading.Semaphore] = {}

    def query(
        self, query: lake.Query, given: Mapping[str, Any] | None = None, limits: Limits = PANEL
    ) -> Answer:
        """Ask a query of `sql/` with values for its parameters; see `ask`."""
        return self.ask(query.sql, query.values(given or {}), limits)

    def ask(
        self, text: str, values: Mapping[str, Any] | None = None, limits: Limits = PANEL
    ) -> Answer:
        """The answer to one `select`.

        Args:
            text: the select.
            values: a value for each `$name` in it; others are left aside.
            limits: what it may cost.

        Raises:
            BadQuery: not one select, DuckDB refuses it, or it went over a limit.
        """
        duck.check_select(text)
        named = duck.parameters(text)
        used = {name: value for name, value in (values or {}).items() if name in named}
        if missing := sorted(set(named) - set(used)):
            raise BadQuery(f"the query needs a value for ${missing[0]}")
        key, alive = self._key(text, used, limits)
        if key is None:
            return self._work(text, used, limits)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return replace(self._kept[key][0], seconds=0.0)
            going = self._going.get(key)
            mine = going is None
            if going is None:
                going = self._going[key] = Future()
        if not mine:
            return replace(going.result(), seconds=0.0)
        try:
            answer = self._work(text, used, limits)
        except BaseException as error:
            going.set_exception(error)
            raise
        else:
            self._keep(key, answer, alive)
            going.set_result(answer)
            return answer
        finally:
            with self._lock:
                del self._going[key]

    def _key(
        self, text: str, values: Mapping[str, Any], limits: Limits
    ) -> tuple[Hashable | None, list[Any]]:
        """What an answer is kept by, and what must live as long; None where it is not kept."""
        if not limits.is_kept or duck.names_sub_tables(text):
            return None, []
        tables, extra = duck.named_tables(text, self.extra)
        versions = tuple((name, self.lk.version(name)) for name in sorted(tables))
        alive = [self.extra[name]() for name in sorted(extra)]
        key = (text, repr(sorted(values.items())), limits.rows, versions)
        return (*key, tuple(id(table) for table in alive)), alive

    def _keep(self, key: Hashable, answer: Answer, alive: list[Any]) -> None:
        if answer.table.nbytes > ANSWER_MB << 20:
            return
        with self._lock:
            self._kept[key] = (answer, alive)
            while sum(kept.table.nbytes for kept, _ in self._kept.values()) > CACHE_MB << 20:
                self._kept.popitem(last=False)

    def _work(self, text: str, values: Mapping[str, Any], limits: Limits) -> Answer:
        """Ask DuckDB, in turn."""
        with self._lock:
            self.n_asked += 1
            turn = self._turns.setdefault(limits.name, threading.Semaphore(limits.at_once))
        if not turn.acquire(timeout=limits.seconds):
            raise BadQuery(
                f"{limits.at_once} other questions of this kind took all of {limits.seconds:g} s; "
                "ask again"
            )
        try:
            return _asked(self.lk, self.extra, text, values, limits)
        finally:
            turn.release()


def _asked(
    lk: lake.Lake, extra: duck.Extra, text: str, values: Mapping[str, Any], limits: Limits
) -> Answer:
    began = time.monotonic()
    with duck.connect(lk, mentioned=text, extra=extra) as con:
        locked.lock(con, limits.memory_mb, limits.threads)
        clock = threading.Timer(limits.seconds, con.interrupt)
        clock.daemon = True
        clock.start()
        try:
            table, is_cut = _fetched(con, text, dict(values), limits.rows)
        except duckdb.InterruptException:
            raise BadQuery(
                f"the query took longer than {limits.seconds:g} s; ask for less, or in a terminal: "
                "kormo sql"
            ) from None
        except duckdb.OutOfMemoryException as error:
            raise BadQuery(
                f"the query needs more than {limits.memory_mb} MiB of memory; ask for less, or in "
                f"a terminal: kormo sql ({duck.first_line(error)[:200]})"
            ) from error
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise BadQuery(duck.first_line(error)[:2000]) from error
        finally:
            clock.cancel()
    return Answer(table, is_cut, time.monotonic() - began)


def _fetched(
    con: duckdb.DuckDBPyConnection, text: str, values: dict[str, Any], most: int
) -> tuple[pa.Table, bool]:
    """Rows until the answer ends, or is too long or too large."""
    asked: Any = con.execute(text, values or None)
    reader: pa.RecordBatchReader = asked.to_arrow_reader(BATCH)
    batches: list[pa.RecordBatch] = []
    n_rows = n_bytes = 0
    for batch in reader:
        batches.append(batch.slice(0, most - n_rows))
        n_rows += batches[-1].num_rows
        n_bytes += batch.nbytes
        if batch.num_rows > batches[-1].num_rows or n_bytes > ANSWER_MB << 20:
            return pa.Table.from_batches(batches, reader.schema), True
    return pa.Table.from_batches(batches, reader.schema), False
