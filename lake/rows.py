"""Rows on their way into a table: counted, and cast to the table's types."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

import pyarrow as pa

from lake.errors import BadRows, NoColumn, among

Rows: TypeAlias = pa.Table | pa.RecordBatch | pa.RecordBatchReader | Iterable[pa.RecordBatch]


class Counted:
    """Record batches on their way into Lance: counts their rows, keeps the error that ended them.

    Lance wraps an error of its source in one of its own; `reraise` gives back the first.
    """

    def __init__(self, batches: Iterator[pa.RecordBatch]):
        self.rows = 0
        self._batches = batches
        self._error: Exception | None = None

    def __iter__(self) -> "Counted":
        return self

    def __next__(self) -> pa.RecordBatch:
        try:
            batch = next(self._batches)
        except StopIteration:
            raise
        except Exception as error:
            self._error = error
            raise
        self.rows += batch.num_rows
        return batch

    @contextmanager
    def reraise(self) -> Iterator[None]:
        """Raise the source's own error where the block fails for it."""
        try:
            yield
        except Exception:
            if self._error is not None:
                raise self._error from None
            raise


def chained(first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """`first`, then `rest`."""
    yield first
    yield from rest


def fitted(rows: Rows, schema: pa.Schema, name: str) -> Iterator[pa.RecordBatch]:
    """Batches of `rows` in the table's types and order, empty ones left out."""
    if isinstance(rows, pa.RecordBatch):
        batches: Iterable[pa.RecordBatch] = [rows]
    elif isinstance(rows, pa.Table):
        batches = rows.to_batches()
    else:
        batches = rows
    for batch in batches:
        if not batch.num_rows:
            continue
        for column in batch.schema.names:
            if column not in schema.names:
                raise NoColumn(
                    f"table '{name}' has no column '{column}'; {among(column, schema.names)}"
                )
        fields = [field for field in schema if field.name in batch.schema.names]
        arrays = []
        for field in fields:
            array = batch.column(field.name)
            if not field.nullable and array.null_count:
                raise BadRows(
                    f"column '{field.name}' of '{name}' may not be NULL; {array.null_count} are"
                )
            try:
                arrays.append(array if array.type == field.type else array.cast(field.type))
            except pa.ArrowInvalid as error:
                raise BadRows(
                    f"column '{field.name}' of '{name}' takes {field.type}: {error}"
                ) from error
            except pa.ArrowNotImplementedError as error:
                raise BadRows(
                    f"column '{field.name}' of '{name}' takes {field.type}, not {array.type}"
                ) from error
        yield pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))
