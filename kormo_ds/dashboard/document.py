"""What is known of one document, and how documents are found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import lake
from kormo_ds.dashboard import missing
from kormo_ds.dashboard.ask import CONSOLE, Answer, Asker
from lake import condition

FOUND = 50
"""Documents that a condition shows."""
TEXTS = ("text", "text_clean", "messages")
"""Columns that are shown by themselves, not among the others."""


@dataclass(frozen=True)
class Value:
    """One column of a document."""

    column: str
    value: Any
    step: str
    """'step@version' that wrote it, 'birth' where every row is born with it."""
    meaning: str
    command: str | None
    """What computes it, where it is not computed yet."""


def found(asker: Asker, asked: str) -> Answer:
    """The first documents that satisfy a condition over `documents`.

    Raises:
        BadQuery: not one condition, or DuckDB refuses it.
    """
    condition.check(asked)
    return asker.ask(
        "select doc_id, lang, source, source_id, left(text, 200) as text from documents "
        f"where (\n{asked}\n) order by doc_id limit {FOUND}",
        limits=CONSOLE,
    )


def read(asker: Asker, doc_id: str) -> dict[str, Any] | None:
    """All columns of a document, None where there is none of that id."""
    rows = asker.ask("select * from documents where doc_id = $doc_id", {"doc_id": doc_id})
    return rows.table.to_pylist()[0] if rows.table.num_rows else None


def final(asker: Asker, doc_id: str) -> str | None:
    """The text that is trained on."""
    asked = "select final_text from final_text where doc_id = $doc_id"
    rows = asker.ask(asked, {"doc_id": doc_id}).table.to_pylist()
    return rows[0]["final_text"] if rows else None


def values(lk: lake.Lake, asker: Asker, row: Mapping[str, Any]) -> Iterator[Value]:
    """Each column of a document but its texts, in the table's order."""
    columns = asker.ask("select * from lake_columns order by place").table.to_pylist()
    for about in columns:
        name = about["column_name"]
        if name in TEXTS:
            continue
        is_born = about["step"] == "birth"
        step = about["step"] if is_born else f"{about['step']}@{about['step_version']}"
        lacks = row.get(name) is None and not is_born
        command = missing.command_of(name, lk) if lacks else None
        yield Value(name, row.get(name), step, about["meaning"] or "", command)
