"""A lake: append rows, fill columns, name versions, ask.

A lake is a root (a folder or an object-store URI) with `lake.json`, one Lance dataset a table
(`documents.lance`, …) and folders of tables that belong together (`mixtures/demo@1.lance`).
Every append is one Lance commit: readers see all of its rows or none.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from lake import files
from lake import versions as lance_versions
from lake.column import Step
from lake.errors import NoColumn, NoTable, NoVersion, among
from lake.fill import Filled, Progress, fill, no_progress
from lake.lock import WriterLock
from lake.rows import Counted, Rows, chained, fitted
from lake.tables import table

if TYPE_CHECKING:
    import duckdb
    import lance

ROWS_PER_FILE = 100_000
"""Rows of one Lance fragment at most: the unit of a fill, of its memory and of its resume."""


class Lake:
    """A lake at `root`; use `lake.open` or `lake.create`."""

    def __init__(self, root: str):
        self.root = root
        self._lock = WriterLock(root)

    def path(self, *parts: str) -> str:
        """The URI of something below the root."""
        return files.join(self.root, *parts)

    def read_bytes(self, *parts: str) -> bytes:
        """A small file below the root."""
        return files.read_bytes(self.path(*parts))

    def write_bytes(self, data: bytes, *parts: str) -> None:
        """Write a small file below the root, whole or not at all."""
        files.write_bytes(self.path(*parts), data)

    @contextmanager
    def lock(self, purpose: str) -> Iterator[None]:
        """Be the one writer of this lake; `purpose` is what a second writer is told.

        Raises:
            LakeLocked: another process is writing.
        """
        self._lock.acquire(purpose)
        try:
            yield
        finally:
            self._lock.release()

    def tables(self) -> list[str]:
        """Names of the tables that hold rows, sub-tables as 'folder/name'."""
        found = []
        for name in files.names(self.root):
            if name.endswith(".lance"):
                found.append(name.removesuffix(".lance"))
            elif "." not in name:
                inner = files.names(self.path(name))
                found += [
                    f"{name}/{x.removesuffix('.lance')}" for x in inner if x.endswith(".lance")
                ]
        return found

    def uri(self, name: str) -> str:
        """The URI of a table's Lance dataset."""
        if "/" not in name:
            table(name)
        *folders, last = name.split("/")
        return self.path(*folders, last and f"{last}.lance")

    def exists(self, name: str) -> bool:
        """True if the table holds, or once held, rows."""
        return files.exists(files.join(self.uri(name), "_versions"))

    def dataset(self, name: str = "documents", at: int | str | None = None) -> "lance.LanceDataset":
        """The table as a Lance dataset, newest or at a version number or tag.

        Raises:
            NoTable: nothing was written to it yet.
            NoVersion: no such version or tag.
        """
        import lance

        if not self.exists(name):
            known = among(name, self.tables())
            raise NoTable(f"nothing is in table '{name}' of lake {self.root} yet; {known}")
        if at is None:
            return lance.dataset(self.uri(name))
        at = int(at) if str(at).isdigit() else at
        try:
            return lance.dataset(self.uri(name), version=at)
        except (ValueError, OSError) as error:
            newest = self.version(name)
            tags = among(str(at), self.tags(name))
            raise NoVersion(
                f"'{name}' has no version or tag '{at}'; versions: up to {newest}; tags: {tags}"
            ) from error

    def schema(self, name: str = "documents") -> pa.Schema:
        """The table's columns now: as written, or as it will be born."""
        return self.dataset(name).schema if self.exists(name) else table(name).schema

    def append(self, name: str, rows: Rows, properties: dict[str, str] | None = None) -> int:
        """Append rows in one commit and return their number; columns that lack become NULL.

        Args:
            name: one of the lake's tables.
            rows: a table, a reader, or record batches of one schema.
            properties: facts to keep with the commit.

        Raises:
            NoColumn: a column that the table does not have.
            BadRows: a type that does not fit.
            LakeLocked: another process is writing.
        """
        with self.lock(f"append to {name}"):
            if not self.exists(name):
                self._write(self.uri(name), table(name).schema.empty_table().to_reader(), "create")
            schema = self.schema(name)
            counted = Counted(fitted(rows, schema, name))
            first = next(counted, None)
            if first is None:
                return 0
            reader = pa.RecordBatchReader.from_batches(first.schema, chained(first, counted))
            with counted.reraise():
                self._write(self.uri(name), reader, "append", properties)
            return counted.rows

    def write(self, name: str, rows: pa.Table | pa.RecordBatchReader) -> None:
        """Create or replace a sub-table ('folder/name') in one commit."""
        if "/" not in name:
            raise NoTable(
                f"table '{name}' is appended to, never replaced; sub-tables are 'folder/name'"
            )
        with self.lock(f"write {name}"):
            reader = rows.to_reader() if isinstance(rows, pa.Table) else rows
            self._write(
                self.uri(name), reader, "overwrite" if self.exists(name) else "create", None
            )

    @staticmethod
    def _write(
        uri: str,
        reader: pa.RecordBatchReader,
        mode: str,
        properties: dict[str, str] | None = None,
    ) -> None:
        import lance

        lance.write_dataset(
            reader,
            uri,
            schema=reader.schema,
            mode=mode,
            max_rows_per_file=ROWS_PER_FILE,
            transaction_properties=properties,
        )

    def fill(
        self,
        name: str,
        steps: Sequence[Step],
        progress: Progress = no_progress,
        commit_every: int = 8,
        threads: int = 0,
        after_commit: Callable[[], None] = lambda: None,
    ) -> Filled:
        """Run steps over the rows whose columns are not computed yet; see `lake.fill`."""
        with self.lock(f"fill {', '.join(step.name for step in steps)}"):
            dataset = self.dataset(name)
            return fill(dataset, steps, progress, commit_every, threads, after_commit)

    def drop(self, name: str, columns: Sequence[str]) -> None:
        """Drop columns that steps wrote; older versions keep them.

        Raises:
            NoColumn: not there, or one that rows are born with.
        """
        own = set(table(name).schema.names)
        with self.lock(f"drop {', '.join(columns)}"):
            dataset = self.dataset(name)
            droppable = [column for column in dataset.schema.names if column not in own]
            for column in columns:
                if column in own:
                    raise NoColumn(f"column '{column}' is what a row is born with and stays")
                if column not in droppable:
                    raise NoColumn(f"no column '{column}' to drop; {among(column, droppable)}")
            dataset.drop_columns(list(columns))

    def version(self, name: str = "documents") -> int:
        """The newest version of a table; 0 before the first row."""
        return int(self.dataset(name).version) if self.exists(name) else 0

    def versions(self, name: str = "documents") -> list[lance_versions.Version]:
        """All versions that are kept, oldest first, with their tags."""
        return lance_versions.listed(self.dataset(name))

    def tags(self, name: str = "documents") -> dict[str, int]:
        """Version by tag."""
        return lance_versions.tags(self.dataset(name)) if self.exists(name) else {}

    def tag(self, tag: str, name: str = "documents", version: int | None = None) -> int:
        """Give a version (default: the newest) a name that protects it from `clean`.

        Raises:
            NoVersion: no such version, or the tag names another one already.
        """
        with self.lock(f"tag {tag}"):
            return lance_versions.tag(self.dataset(name, version), tag)

    def untag(self, tag: str, name: str = "documents") -> None:
        """Remove a tag; one that a recorded mixture needs stays.

        Raises:
            NoVersion: no such tag, or a mixture needs it.
        """
        with self.lock(f"untag {tag}"):
            if name == "documents" and self.exists("mixtures"):
                recorded = self.dataset("mixtures").to_table(["tag", "mixture", "version"])
                for row in recorded.to_pylist():
                    if row["tag"] == tag:
                        raise NoVersion(
                            f"tag '{tag}' keeps the documents of mixture "
                            f"{row['mixture']}@{row['version']} and stays"
                        )
            lance_versions.untag(self.dataset(name), tag)

    def clean(self, name: str = "documents", older_than: timedelta = timedelta(days=14)) -> int:
        """Delete versions older than `older_than` that have no tag; returns the bytes freed."""
        with self.lock(f"clean {name}"):
            return lance_versions.clean(self.dataset(name), older_than)

    def connect(self, at: int | str | None = None) -> "duckdb.DuckDBPyConnection":
        """A DuckDB connection with all tables and views; `documents` as of version or tag `at`."""
        from lake import duck

        return duck.connect(self, at=at)

    def sql(
        self, text: str, at: int | str | None = None, **values: Any
    ) -> "duckdb.DuckDBPyRelation":
        """Ask: a DuckDB relation, for Arrow, Polars or pandas: `.arrow()`, `.pl()`, `.df()`.

        Args:
            text: one `select`; `$name` stands for a parameter.
            at: version or tag of `documents`; default the newest.
            **values: one value for each parameter.

        Raises:
            BadQuery: DuckDB does not understand it; its own first line says why.
        """
        from lake import duck

        return duck.ask(self, text, values, at)
