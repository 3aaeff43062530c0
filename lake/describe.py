"""What is in a table: each column with its type, who wrote it, how much of it is there."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lake.provenance import owner
from lake.tables import TABLES

if TYPE_CHECKING:
    from lake.lake import Lake


@dataclass(frozen=True)
class ColumnFacts:
    """One column of a table."""

    name: str
    type: str
    owner: str
    """'step@version', or 'birth' for the columns a row is born with."""
    n_rows: int
    """Rows that have a value."""
    meaning: str


def describe(lk: "Lake", name: str = "documents", at: int | str | None = None) -> list[ColumnFacts]:
    """The columns of a table in their order; scans every column's validity once."""
    dataset = lk.dataset(name, at)
    born = (
        {column.name: column.meaning for column in TABLES[name].columns} if name in TABLES else {}
    )
    facts = []
    for field in dataset.schema:
        by = owner(field)
        n = dataset.count_rows(filter=f"`{field.name}` is not null")
        meaning = by.meaning if by else born.get(field.name, "")
        facts.append(ColumnFacts(field.name, str(field.type), str(by or "birth"), n, meaning))
    return facts
