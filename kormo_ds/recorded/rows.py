"""The rows of documents by their ids: one scan of the id column, joined by DuckDB."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa


def rows_of(dataset: Any, ids: pa.Array | pa.ChunkedArray | Sequence[str]) -> np.ndarray:
    """The row in `dataset` of each id, by which `take` finds it.

    Args:
        dataset: the table `documents`, in any version.
        ids: string [n]; may repeat.

    Returns:
        int64 [n]; -1 where there is no such document, or the id is NULL.
    """
    import duckdb

    from kormo_ds.recorded.documents import numbered

    wanted = ids if isinstance(ids, pa.Array | pa.ChunkedArray) else pa.array(ids, pa.string())
    rows = np.full(len(wanted), -1, np.int64)
    places = pa.table({"doc_id": wanted, "place": pa.array(np.arange(len(wanted)))})
    with duckdb.connect() as con:
        con.register("wanted", places)
        con.register("present", numbered(dataset))
        joined = con.sql("select place, number as row from wanted join present using (doc_id)")
        for batch in joined.to_arrow_reader():
            rows[batch.column("place").to_numpy()] = batch.column("row").to_numpy()
    return rows
