"""Tables about the lake itself, made when a query names them: its versions and its columns.

    lake_versions    one row per version of `documents` that is kept
    lake_columns     one row per column of `documents`, with the step that wrote it

Cost: `lake_versions` opens each version's manifest, MOST at most; the oldest are left out.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pyarrow as pa

from lake.provenance import owner
from lake.tables import TABLES

if TYPE_CHECKING:
    from lake.lake import Lake

MOST = 200
"""Versions that are opened, the newest."""
VERSIONS = pa.schema(
    [
        ("version", pa.int64()),
        ("written_at", pa.timestamp("us")),
        ("n_rows", pa.int64()),
        ("n_columns", pa.int64()),
        ("tags", pa.string()),
    ]
)
COLUMNS = pa.schema(
    [
        ("place", pa.int64()),
        ("column_name", pa.string()),
        ("type", pa.string()),
        ("step", pa.string()),
        ("step_version", pa.int64()),
        ("meaning", pa.string()),
    ]
)


def versions(lk: "Lake") -> pa.Table:
    """The newest versions of `documents`, oldest first, each with its rows and columns."""
    if not lk.exists("documents"):
        return VERSIONS.empty_table()
    rows = []
    for one in lk.versions("documents")[-MOST:]:
        dataset = lk.dataset("documents", one.version)
        rows.append(
            {
                "version": one.version,
                "written_at": one.at,
                "n_rows": dataset.count_rows(),
                "n_columns": len(dataset.schema.names),
                "tags": ", ".join(one.tags),
            }
        )
    return pa.Table.from_pylist(rows, schema=VERSIONS)


def columns(lk: "Lake") -> pa.Table:
    """The columns of `documents` in their order; `step` is 'birth' for those of every row."""
    born = {column.name: column.meaning for column in TABLES["documents"].columns}
    rows = []
    for place, field in enumerate(lk.schema("documents")):
        by = owner(field)
        rows.append(
            {
                "place": place,
                "column_name": field.name,
                "type": str(field.type),
                "step": by.step if by else "birth",
                "step_version": by.version if by else None,
                "meaning": by.meaning if by else born.get(field.name, ""),
            }
        )
    return pa.Table.from_pylist(rows, schema=COLUMNS)


ABOUT: dict[str, Callable[["Lake"], pa.Table]] = {
    "lake_versions": versions,
    "lake_columns": columns,
}
"""How each of them is made, by its name."""
