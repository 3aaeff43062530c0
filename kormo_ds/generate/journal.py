"""The journal: every answer is on the disk before the next request leaves.

    worker ──row──▶ thread: write, fsync, acknowledge ──(many rows)──▶ one commit of `generations`

A commit for each answer would make a million versions of the table, so rows go into a segment, a
file of JSON lines beside the tables, first. All rows that wait are written and synced together, so
with many requests in flight one sync serves many of them. A full segment becomes one commit and is
deleted; what a killed run left is committed by the next one, once: a segment whose first row is in
the table is there as a whole. What was in flight when it was killed is known from `in_flight`, and
becomes a row with the error `interrupted`, since it may have been paid for.
"""

import asyncio
import hashlib
import json
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

import lake
from kormo_ds.errors import Damaged
from lake.tables import table

SEGMENT_ROWS = 20_000
SEGMENT_BYTES = 32 << 20
SEGMENT_SECONDS = 300.0
SECONDS_FOR_THE_LOCK = 600.0
_GATHER_SECONDS = 0.003
"""What a row waits for others to be synced with; an answer takes far longer."""
_SLOT = 2048

_ESSENTIAL = ("generation_id", "request_id", "endpoint", "error", "n_tokens_charged", "cost")

Row = dict[str, Any]
"""Columns of `generations`; times as ISO 8601 text."""


def folder(lk: lake.Lake) -> Path:
    """Where the journal of a lake is: in it, or below the working folder for an object store."""
    if "://" not in lk.root:
        return Path(lk.root) / "generations.journal"
    name = hashlib.sha256(lk.root.encode()).hexdigest()[:16]
    return Path("data") / f"generations.journal.{name}"


