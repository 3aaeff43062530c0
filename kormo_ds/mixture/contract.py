"""What a mixture query must return: columns, types, and rows that can be trained on."""

import duckdb
import pyarrow as pa

from lake import BadContract

COLUMNS = {"doc_id": "VARCHAR", "component": "VARCHAR", "repeats": "DOUBLE", "sort_key": "VARCHAR"}
SCHEMA = pa.schema(
    [
        ("doc_id", pa.string()),
        ("component", pa.string()),
        ("repeats", pa.float64()),
        ("sort_key", pa.string()),
    ]
)

# Each selects one bad row of `selection`, and says what is wrong with it and the way out.
_FAULTS = (
    (
        "select null from (select count(*) as n from selection) where n = 0",
        "returns no document; loosen its conditions, or run the steps it relies on first",
    ),
    (
        "select doc_id, component, sort_key from selection "
        "where doc_id is null or component is null or sort_key is null limit 1",
        "returns a NULL doc_id, component or sort_key, first in row {row}; "
        "give it a value with coalesce(…)",
    ),
    (
        "select doc_id, repeats from selection "
        "where repeats is null or not isfinite(repeats) or repeats <= 0 limit 1",
        "returns document {row[0]} with repeats {row[1]}; repeats are finite and above 0, "
        "and a document that is not wanted is left out",
    ),
    (
        "select doc_id, count(*) from selection group by doc_id having count(*) > 1 "
        "order by doc_id limit 1",
        "returns document {row[0]} {row[1]} times; return it once and use repeats",
    ),
    (
        "select doc_id from selection anti join documents using (doc_id) order by doc_id limit 1",
        "returns document {row[0]}, which is not in `documents`",
    ),
)


def check(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Check the rows of the table `selection` beside the view `documents`.

    Raises:
        BadContract: no document, a NULL, repeats that are not finite and positive, a document
            twice, or one that does not exist; the message names the first.
    """
    for fault, meaning in _FAULTS:
        row = con.execute(fault).fetchone()
        if row is not None:
            raise BadContract(f"mixture {name} {meaning.format(row=row)}")
