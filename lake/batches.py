"""The columns of steps for batches of rows: computed by several threads, given back in order.

Threads take whole batches, so a step sees a batch once and alone; the kernels of steps leave the
interpreter's lock. At most one batch more than there are threads waits to be written.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pyarrow as pa

from lake.column import Step
from lake.errors import BadRows

BATCH_BYTES = 1 << 21
"""A batch that holds more is cut, so that long documents give every thread something to do."""
Columns = dict[str, pa.Array]


def computed(
    batches: Iterator[pa.RecordBatch], steps: Sequence[Step], threads: int
) -> Iterator[Columns]:
    """The columns that are read and computed of each batch, in the order of the rows.

    Args:
        batches: what the steps read.
        steps: in an order in which each finds what it reads; from the first ordered one on they are
            called by the caller's thread.
        threads: that call the steps before it.

    Raises:
        BadRows: a step broke its promise (columns, number of rows, NULL).
    """
    first = next((i for i, step in enumerate(steps) if step.ordered), len(steps))
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Columns]] = deque()
        try:
            for batch in _cut(batches):
                columns = {name: batch.column(name) for name in batch.schema.names}
                waiting.append(pool.submit(_run, steps[:first], columns))
                if len(waiting) > threads:
                    yield _run(steps[first:], waiting.popleft().result())
            while waiting:
                yield _run(steps[first:], waiting.popleft().result())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _cut(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of some `BATCH_BYTES`."""
    for batch in batches:
        parts = max(1, min(batch.num_rows, -(-batch.nbytes // BATCH_BYTES)))
        rows = -(-batch.num_rows // parts)
        for first in range(0, batch.num_rows, rows):
            yield batch.slice(first, rows)


def _run(steps: Sequence[Step], columns: Columns) -> Columns:
    """`columns` with what the steps make of them."""
    for step in steps:
        given = pa.RecordBatch.from_pydict({name: columns[name] for name in step.reads})
        columns |= _checked(step, given, step(given))
    return columns


def _checked(step: Step, given: pa.RecordBatch, got: pa.RecordBatch) -> dict[str, pa.Array]:
    """The columns of `got`, if they are what the step promised."""
    name = f"{step.name}@{step.version}"
    promised = [column.name for column in step.writes]
    if got.schema.names != promised:
        raise BadRows(f"step {name} returned columns {got.schema.names}, not {promised}")
    if got.num_rows != given.num_rows:
        raise BadRows(f"step {name} returned {got.num_rows} rows for {given.num_rows}")
    columns = {}
    for column in step.writes:
        array = got.column(column.name)
        if array.type != column.type:
            raise BadRows(
                f"step {name} returned {array.type} in '{column.name}', not {column.type}"
            )
        if array.null_count:
            raise BadRows(
                f"step {name} returned NULL in '{column.name}' for {array.null_count} rows; "
                "NULL means not computed yet"
            )
        columns[column.name] = array
    return columns
