"""Ask a mixture query: the text it can be asked by for ever, its rows in order, their digest.

The text begins with the views that the query uses, each a `create view` closed by a line with a
semicolon, and ends with the query as its file was. Asking that text at a version of `documents`
depends on nothing else: not on today's `sql/`, not on the clock, not on the order of a scan.

Cost: the selection is held by DuckDB (about 100 bytes a document, spilled to disk when memory is
short) and read out once in (sort_key, doc_id) order.
"""

import hashlib
import json
import re
from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa

import lake
from kormo_ds.mixture import contract
from lake import duck

_END_OF_VIEW = "\n;\n\n"
_ROWS = 65_536


def script(lk: lake.Lake, query: lake.Query, at: int) -> str:
    """The views that `query` uses and then its own text.

    Raises:
        BadQuery: a view needs a column that no step has written yet.
    """
    con = duck.connect(lk, at=at, mentioned=query.sql)
    texts = duck.views()
    used = con.execute(
        "select view_name from duckdb_views() "
        "where not internal and not temporary and schema_name = 'main' order by view_oid"
    ).fetchall()
    views = [
        f"create view {name} as\n{duck.with_optional(con, texts[name]).rstrip()}{_END_OF_VIEW}"
        for (name,) in used
    ]
    return "".join(views) + query.sql


def select(
    lk: lake.Lake, text: str, name: str, parameters: str, at: int | str
) -> duckdb.DuckDBPyConnection:
    """Ask the text of a mixture at a version or tag of `documents`.

    Args:
        lk: the lake.
        text: as `script` made it.
        name: the mixture's name, for messages.
        parameters: all parameters, as a JSON object.
        at: version or tag of `documents`.

    Returns:
        A connection with the checked rows in its table `selection`.

    Raises:
        BadQuery: DuckDB refuses the text.
        BadContract: other columns, or rows that break the contract.
    """
    *views, sql = text.split(_END_OF_VIEW)
    query = lake.Query.parse(sql, name)
    con = duck.connect(lk, at=at, mentioned=f"documents {_without_views_of_today(text)}")
    try:
        for view in views:
            con.execute(view)
        query.run(con, json.loads(parameters), contract.COLUMNS).create("selection")
    except duckdb.Error as error:
        raise lake.BadQuery(f"mixture {name}: {duck.first_line(error)}") from error
    contract.check(con, name)
    return con


def rows(con: duckdb.DuckDBPyConnection) -> Iterator[pa.RecordBatch]:
    """The rows of `selection` in (sort_key, doc_id) order, with the types of the contract."""
    ordered = con.sql(
        "select doc_id, component, repeats, sort_key from selection order by sort_key, doc_id"
    )
    for batch in ordered.to_arrow_reader(_ROWS):
        yield batch.cast(contract.SCHEMA)


class Digest:
    """SHA-256 over the rows of a selection in their order, however they are cut into batches.

    Of each text column the UTF-8 lengths (int32) and the bytes are hashed, of `repeats` the
    float64 values, all little-endian; the digest is the hash of these seven hashes.
    """

    def __init__(self) -> None:
        self._hashes = [hashlib.sha256() for _ in range(7)]

    def update(self, batch: pa.RecordBatch) -> None:
        """Add the rows of a batch of the contract's schema."""
        hashes = iter(self._hashes)
        for column in batch.columns:
            if column.type == pa.float64():
                next(hashes).update(column.to_numpy().astype("<f8").tobytes())
                continue
            _, offsets, data = column.buffers()
            ends = np.frombuffer(offsets, dtype=np.int32)[column.offset :][: len(column) + 1]
            next(hashes).update(np.diff(ends).astype("<i4").tobytes())
            content = next(hashes)
            if data is not None and len(column):
                content.update(data.slice(int(ends[0]), int(ends[-1] - ends[0])))

    def hexdigest(self) -> str:
        """The digest so far."""
        return hashlib.sha256(b"".join(h.digest() for h in self._hashes)).hexdigest()


def _without_views_of_today(text: str) -> str:
    """`text` without the names in `sql/views`: its views come from itself, not from there."""
    names = "|".join(duck.views())
    return re.sub(rf"\b({names})\b", "", text) if names else text
