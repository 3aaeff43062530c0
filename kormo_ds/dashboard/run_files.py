"""The files of run folders as Arrow, read when they are asked for and only what is new in them.

A run may be writing while its folder is read. A file that grew is read on from its last whole line;
one that was put in another's place, as where a run goes on from a checkpoint, is read anew. Lines
that are no JSON object with a step are counted. Nothing is locked and nothing is written.
"""

import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.run_record import lines

AT_ONCE = 4096
"""Lines that are parsed at a time."""


class Grown:
    """One file of lines as one table.

    Args:
        path: the file; it need not be there.
        schema: the table's.
        rows: the rows that a line is, as dicts; a column that a dict lacks is NULL.
    """

    def __init__(
        self,
        path: Path,
        schema: pa.Schema,
        rows: Callable[[dict[str, Any]], Iterable[Mapping[str, Any]]],
    ) -> None:
        self._path, self._schema, self._rows = path, schema, rows
        self._forget()

    def _forget(self) -> None:
        self.table: pa.Table = self._schema.empty_table()
        self.n_unreadable = 0
        self._stamp: tuple[int, int, int] | None = None
        self._end = self._n_cut_off = 0

    def look(self) -> pa.Table:
        """The table as the file is now; the same object as before where it has not changed."""
        try:
            found = self._path.stat()
        except OSError:
            if self._stamp is not None:
                self._forget()
            return self.table
        stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
        if stamp == self._stamp:
            return self.table
        if self._stamp and (self._stamp[0] != stamp[0] or self._stamp[1] >= stamp[1]):
            self._forget()
        self._stamp = stamp
        self._read_on()
        return self.table

    def _read_on(self) -> None:
        parts = [self.table]
        self.n_unreadable -= self._n_cut_off
        self._n_cut_off = 0
        with self._path.open("rb") as file:
            file.seek(self._end)
            while some := list(islice(file, AT_ONCE)):
                whole = [line for line in some if line.endswith(b"\n")]
                self._n_cut_off = len(some) - len(whole)  # the last one, which is being written
                self._end += sum(map(len, whole))
                found, n = lines.parsed(b"".join(whole))
                self.n_unreadable += n
                rows = [row for line in found for row in self._rows_of(line)]
                parts.append(typed(rows, self._schema))
        self.n_unreadable += self._n_cut_off
        if any(part.num_rows for part in parts[1:]):
            self.table = pa.concat_tables(parts).combine_chunks()

    def _rows_of(self, line: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
        try:
            yield from list(self._rows(line))
        except (KeyError, TypeError, ValueError, AttributeError):
            self.n_unreadable += 1


def typed(rows: list[Any], schema: pa.Schema) -> pa.Table:
    """Rows as a table; a value of another kind than its column's, or not finite, is NULL."""
    columns = [_column([row.get(field.name) for row in rows], field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _column(values: list[Any], kind: pa.DataType) -> pa.Array:
    try:
        whole = pa.array(values, kind)  # tenfold as fast as one by one
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.array([_fitting(value, kind) for value in values], kind)
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_finite(whole), whole, None)
    return whole


def _fitting(value: Any, kind: pa.DataType) -> Any:
    if pa.types.is_string(kind):
        return value if isinstance(value, str) else None
    if pa.types.is_timestamp(kind):
        return value
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if pa.types.is_boolean(kind):
        return bool(value)
    if pa.types.is_integer(kind):
        return int(value) if abs(value) < 2**63 else None
    return float(value) if abs(value) < 1e308 else None


def is_held(path: Path) -> bool:
    """Whether a process of this machine holds a lock on the file; taking it would disturb a run.

    Linux alone tells; False elsewhere.
    """
    try:
        inode = str(path.stat().st_ino)
        held = Path("/proc/locks").read_text()
    except OSError:
        return False
    found = (line.split() for line in held.splitlines())
    return any(
        words[1] == "FLOCK" and words[3] == "WRITE" and words[5].split(":")[-1] == inode
        for words in found
        if len(words) > 5
    )


def listed(folder: Path) -> list[Path]:
    """What is in a folder, sorted by name; nothing where it cannot be read."""
    try:
        with os.scandir(folder) as found:
            return sorted(Path(entry.path) for entry in found)
    except OSError:
        return []
