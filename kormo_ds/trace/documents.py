"""What the lake knew of documents when the mixture was recorded that rows were packed from."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from kormo_ds.errors import unknown
from kormo_ds.sequences import Sequences

if TYPE_CHECKING:
    from lake import Lake


def columns(lk: "Lake", rows: Sequences) -> list[str]:
    """The columns that documents had then."""
    names: list[str] = lk.dataset("documents", at=rows.facts["documents_version"]).schema.names
    return names


def known(
    lk: "Lake", rows: Sequences, doc_ids: Iterable[str], wanted: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """The columns `wanted` of documents by doc_id; costs a scan for the ids.

    Raises:
        UnknownName: a column that documents did not have then.
    """
    dataset = lk.dataset("documents", at=rows.facts["documents_version"])
    for column in wanted:
        if column not in dataset.schema.names:
            raise unknown("column", column, dataset.schema.names)
    chosen = pc.field("doc_id").isin(sorted(set(doc_ids)))
    table = dataset.to_table(columns=list(dict.fromkeys(["doc_id", *wanted])), filter=chosen)
    return {row["doc_id"]: row for row in table.to_pylist()}
