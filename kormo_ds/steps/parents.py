"""Documents' parents, looked up a batch at a time.

Once a run the ids that are anyone's parent are joined with the documents (by DuckDB, which spills
to disk); what stays in memory is 16 bytes a parent. A batch then fetches the rows it needs.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.recorded.documents import numbered

if TYPE_CHECKING:
    import lance

    from lake import Lake


SYNTHETIC = "synthesizer is not null"
TRANSLATED = "origin = 'translated'"
"""Whose parents are looked for."""


class Parents:
    """The parents of some of a lake's documents, in the version that it has now."""

    def __init__(self, lk: "Lake", of: str = SYNTHETIC):
        """Find which rows are the parents of documents for which the condition `of` holds."""
        import duckdb

        from kormo_ds.text.hashes import hash_texts

        self._documents: lance.LanceDataset = lk.dataset("documents")
        hashes, rows = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
        children = self._documents.scanner(
            columns=["parent_id"], filter=f"{of} and parent_id is not null"
        )
        with duckdb.connect() as con:
            con.register("children", children.to_reader())
            con.execute("create table parents as select distinct parent_id as doc_id from children")
            if con.table("parents").shape[0]:
                con.register("present", numbered(self._documents))
                joined = con.sql(
                    "select doc_id, number from present semi join parents using (doc_id)"
                )
                for batch in joined.to_arrow_reader():
                    hashes.append(hash_texts(batch.column("doc_id")))
                    rows.append(batch.column("number").to_numpy())
        every, places = np.concatenate(hashes), np.concatenate(rows)
        order = np.argsort(every, kind="stable")
        self._hashes, self._rows = every[order], places[order]

    @property
    def names(self) -> set[str]:
        """The columns that they have."""
        return set(self._documents.schema.names)

    def texts(self, ids: pa.Array) -> pa.Array:
        """The text of each id as it came, NULL where the id is NULL or of no document.

        Args:
            ids: string [n], `parent_id` of documents.
        """
        found, places = self.read(ids, ["text"])
        return found["text"].combine_chunks().take(places).cast(pa.string())

    def read(self, ids: pa.Array, columns: Sequence[str]) -> tuple[pa.Table, pa.Array]:
        """The parents of a batch, each once, and which of them is whose.

        Args:
            ids: string [n], `parent_id` of documents.
            columns: columns of the parents besides `doc_id`.

        Returns:
            The parents, and int64 [n] into them, NULL where the id is NULL or of no document.
        """
        from kormo_ds.text.hashes import hash_texts

        wanted = hash_texts(ids)
        at = np.minimum(np.searchsorted(self._hashes, wanted), max(len(self._hashes) - 1, 0))
        is_there = pc.is_valid(ids).to_numpy(zero_copy_only=False)
        is_there &= self._hashes[at] == wanted if len(self._hashes) else False
        rows, inverse = np.unique(self._rows[at[is_there]], return_inverse=True)
        found = self._documents.take(rows, columns=["doc_id", *columns])
        places = np.full(len(ids), -1)
        places[is_there] = inverse
        index = pa.array(places, mask=~is_there)
        same = pc.equal(found["doc_id"].combine_chunks().take(index), ids)
        return found, pc.if_else(same, index, None)
