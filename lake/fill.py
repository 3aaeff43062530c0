"""Fill columns: run steps over the rows that lack them, fragment by fragment.

The columns are added empty first (one small commit), then each Lance fragment is computed and its
column file committed with those of the fragments next to it. So a killed fill goes on with the
fragments it had not committed, rows are never rewritten, and the text is read once for all steps
of the list. Batches are computed by several threads and written in their order, so the result does
not depend on the number of threads; a step that is `ordered` is called in row order by one thread,
while others compute what comes before it. Cost: one scan of what the steps read; memory of one
fragment's new columns and of a few batches.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from lake.batches import Columns, Computed
from lake.column import Step
from lake.errors import ColumnTaken, NoColumn, among
from lake.provenance import owned_field, owner
from lake.rows import Counted

if TYPE_CHECKING:
    import lance

BATCH_ROWS = 512
SECONDS_PER_COMMIT = 20.0
_ROW_ID = pa.field("_rowid", pa.uint64())

Work: TypeAlias = "tuple[lance.LanceFragment, list[Step], int]"
"""A fragment, the steps that it needs, and its rows that they miss."""


class Progress(Protocol):
    """Told how many more rows are done, and the total once it is known."""

    def __call__(self, n: int = 1, *, total: int | None = None) -> None:
        """`n` rows more are done."""


def no_progress(n: int = 1, *, total: int | None = None) -> None:
    """Tell nobody."""


@dataclass
class Filled:
    """What a fill did."""

    rows: int = 0
    """Rows computed now."""
    rows_before: int = 0
    """Rows whose columns were all there already."""
    reasons: dict[str, Counter[str]] = field(default_factory=dict)
    """For each `*_reason` column: how many of the rows computed now have which value."""


def fill(
    dataset: "lance.LanceDataset",
    steps: Sequence[Step],
    progress: Progress = no_progress,
    commit_every: int = 8,
    threads: int = 0,
    after_commit: Callable[[], None] = lambda: None,
) -> Filled:
    """Compute the columns of `steps` wherever they are NULL.

    Args:
        dataset: the table at its newest version.
        steps: in an order in which each finds what it reads.
        progress: told of rows done.
        commit_every: fragments in one commit at most; a commit comes after 20 s in any case.
        threads: that compute batches; 0 for as many as there are cores.
        after_commit: called when every row that was computed so far is committed.

    Raises:
        NoColumn: a step reads what is neither in the table nor written by a step before it.
        ColumnTaken: a column belongs to another step, version or setting.
        BadRows: a step broke its promise (columns, number of rows, NULL).
    """
    _check_reads(dataset.schema, steps)
    dataset = _with_columns(dataset, steps)
    work: list[Work] = []
    filled = Filled()
    for fragment in dataset.get_fragments():
        rows = fragment.count_rows()
        pending = _pending(fragment, steps)
        if not pending:
            filled.rows_before += rows
            continue
        todo = fragment.count_rows(_missing(pending))
        filled.rows_before += rows - todo
        work.append((fragment, pending, todo))
    progress(0, total=sum(todo for _, _, todo in work))

    changed: list[lance.FragmentMetadata] = []
    fields: set[int] = set()
    committed = time.monotonic()
    version = dataset.version
    for (fragment, pending, _), columns in zip(work, _computed(work, threads), strict=True):
        stored = [column.name for step in pending for column in step.writes if column.stored]
        schema = pa.schema([_ROW_ID, *map(dataset.schema.field, stored)])
        batches = Counted(_batches(schema, columns, filled, progress))
        reader = pa.RecordBatchReader.from_batches(schema, batches)
        with batches.reraise():
            metadata, ids = fragment.update_columns(reader, left_on="_rowid", right_on="_rowid")
        if changed and set(ids) != fields:
            version = _commit(dataset.uri, version, changed, fields)
            changed = []
        changed.append(metadata)
        fields = set(ids)
        if len(changed) >= commit_every or time.monotonic() - committed > SECONDS_PER_COMMIT:
            version = _commit(dataset.uri, version, changed, fields)
            after_commit()
            changed, committed = [], time.monotonic()
    if changed:
        _commit(dataset.uri, version, changed, fields)
        after_commit()
    return filled


def _check_reads(schema: pa.Schema, steps: Sequence[Step]) -> None:
    known = set(schema.names)
    for step in steps:
        for name in step.reads:
            if name not in known:
                raise NoColumn(
                    f"step {step.name} reads column '{name}', which is not there yet; "
                    f"run the step that writes it first; {among(name, known)}"
                )
        known |= {column.name for column in step.writes}


def _with_columns(dataset: "lance.LanceDataset", steps: Sequence[Step]) -> "lance.LanceDataset":
    """The dataset with all columns of `steps`, empty where they are new and ours where not."""
    new = new_columns(dataset.schema, steps)
    if new:
        dataset.add_columns(pa.schema(new))
    return dataset


def new_columns(schema: pa.Schema, steps: Sequence[Step]) -> list[pa.Field]:
    """The columns of `steps` that a table of `schema` lacks, if those that it has are theirs.

    Raises:
        ColumnTaken: a column belongs to another step, version or setting.
    """
    new = []
    for step in steps:
        for column in step.writes:
            if not column.stored:
                continue
            if column.name not in schema.names:
                new.append(owned_field(column, step))
                continue
            there = schema.field(column.name)
            by = owner(there)
            if by is None:
                raise ColumnTaken(f"column '{column.name}' is what a row is born with; rename it")
            old = [c.name for c in step.writes if c.name in schema.names]
            way_out = f"drop the old column with: kormo lake drop {' '.join(old)}"
            if (by.step, by.version) != (step.name, step.version):
                raise ColumnTaken(
                    f"column '{column.name}' was written by {by}, not {step.name}@{step.version}; "
                    f"raise the step's version and {way_out}"
                )
            if by.fingerprint != step.fingerprint:
                raise ColumnTaken(
                    f"column '{column.name}' was written by {by} with other settings "
                    f"({by.fingerprint}, now {step.fingerprint}); use those settings or {way_out}"
                )
    return new


def _missing(steps: Sequence[Step]) -> str:
    return " or ".join(
        f"`{column.name}` is null" for step in steps for column in step.writes if column.stored
    )


def _pending(fragment: "lance.LanceFragment", steps: Sequence[Step]) -> list[Step]:
    """The steps with something to do in a fragment, and the unstored ones that those need."""
    pending: list[Step] = []
    needed: set[str] = set()
    for step in reversed(steps):
        shared = {column.name for column in step.writes if not column.stored}
        stored = any(column.stored for column in step.writes)
        if shared & needed or (stored and fragment.count_rows(_missing([step]))):
            pending.insert(0, step)
            needed |= set(step.reads)
    return pending


def _computed(work: Sequence[Work], threads: int) -> Iterator[Iterator[Columns]]:
    """The columns of each fragment, while threads are busy with the next one already."""
    threads = threads or len(os.sched_getaffinity(0))
    pool = ThreadPoolExecutor(threads)
    try:
        following = [
            Computed(partial(_read, fragment, pending), pending, pool, threads)
            for fragment, pending, _ in work
        ]
        while following:
            now = following.pop(0)
            for fragment in (now, *following[:1]):
                fragment.read_ahead()  # one that is being updated cannot be asked for a scanner
            yield now.columns()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _read(fragment: "lance.LanceFragment", pending: Sequence[Step]) -> Iterator[pa.RecordBatch]:
    """What the pending steps read of the rows that lack their columns, with `_rowid`."""
    made_here = {column.name for step in pending for column in step.writes}
    reads = [name for step in pending for name in step.reads if name not in made_here]
    return fragment.scanner(
        columns=list(dict.fromkeys(reads)),
        filter=_missing(pending),
        with_row_id=True,
        batch_size=BATCH_ROWS,
    ).to_batches()


def _batches(
    schema: pa.Schema, computed: Iterator[Columns], filled: Filled, progress: Progress
) -> Iterator[pa.RecordBatch]:
    """Batches of `schema` as they are asked for, counted in `filled`."""
    for columns in computed:
        for name in schema.names:
            if name.endswith("_reason"):
                counts = pc.value_counts(columns[name]).to_pylist()
                tally = filled.reasons.setdefault(name, Counter())
                tally.update({row["values"]: row["counts"] for row in counts})
        arrays = [columns[name] for name in schema.names]
        filled.rows += len(arrays[0])
        progress(len(arrays[0]))
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _commit(
    uri: str, version: int, changed: "list[lance.FragmentMetadata]", fields: set[int]
) -> int:
    import lance

    operation = lance.LanceOperation.Update(
        updated_fragments=changed, fields_modified=sorted(fields)
    )
    return int(lance.LanceDataset.commit(uri, operation, read_version=version).version)