class Journal:
    """Takes rows of one run; one journal at a time is open on a lake."""

    def __init__(self, lk: lake.Lake, slots: int):
        """Open it, after what a killed run left was committed.

        Args:
            lk: the lake.
            slots: requests that may be in flight.

        Raises:
            LakeLocked: another process writes to the lake now.
        """
        self._lake, self._folder = lk, folder(lk)
        self._folder.mkdir(parents=True, exist_ok=True)
        self.n_recovered = self._recover()
        self._in_flight = os.open(self._folder / "in_flight", os.O_RDWR | os.O_CREAT, 0o644)
        os.truncate(self._in_flight, 0)
        os.truncate(self._in_flight, slots * _SLOT)
        self._queue: queue.SimpleQueue[tuple[bytes, asyncio.Future[None]] | None]
        self._queue = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._committer = ThreadPoolExecutor(1, "generations")
        self._commits: list[Future[None]] = []
        self._failed: OSError | None = None
        self._open_segment()
        self._thread = threading.Thread(target=self._write_all, name="journal", daemon=True)
        self._thread.start()

    def leaves(self, slot: int, row: Row) -> None:
        """A request leaves from `slot`; `row` is what is to be known of it if no answer comes."""
        line = json.dumps(row).encode()
        if len(line) > _SLOT:
            line = json.dumps({name: row[name] for name in _ESSENTIAL}).encode()
        os.pwrite(self._in_flight, line.ljust(_SLOT), slot * _SLOT)

    def stays(self, slot: int) -> None:
        """What was to leave from `slot` did not."""
        os.pwrite(self._in_flight, b" " * _SLOT, slot * _SLOT)

    async def write(self, row: Row) -> None:
        """Return when `row` is on the disk."""
        done = self._loop.create_future()
        self._queue.put((json.dumps(row, ensure_ascii=False).encode() + b"\n", done))
        await done

    async def close(self) -> None:
        """Commit all of it, and what has no answer as interrupted; waits for the lake's lock."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._rotate(last=True)
        for commit in self._commits:
            await asyncio.wrap_future(commit)
        self._committer.shutdown()
        await asyncio.to_thread(self._recover)
        os.close(self._in_flight)

    def _write_all(self) -> None:
        while True:
            taken = [self._queue.get()]
            time.sleep(_GATHER_SECONDS)
            while not self._queue.empty():
                taken.append(self._queue.get())
            rows = [row for row in taken if row is not None]
            if self._failed is None:
                self._put(b"".join(line for line, _ in rows), len(rows))
            self._loop.call_soon_threadsafe(_acknowledge, [done for _, done in rows], self._failed)
            if len(rows) < len(taken):
                return
            if (
                self._n_rows >= SEGMENT_ROWS
                or self._n_bytes >= SEGMENT_BYTES
                or (self._n_rows and time.monotonic() - self._opened > SEGMENT_SECONDS)
            ):
                self._rotate()

    def _put(self, data: bytes, n_rows: int) -> None:
        """Write whole rows and sync; after a failure nothing is written behind a broken line."""
        try:
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            self._failed = error
        self._n_rows += n_rows
        self._n_bytes += len(data)

    def _open_segment(self) -> None:
        numbers = [int(path.stem) for path in self._segments()]
        self._path = self._folder / f"{max(numbers, default=0) + 1:08d}.jsonl"
        self._file = self._path.open("xb", buffering=0)
        self._n_rows = self._n_bytes = 0
        self._opened = time.monotonic()

    def _rotate(self, last: bool = False) -> None:
        self._file.close()
        full = self._path
        if not last:
            self._open_segment()
        self._commits.append(self._committer.submit(self._commit_if_free, full))

    def _commit_if_free(self, segment: Path) -> None:
        """Commit a segment; one that finds the lake locked waits for the end of the run."""
        try:
            self._commit(segment)
        except lake.LakeLocked:
            return

    def _commit_all(self, segments: list[Path]) -> None:
        for segment in segments:
            self._commit(segment)

    def _segments(self) -> Iterator[Path]:
        yield from sorted(self._folder.glob("[0-9]*.jsonl"))

    def _commit(self, segment: Path) -> None:
        rows = read_segment(segment)
        if rows.num_rows and not self._committed(rows):
            self._lake.append("generations", rows)
        segment.unlink()

    def _append(self, rows: pa.Table) -> None:
        self._lake.append("generations", rows)

    def _committed(self, rows: pa.Table) -> bool:
        if not self._lake.exists("generations"):
            return False
        first = rows.column("generation_id")[0].as_py()
        return bool(self._lake.dataset("generations").count_rows(f"generation_id = '{first}'"))

    def _recover(self) -> int:
        """Commit what is left; the number of requests that were in flight and have no answer."""
        left = list(self._segments())
        if left:
            _patiently(partial(self._commit_all, left))
        path = self._folder / "in_flight"
        lost = self._lost(path) if path.exists() else []
        if lost:
            rows = _parsed(b"".join(json.dumps(row).encode() + b"\n" for row in lost), path)
            _patiently(partial(self._append, rows))
        if path.exists():
            os.truncate(path, 0)
        return len(lost)

    def _lost(self, path: Path) -> list[Row]:
        """Requests of `in_flight` without a row in the table, which holds all of the journal."""
        data = path.read_bytes()
        slots = (data[at : at + _SLOT].strip(b" \0") for at in range(0, len(data), _SLOT))
        rows: list[Row] = [json.loads(slot) for slot in slots if slot]
        if not rows or not self._lake.exists("generations"):
            return rows
        ids = ", ".join(f"'{row['generation_id']}'" for row in rows)
        dataset = self._lake.dataset("generations")
        known = dataset.to_table(["generation_id"], filter=f"generation_id in ({ids})")
        found = set(known.column(0).to_pylist())
        return [row for row in rows if row["generation_id"] not in found]


def read_segment(path: Path) -> pa.Table:
    """The rows of a segment; a last line that is cut off was never acknowledged and is left out.

    Raises:
        Damaged: a line that is whole and not a row of `generations`.
    """
    data = path.read_bytes()
    return _parsed(data[: data.rfind(b"\n") + 1], path)


def _parsed(data: bytes, path: Path) -> pa.Table:
    from pyarrow import json as arrow_json

    schema = table("generations").schema
    if not data:
        return schema.empty_table()
    options = arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    try:
        return arrow_json.read_json(
            pa.BufferReader(data), arrow_json.ReadOptions(block_size=len(data)), options
        )
    except pa.ArrowInvalid as error:
        raise Damaged(f"journal {path}: {error}; mend the line or move the file away") from error


def _patiently(write: Callable[[], None]) -> None:
    """Write when no one else does; readers of answers need all of them."""
    until = time.monotonic() + SECONDS_FOR_THE_LOCK
    while True:
        try:
            return write()
        except lake.LakeLocked:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


def _acknowledge(waiting: list["asyncio.Future[None]"], error: OSError | None) -> None:
    for done in waiting:
        if done.cancelled():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
