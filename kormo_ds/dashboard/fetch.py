"""One question over a locked connection: its rows up to a limit of rows, bytes and seconds.

Every question has a DuckDB of its own (17 ms), so nothing of it is left for the next one.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from lake import BadQuery, Lake, duck
from lake.locked import lock

BATCH = 2048
"""Rows between two looks at the limit of bytes."""


@dataclass(frozen=True)
class Limits:
    """What a question may cost."""

    rows: int
    seconds: float
    memory_mb: int
    threads: int
    answer_mb: int = 64
    """Of the answer; it is cut where it would be more."""
    is_trusted: bool = True
    """False asks in a process of its own, with its memory limited by the kernel."""


def fetch(
    lk: Lake, text: str, values: Mapping[str, Any], limits: Limits, extra: duck.Extra
) -> tuple[pa.Table, bool]:
    """The rows of one `select`, and whether there were more.

    Raises:
        BadQuery: not one `select`, DuckDB refuses it, or a limit of time or memory is reached.
    """
    duck.check_select(text)
    with duck.connect(lk, mentioned=text, extra=extra) as con:
        lock(con, limits.memory_mb, limits.threads)
        with _deadline(con, limits):
            try:
                relation = duck.bound(con, text, values).limit(limits.rows + 1)
                return _rows(relation.to_arrow_reader(BATCH), limits)
            except (duckdb.Error, pa.ArrowException, OSError, MemoryError) as error:
                said = duck.first_line(error)
                is_memory = isinstance(error, MemoryError) or "Out of Memory" in said
                raise BadQuery(too_much(limits) if is_memory else said) from error


def too_long(limits: Limits) -> str:
    """What is said when a question takes too long."""
    return f"stopped after {limits.seconds:g} s; ask for less: fewer rows (where …) or columns"


def too_much(limits: Limits) -> str:
    """What is said when a question needs too much memory."""
    return (
        f"needs more than {limits.memory_mb} MB of memory; ask for less: fewer rows (where …), "
        "fewer groups, or no order by"
    )


def _rows(reader: pa.RecordBatchReader, limits: Limits) -> tuple[pa.Table, bool]:
    batches, n_rows, n_bytes = [], 0, 0
    for batch in reader:
        n_bytes += batch.nbytes
        if n_bytes > limits.answer_mb << 20:
            batches.append(_fitting(batch, (limits.answer_mb << 20) - n_bytes + batch.nbytes))
            return pa.Table.from_batches(batches, reader.schema), True
        batches.append(batch)
        n_rows += batch.num_rows
    table = pa.Table.from_batches(batches, reader.schema)
    return table.slice(0, limits.rows), n_rows > limits.rows


def _fitting(batch: pa.RecordBatch, n_bytes: int) -> pa.RecordBatch:
    """The first rows of a batch, as many as fit."""
    n = batch.num_rows
    while n and batch.slice(0, n).nbytes > n_bytes:
        n //= 2
    return batch.slice(0, n)


@contextmanager
def _deadline(con: duckdb.DuckDBPyConnection, limits: Limits) -> Iterator[None]:
    """Interrupt what runs on a connection once its time is over, and say so."""
    is_done = threading.Event()
    is_late = threading.Event()

    def watch() -> None:
        if is_done.wait(limits.seconds):
            return
        is_late.set()
        while not is_done.wait(0.05):  # an interrupt that comes before a query starts is forgotten
            con.interrupt()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    except BadQuery as error:
        if is_late.is_set():
            raise BadQuery(too_long(limits)) from error
        raise
    finally:
        is_done.set()
        watcher.join()
