"""The documents of a recorded mixture, in its order, as often as it repeats them.

The selection is joined with the documents once: DuckDB reads the two `doc_id` columns (spilling to
disk where they do not fit) and leaves 8 bytes in memory for each selected document, its row in the
pinned version. Texts are then fetched a few hundred rows at a time, so memory does not grow with
the mixture; a fetch is one random read a document, which packing hides behind tokenising.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.errors import BadInput, Damaged
from kormo_ds.recorded.catalogue import Mixture, find

if TYPE_CHECKING:
    import lance

    from lake import Lake

ROWS = 256
"""Documents fetched at a time; a few MB of web text, at most some hundred MB of books."""


@dataclass(frozen=True)
class Documents:
    """Documents that follow one another in one pass over the selection."""

    turn: int
    """The pass: 0 is the first."""
    indices: np.ndarray
    """Their places in the selection, int64, ascending."""
    components: pa.Array
    """The component that chose each."""
    columns: pa.Table
    """`doc_id` and the columns that were asked for, one row a document."""

    def slice(self, first: int, end: int) -> "Documents":
        """Documents `first` to `end` of these."""
        return Documents(
            turn=self.turn,
            indices=self.indices[first:end],
            components=self.components[first:end],
            columns=self.columns[first:end],
        )


@dataclass(frozen=True)
class Recorded:
    """A recorded mixture, ready to be read; `Recorded.named` finds one.

    Raises (all methods):
        Damaged: the selection names a document that its version of the lake does not have.
    """

    lk: "Lake"
    mixture: Mixture

    @classmethod
    def named(cls, lk: "Lake", name: str) -> Self:
        """The mixture NAME@VERSION, or the newest version of NAME.

        Raises:
            UnknownName: not recorded; names those that are.
            BadInput: it selects no document.
        """
        mixture = find(lk, name)
        if mixture.n_documents == 0:
            raise BadInput(f"mixture {mixture.name} selects no document")
        return cls(lk, mixture)

    def __str__(self) -> str:
        return self.mixture.name

    def dataset(self) -> "lance.LanceDataset":
        """`documents` in the version that the mixture was asked of."""
        return self.lk.dataset("documents", at=self.mixture.documents_version)

    def text(self) -> pa.Field:
        """The field `text_clean` of that version.

        Raises:
            BadInput: no step had written it when the mixture was recorded.
        """
        schema = self.dataset().schema
        if "text_clean" not in schema.names:
            raise BadInput(
                f"mixture {self} was recorded when documents had no text_clean; write it with: "
                "kormo step run clean, then record the mixture again with: "
                f"kormo mixture run {self.mixture.mixture}"
            )
        return schema.field("text_clean")

    def n_reads(self) -> int:
        """Documents with all their passes, parts of one rounded: what a progress bar counts to."""
        repeats = self._selection().to_table(columns=["repeats"])["repeats"]
        return round(float(pc.sum(repeats).as_py()))

    def read(self, columns: list[str], turn: int = 0, index: int = 0) -> Iterator[Documents]:
        """Read documents from place `index` of pass `turn` on; passes follow one another.

        A document with repeats 2.5 is in passes 0 and 1, and in pass 2 if a hash of its id says so.

        Args:
            columns: columns of `documents` besides `doc_id`.
            turn: the pass to start in.
            index: the place in the selection to start at.

        Raises:
            BadInput: `text_clean` is asked for, and a document has none.
        """
        selection, documents = self._selection(), self.dataset()
        rows = self._rows(selection, documents)
        most = pc.max(selection.to_table(columns=["repeats"])["repeats"]).as_py()
        wanted = ["doc_id", *columns]
        while turn < most:
            for batch in selection.scanner(offset=index, batch_size=ROWS).to_batches():
                chosen = np.flatnonzero(in_turn(batch, turn))
                if len(chosen):
                    places = index + chosen
                    found = documents.take(rows[places], columns=wanted).combine_chunks()
                    if "text_clean" in columns:
                        _check_cleaned(found)
                    components = batch.column("component").take(chosen)
                    yield Documents(turn, places, components, found)
                index += batch.num_rows
            turn, index = turn + 1, 0

    def _selection(self) -> "lance.LanceDataset":
        return self.lk.dataset(self.mixture.table)

    def _rows(self, selection: Any, documents: Any) -> np.ndarray:
        """The row in `documents` of each selected document, int64, in the selection's order."""
        import duckdb

        rows = np.full(selection.count_rows(), -1, np.int64)
        with duckdb.connect() as con:
            con.register("selected", numbered(selection))
            con.register("present", numbered(documents))
            joined = con.sql(
                "select selected.number as place, present.number as row "
                "from selected join present using (doc_id)"
            )
            for batch in joined.to_arrow_reader():
                rows[batch.column("place").to_numpy()] = batch.column("row").to_numpy()
        missing = np.flatnonzero(rows < 0)
        if len(missing):
            first = selection.take(missing[:1], columns=["doc_id"])["doc_id"][0].as_py()
            raise Damaged(
                f"{len(missing)} documents of mixture {self}, first '{first}', are not in version "
                f"{self.mixture.documents_version} of the lake; record the mixture again: "
                f"kormo mixture run {self.mixture.mixture}"
            )
        return rows


def _check_cleaned(documents: pa.Table) -> None:
    texts = documents["text_clean"]
    if texts.null_count:
        doc_id = documents["doc_id"].filter(pc.is_null(texts))[0]
        raise BadInput(
            f"document '{doc_id}' has no text_clean yet; write it with: kormo step run clean, "
            "then record the mixture again"
        )


def in_turn(batch: pa.RecordBatch, turn: int) -> np.ndarray:
    """Which rows of a selection take part in pass `turn`, bool."""
    left = batch.column("repeats").to_numpy() - turn
    taken: np.ndarray = left >= 1
    for i in np.flatnonzero((left > 0) & (left < 1)):
        taken[i] = share(batch.column("doc_id")[i].as_py(), turn) < left[i]
    return taken


def share(doc_id: str, turn: int) -> float:
    """A number in [0, 1) that a document has in pass `turn`: the first 52 bits of an MD5."""
    return int(hashlib.md5(f"{doc_id}|{turn}".encode()).hexdigest()[:13], 16) / 2**52


def numbered(dataset: Any, columns: Sequence[str] = ("doc_id",)) -> pa.RecordBatchReader:
    """`columns` of a dataset and the `number` of each row, by which `take` finds it."""
    fields = [dataset.schema.field(name).remove_metadata() for name in columns]
    schema = pa.schema([*fields, pa.field("number", pa.int64())])

    def batches() -> Iterator[pa.RecordBatch]:
        first = 0
        for batch in dataset.to_batches(columns=list(columns)):
            numbers = np.arange(first, first + batch.num_rows)
            arrays = [batch.column(name) for name in columns]
            yield pa.RecordBatch.from_arrays([*arrays, pa.array(numbers)], schema=schema)
            first += batch.num_rows

    return pa.RecordBatchReader.from_batches(schema, batches())
