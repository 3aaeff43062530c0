"""The columns of steps for batches of rows: computed by several threads, given back in order.

Threads take whole batches, so a step sees a batch once and alone; the kernels of steps leave the
interpreter's lock. At most twice as many batches as there are threads wait to be written, and as
many of the fragment that comes next, so that no thread stands still while a fragment is finished.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future

import pyarrow as pa

from lake.column import Step
from lake.errors import BadRows

BATCH_BYTES = 1 << 21
"""A batch that holds more is cut, so that long documents give every thread something to do."""
Columns = dict[str, pa.Array]


class Computed:
    """The columns that are read and computed of the batches of one fragment."""

    def __init__(
        self,
        batches: Callable[[], Iterator[pa.RecordBatch]],
        steps: Sequence[Step],
        pool: Executor,
        threads: int,
    ) -> None:
        """Nothing is read yet.

        Args:
            batches: begins to read what the steps read.
            steps: in an order in which each finds what it reads; from the first ordered one on they
                are called by the thread that asks for the columns.
            pool: of `threads` threads, that call the steps before it.
            threads: twice as many batches are computed ahead.
        """
        first = next((i for i, step in enumerate(steps) if step.ordered), len(steps))
        self._ahead, self._behind = steps[:first], steps[first:]
        self._batches, self._pool, self._most = batches, pool, 2 * threads
        self._read: Iterator[pa.RecordBatch] | None = None
        self._waiting: deque[Future[Columns]] = deque()

    def read_ahead(self) -> None:
        """Have the next batches computed, as long as there are any."""
        if self._read is None:
            self._read = _cut(self._batches())
        while len(self._waiting) < self._most:
            batch = next(self._read, None)
            if batch is None:
                return
            columns = {name: batch.column(name) for name in batch.schema.names}
            self._waiting.append(self._pool.submit(_run, self._ahead, columns))

    def columns(self) -> Iterator[Columns]:
        """The columns of each batch, in the order of the rows.

        Raises:
            BadRows: a step broke its promise (columns, number of rows, NULL).
        """
        self.read_ahead()
        while self._waiting:
            yield _run(self._behind, self._waiting.popleft().result())
            self.read_ahead()


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
