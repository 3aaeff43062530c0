"""Write a sequences table block by block, so that a killed writer goes on where it was.

One commit adds one Lance fragment and carries, as properties of its transaction, the state from
which the next row follows: rows and state appear together or not at all. The table is complete when
its facts say so, which is the last commit. Rows stream to disk; memory is one record batch.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import pyarrow as pa

from kormo_ds.sequences.place import rows_uri
from kormo_ds.sequences.schema import FORMAT, KEY, facts_of, schema

_STATE = "kormo.state"


class Writer:
    """The one writer of the sequences in `folder`; whoever makes two at a time must lock.

    Attributes:
        facts: what the table says of itself.
        state: what the last commit carried; {} before the first one.
        n_rows: rows committed.
    """

    def __init__(self, folder: str, length: int, facts: dict[str, Any]):
        """Open the table in `folder`, or make one of `length` tokens a row with `facts`.

        A table that holds rows keeps its own facts: compare them before appending. One that has
        none yet is made anew.
        """
        import lance

        uri = rows_uri(folder)
        self._dataset: Any = None
        mode = "overwrite"
        try:
            self._dataset = lance.dataset(uri)
        except (ValueError, OSError):  # Lance's word for "not there"
            mode = "create"
        if mode == "create" or not self._dataset.count_rows():
            born = facts | {"format": FORMAT, "length": length, "complete": False}
            empty = pa.Table.from_batches([], schema(length, born))
            self._dataset = lance.write_dataset(empty, uri, mode=mode)
        self.facts = facts_of(self._dataset.schema)
        self.n_rows: int = self._dataset.count_rows()

    @property
    def complete(self) -> bool:
        """True once `finish` was called."""
        return bool(self.facts["complete"])

    @property
    def state(self) -> dict[str, Any]:
        """The state that the newest commit carries."""
        last: Any = self._dataset.read_transaction(self._dataset.version)
        state: dict[str, Any] = json.loads(last.transaction_properties.get(_STATE, "{}"))
        return state

    def sweep(self) -> None:
        """Delete what a killed writer left uncommitted, and versions that are past."""
        self._dataset.cleanup_old_versions(older_than=timedelta(0), delete_unverified=True)

    def append(self, blocks: Iterable[tuple[pa.RecordBatch, dict[str, Any]]]) -> None:
        """Write blocks as one fragment and commit it with the state of the last block.

        Args:
            blocks: at least one (rows, state from which the next row follows).

        Raises:
            OSError: the disk is full; nothing of these blocks is seen then.
            Exception: what `blocks` raised, likewise.
        """
        import lance
        from lance.fragment import write_fragments

        states: list[dict[str, Any]] = []
        failed: list[BaseException] = []

        def rows() -> Iterator[pa.RecordBatch]:
            try:
                for batch, state in blocks:
                    states[:] = [state]
                    yield batch.select(self._dataset.schema.names)  # begun in an older format
            except BaseException as error:
                failed.append(error)
                raise

        reader = pa.RecordBatchReader.from_batches(self._dataset.schema, rows())
        try:
            fragments = write_fragments(reader, self._dataset, mode="append")
        except Exception:
            if failed:  # Lance has made it an OSError with a Rust path
                raise failed[0] from None
            raise
        self._dataset = lance.LanceDataset.commit(
            self._dataset,
            lance.Transaction(
                self._dataset.version,
                lance.LanceOperation.Append(fragments),
                transaction_properties={_STATE: json.dumps(states[-1])},
            ),
        )
        self.n_rows = self._dataset.count_rows()

    def finish(self, totals: dict[str, Any]) -> None:
        """Add `totals` to the facts and mark the table complete, in one commit."""
        self.facts |= totals | {"n_rows": self.n_rows, "complete": True}
        self._dataset.update_schema_metadata({KEY.decode(): json.dumps(self.facts, sort_keys=True)})
        self.sweep()
