"""Documents that belong together: parents and children, and duplicates of each other.

A family is climbed to its oldest known member and then listed downwards, a level a question. Each
question is a scan of one id column that reads no more of other documents; one recursive query
would join whole documents.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kormo_ds.dashboard.ask import Asker
from lake import Lake

LEVELS = 8
"""Levels upwards that are followed."""
MOST = 200
"""Members, or duplicates of one keeper, that are listed."""
NAMES = ("lang", "source", "origin", "kind", "synthesizer", "prompt_style")


@dataclass(frozen=True)
class Member:
    """One document of a family."""

    doc_id: str
    level: int
    """0 for the oldest, 1 for its children, …"""
    names: str = ""
    """Language, source, origin, …, of those that it has."""
    is_there: bool = True
    """False where a document names it as its parent and the lake has no such document."""


@dataclass
class Family:
    """A document's ancestors, itself, and all that was made from any of them."""

    members: list[Member] = field(default_factory=list)
    """Each parent before its children."""
    is_cut: bool = False
    """There are more members or levels than are listed."""
    is_cycle: bool = False
    """A document is its own ancestor."""


@dataclass(frozen=True)
class Duplicates:
    """What one step found to be alike."""

    column: str
    keeper: str | None
    """The document that is kept instead, '' where this one is; None where nobody looked yet."""
    others: tuple[str, ...] = ()
    """Further documents whose keeper is the same, or is this one."""
    is_cut: bool = False
    """There are more than `MOST`."""


def family(asker: Asker, doc_id: str) -> Family:
    """The family of a document, through `parent_id`.

    Raises:
        LakeError: the lake has no documents, or asking took too long.
    """
    found = Family()
    rows: dict[str, dict[str, Any]] = {}
    root = _climb(asker, doc_id, rows, found)
    children: dict[str, list[str]] = {}
    reached, level = {root}, [root]
    while level:
        below = [row for row in _asked(asker, "parent_id", level) if row["doc_id"] not in reached]
        found.is_cut |= len(below) > MOST - len(reached)
        level = []
        for row in below[: MOST - len(reached)]:
            reached.add(row["doc_id"])
            rows[row["doc_id"]] = row
            children.setdefault(row["parent_id"], []).append(row["doc_id"])
            level.append(row["doc_id"])
    _list(root, 0, rows, children, found.members)
    return found


def duplicates(lk: Lake, asker: Asker, row: Mapping[str, Any]) -> list[Duplicates]:
    """What each step that wrote a column `*_dup_of` found of a document.

    Args:
        lk: the lake.
        asker: who asks it.
        row: the document's columns.

    Raises:
        LakeError: asking took too long.
    """
    found = []
    for column in dup_columns(lk):
        keeper = row.get(column)
        if keeper is None:
            found.append(Duplicates(column, None))
            continue
        quoted = column.replace('"', '""')
        answer = asker.ask(
            f'select doc_id from documents where "{quoted}" = $keeper and doc_id <> $doc '
            f"order by doc_id limit {MOST + 1}",
            {"keeper": keeper or row["doc_id"], "doc": row["doc_id"]},
        )
        others = answer.table.column(0).to_pylist()
        found.append(Duplicates(column, keeper, tuple(others[:MOST]), len(others) > MOST))
    return found


def dup_columns(lk: Lake) -> list[str]:
    """Columns that name a document's keeper, in their order."""
    return [name for name in lk.schema("documents").names if name.endswith("_dup_of")]


def _climb(asker: Asker, doc_id: str, rows: dict[str, dict[str, Any]], found: Family) -> str:
    """The oldest known ancestor; `rows` gets the document and what is between."""
    above = doc_id
    for _ in range(LEVELS + 1):
        row = next(iter(_asked(asker, "doc_id", [above])), None)
        if row is None:
            return above
        rows[above] = row
        if not row["parent_id"]:
            return above
        if row["parent_id"] in rows:
            found.is_cycle = True
            return above
        above = row["parent_id"]
    found.is_cut = True
    return next(reversed(rows))


def _asked(asker: Asker, column: str, ids: list[str]) -> list[dict[str, Any]]:
    """Documents whose id, or parent, is one of `ids`; the lake's scan looks for those alone."""
    values = {f"id{i}": one for i, one in enumerate(ids)}
    text = (
        f"select doc_id, parent_id, {', '.join(NAMES)} from documents "
        f"where {column} in ({', '.join(f'${name}' for name in values)}) "
        f"order by doc_id limit {MOST + 1}"
    )
    rows: list[dict[str, Any]] = asker.ask(text, values).table.to_pylist()
    return rows


def _list(
    doc_id: str,
    level: int,
    rows: Mapping[str, dict[str, Any]],
    children: Mapping[str, list[str]],
    members: list[Member],
) -> None:
    row = rows.get(doc_id)
    names = " · ".join(row[name] for name in NAMES if row[name]) if row else ""
    members.append(Member(doc_id, level, names, row is not None))
    for child in children.get(doc_id, ()):
        _list(child, level + 1, rows, children, members)
