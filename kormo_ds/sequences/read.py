"""Read packed rows at random: one coalesced Lance take a call, handed to numpy without a copy.

A take of n rows costs n reads of 4·length bytes, joined where they are neighbours, and reads only
the three columns that training needs; opening costs one manifest, whatever the number of rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.errors import BadInput, Damaged, unknown
from kormo_ds.sequences.place import neighbours, rows_uri
from kormo_ds.sequences.schema import LANGUAGES, facts_of


@dataclass(frozen=True)
class Rows:
    """Rows as numpy arrays, in the order that was asked for."""

    input_ids: np.ndarray
    """Tokens, int32 [n, length]."""
    lengths: list[np.ndarray]
    """For each row the tokens of its pieces, int32; they sum to length."""
    unscored: list[tuple[np.ndarray, np.ndarray]]
    """For each row the (starts, ends) of spans that have no loss, int32, in tokens of the row."""
    languages: list[list[str]] = field(default_factory=list)
    """For each row the language of its pieces, '' for unknown and padding; [] if not asked for."""


@dataclass(frozen=True)
class Piece:
    """A run of tokens of one document in a row."""

    doc_id: str
    """'' is padding."""
    start: int
    end: int
    """Tokens of the row: `start` to `end`, `end` not included."""
    offset: int
    """Token `start` of the row is this token of the document's stream BOS text EOS."""
    component: str
    input_ids: np.ndarray
    """The piece's tokens, int32 [end - start]."""


def open(folder: str) -> "Sequences":
    """The complete sequences in `folder` (a path or URI).

    Raises:
        UnknownName: no sequences there, with those beside it.
        Damaged: packing was cut off; the message has the command that completes it.
    """
    import lance

    name = folder.rstrip("/").rsplit("/", 1)[-1]
    hint = "make them with: kormo pack MIXTURE tokenizer=NAME"
    try:
        dataset = lance.dataset(rows_uri(folder))
    except (ValueError, OSError) as error:
        if name in neighbours(folder):
            raise Damaged(f"sequences at {folder} cannot be opened: {error}") from error
        raise unknown("sequences", name, neighbours(folder), hint) from error
    facts = facts_of(dataset.schema)
    if not facts:
        raise Damaged(f"{rows_uri(folder)} is not a table of sequences; {hint}")
    n_rows = dataset.count_rows()
    if not facts["complete"]:
        raise Damaged(
            f"sequences '{name}' are incomplete, {n_rows} rows so far; "
            f"complete them with: {facts['command']}"
        )
    if n_rows != facts["n_rows"]:
        raise Damaged(
            f"sequences '{name}' hold {n_rows} rows and say {facts['n_rows']}; "
            f"remove {folder} and pack again with: {facts['command']}"
        )
    return Sequences(dataset, facts)


class Sequences:
    """Packed rows; `open` makes one.

    Attributes:
        facts: mixture, tokenizer, strategy, length, totals, … as docs/sequences.md lists them.
        n_rows: rows.
        length: tokens in each row.
        fingerprint: of mixture, tokenizer and packing parameters.
    """

    def __init__(self, dataset: Any, facts: dict[str, Any]):
        self._dataset = dataset
        self.facts = facts
        self.n_rows: int = facts["n_rows"]
        self.length: int = facts["length"]
        self.fingerprint: str = facts["fingerprint"]

    @property
    def has_languages(self) -> bool:
        """False for sequences packed before languages were kept."""
        return LANGUAGES in self._dataset.schema.names

    def take(self, rows: np.ndarray, *, languages: bool = False) -> Rows:
        """The rows of these numbers (any order, repeats allowed), with `languages` if asked for.

        Raises:
            BadInput: a row number that does not exist.
            Damaged: a data file is missing or cut off.
        """
        more = [LANGUAGES] if languages else []
        table = self._take(rows, ["input_ids", "lengths", "unscored", *more])
        starts, ends = _joined(table["unscored"]).flatten().flatten()
        spans = zip(_split(table["unscored"], starts), _split(table["unscored"], ends), strict=True)
        lengths = table["lengths"]
        return Rows(
            input_ids=self._tokens(table),
            lengths=_split(lengths, _joined(lengths).flatten()),
            unscored=list(spans),
            languages=table[LANGUAGES].to_pylist() if languages else [],
        )

    def pieces(self, row: int) -> list[Piece]:
        """What stands in one row, from its first token to its last."""
        columns = ["input_ids", "lengths", "doc_ids", "offsets", "components"]
        table = self._take(np.array([row]), columns)
        tokens = self._tokens(table)[0]
        lists = (table[name][0].as_py() for name in columns[1:])
        pieces, start = [], 0
        for length, doc_id, offset, component in zip(*lists, strict=True):
            end = start + length
            pieces.append(Piece(doc_id, start, end, offset, component, tokens[start:end]))
            start = end
        return pieces

    def holding(self, doc_id: str) -> np.ndarray:
        """Numbers of the rows that hold a piece of the document, int64, ascending.

        Costs one scan of the document ids of all rows.
        """
        found, first = [], 0
        for batch in self._dataset.to_batches(columns=["doc_ids"]):
            parents = batch.column("doc_ids").value_parent_indices()
            hits = pc.filter(parents, pc.equal(batch.column("doc_ids").flatten(), doc_id))
            found.append(np.unique(hits.to_numpy()).astype(np.int64) + first)
            first += batch.num_rows
        return np.concatenate(found) if found else np.empty(0, np.int64)

    def all_pieces(self) -> pa.RecordBatchReader:
        """`doc_id` and `component` of every piece but padding, for a query over all rows."""
        schema = pa.schema([("doc_id", pa.string()), ("component", pa.string())])

        def batches() -> Iterator[pa.RecordBatch]:
            for batch in self._dataset.to_batches(columns=["doc_ids", "components"]):
                columns = [batch.column(name).flatten() for name in ("doc_ids", "components")]
                pieces = pa.RecordBatch.from_arrays(columns, schema=schema)
                yield pieces.filter(pc.not_equal(columns[0], ""))

        return pa.RecordBatchReader.from_batches(schema, batches())

    def _take(self, rows: np.ndarray, columns: list[str]) -> pa.Table:
        rows = np.asarray(rows, dtype=np.int64)
        if len(rows) and (rows.min() < 0 or rows.max() >= self.n_rows):
            wrong = rows[(rows < 0) | (rows >= self.n_rows)][0]
            raise BadInput(f"there is no row {wrong}; rows go from 0 to {self.n_rows - 1}")
        try:
            return self._dataset.take(rows, columns=columns)
        except OSError as error:
            raise Damaged(
                f"rows of {self._dataset.uri} cannot be read: {error}; remove the folder and "
                f"pack again with: {self.facts['command']}"
            ) from error

    def _tokens(self, table: pa.Table) -> np.ndarray:
        flat: np.ndarray = _joined(table["input_ids"]).flatten().to_numpy(zero_copy_only=True)
        return flat.reshape(-1, self.length)


def _joined(column: pa.ChunkedArray) -> pa.Array:
    """The column as one array, without a copy where it is one chunk already."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _split(lists: pa.ChunkedArray, values: pa.Array) -> list[np.ndarray]:
    """`values`, the flattened content of `lists`, as one array a row."""
    edges = np.cumsum(pc.list_value_length(_joined(lists)).to_numpy())[:-1]
    return np.split(values.to_numpy(), edges)
