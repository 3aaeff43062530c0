"""The documents of each group in the order of their hash, and their excerpts as they are needed.

    documents ──where, lang──▶ candidates (name, slot, place, row) ──take──▶ excerpts of each group

A slot is a seed (`parent_id`; a document without one is its own seed) and a turn: the first or a
later document that a group made of it. Slots are ordered by the MD5 of both and the number `seed`,
so groups that were asked the same give their answers to the same questions, whatever else they
hold. Only `per_seed` turns count, or a group would look monotonous because it was asked the same
thing again and again.

Ids and hashes of all candidates are sorted by DuckDB, which spills to disk; texts are fetched for
some hundred documents of each group.
"""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from kormo_ds.diversity.sample import cut
from kormo_ds.diversity.settings import GROUPS, Settings
from kormo_ds.errors import BadInput
from kormo_ds.progress import Advance, silent
from kormo_ds.recorded import numbered
from lake import BadQuery, duck

if TYPE_CHECKING:
    from lake import Lake

_CANDIDATES = """
create temp table candidates as
with chosen as (
    select * from documents where lang = $lang and (
{where}
    )
),

named as (
    select doc_id, {group} as name, coalesce(parent_id, doc_id) as seed
    from chosen {parents}
),

turns as (
    select
        *,
        row_number() over (
            partition by name, seed order by md5(doc_id || $seed), doc_id
        ) as turn
    from named
)

select
    name,
    turn <= $per_seed as counts,
    md5(seed || ' ' || turn || ' ' || $seed) as slot,
    row_number() over (
        partition by name, turn <= $per_seed order by md5(seed || ' ' || turn || ' ' || $seed)
    ) as place,
    numbered.number as row
from turns
join numbered using (doc_id)
"""
_PARENTS = (
    "left join (select doc_id as parent_id, source as parent_source from documents) "
    "using (parent_id)"
)
_ANSWERS = (
    "array_to_string(list_transform(list_filter(messages, lambda turn: turn.role = 'assistant'), "
    "lambda turn: turn.content), chr(10))"
)


@dataclass
class Group:
    """One group: excerpts by slot, in the order of slots, as many as were looked for."""

    name: str
    n_candidates: int
    """Documents that may be in a sample."""
    n_more: int
    """Documents left out, since their seed gave `per_seed` others."""
    n_read: int = 0
    n_short: int = 0
    """Of those read, documents with fewer words than an excerpt."""
    excerpts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """The groups of a lake's documents."""

    groups: list[Group]
    """By name."""
    n_unnamed: int
    """Documents without a value to be grouped by."""
    version: int
    """Of `documents`."""


def find(lk: "Lake", settings: Settings, progress: Advance = silent) -> Found:
    """Read each group until it has as many excerpts as a sample needs, or no more documents.

    As many again are read where there are that many, so that groups have slots in common.

    Raises:
        BadInput: no document is asked for.
        BadQuery: DuckDB refuses `where` or `text`.
        NoTable: the lake has no documents.
    """
    dataset = lk.dataset("documents")
    version = int(dataset.version)
    con = _candidates(lk, settings, version)
    counted = con.sql(
        "select name, count(*) filter (where counts), count(*) filter (where not counts) "
        "from candidates group by name order by name nulls first"
    ).fetchall()
    if not counted:
        raise BadInput(
            f"no document with lang = '{settings.lang}' and {settings.where}; "
            "see: kormo sql stats/documents_by_language"
        )
    groups = [Group(name, n, more) for name, n, more in counted if name is not None]
    n_unnamed = sum(n + more for name, n, more in counted if name is None)
    progress(0, total=len(groups))
    wanted = 2 * settings.n_documents
    for group in groups:
        while group.n_read < group.n_candidates and len(group.excerpts) < settings.n_documents:
            rows = con.execute(
                "select slot, row from candidates where name = $name and counts "
                "and place > $read and place <= $read + $wanted order by place",
                {"name": group.name, "read": group.n_read, "wanted": wanted},
            ).fetchall()
            slots, numbers = zip(*rows, strict=True)
            cuts = cut(_texts(dataset, list(numbers), settings), settings.excerpt).to_pylist()
            group.excerpts |= {s: one for s, one in zip(slots, cuts, strict=True) if one}
            group.n_read += len(rows)
        group.n_short = group.n_read - len(group.excerpts)
        progress(1)
    return Found(groups, n_unnamed, version)


def _candidates(lk: "Lake", settings: Settings, version: int) -> duckdb.DuckDBPyConnection:
    """A connection with the table `candidates`."""
    asked = f"select * from documents where (\n{settings.where}\n)"
    duck.check_select(asked)
    con = duck.connect(lk, at=version, mentioned=asked)
    con.register("numbered", numbered(lk.dataset("documents", at=version)))
    group = GROUPS[settings.group]
    parents = _PARENTS if group == "parent_source" else ""
    text = _CANDIDATES.format(where=settings.where, group=group, parents=parents)
    values = {"lang": settings.lang, "per_seed": settings.per_seed, "seed": settings.seed}
    try:
        con.execute(text, values)
    except duckdb.Error as error:
        raise BadQuery(f"where={settings.where}: {duck.first_line(error)}") from error
    return con


def _texts(dataset: Any, rows: list[int], settings: Settings) -> pa.Array:
    """What is measured of some rows, string [n]."""
    there = dataset.schema.names
    sql = settings.text or (
        f"coalesce(nullif({_ANSWERS}, ''), {'text_clean, ' if 'text_clean' in there else ''}text)"
    )
    needed = [name for name in there if re.search(rf"\b{re.escape(name)}\b", sql)] or ["doc_id"]
    with duckdb.connect() as con:
        con.register("documents", dataset.take(rows, columns=needed))
        try:
            found = con.sql(f"select ({sql})::varchar as text from documents").to_arrow_table()
        except duckdb.Error as error:
            raise BadQuery(f"text={sql}: {duck.first_line(error)}") from error
    return found["text"].combine_chunks()
