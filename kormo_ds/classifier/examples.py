"""Which documents a model is trained on: two queries, one language, no overlap, balanced, split.

Everything is decided by DuckDB on ids, and by md5, so the same lake and settings give the same
examples in the same order. Documents made from another one follow it into the held-out part, as
in the view `document_split`. Texts are read afterwards, a few hundred at a time. Costs one scan
of `doc_id`, `parent_id` and the language, and some 100 bytes for each document that a query names.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from kormo_ds.classifier.settings import Settings
from kormo_ds.errors import BadInput
from kormo_ds.recorded import find, numbered
from lake import duck

if TYPE_CHECKING:
    import lance

    from lake import Lake

ROWS = 512
"""Documents read at a time."""
_MIXTURE = re.compile(r"[\w.-]+(@\d+)?")
_CLASSES = ("positives", "negatives")


@dataclass(frozen=True)
class Examples:
    """Documents of both classes, mixed."""

    doc_ids: pa.Array
    rows: np.ndarray
    """int64: the row of each in its version of `documents`."""
    positive: np.ndarray
    """bool."""
    held_out: np.ndarray
    """bool."""
    queries: dict[str, str]
    """`positives` and `negatives` as they were asked, a mixture with its version."""
    counts: dict[str, int]
    """How many documents were asked for, left out, and why."""


def choose(lk: "Lake", version: int, settings: Settings) -> Examples:
    """The examples for a model, from a version of `documents`.

    Raises:
        BadInput: a query without a column doc_id, documents in both classes, too few of one.
        UnknownName: a mixture that is not recorded.
        BadQuery: SQL that DuckDB refuses, or anything but one `select`.
    """
    queries = {name: _sql(lk, getattr(settings, name)) for name in _CLASSES}
    mentioned = "\n".join(["documents", *queries.values()])
    for sql in queries.values():
        duck.check_select(sql)
    con = duck.connect(lk, at=version, mentioned=mentioned)
    for name, sql in queries.items():
        _ask(con, name, sql)
    con.register("rows", numbered(lk.dataset(at=version), _columns(settings)))
    con.execute(
        f"""
        create temp table found as
        select doc_id, coalesce(parent_id, doc_id) as kin, {settings.lang_column} as lang, number,
            doc_id in (from positives) as positive, doc_id in (from negatives) as negative
        from rows
        where doc_id in (from positives union from negatives)
        """
    )
    counts = _counts(con, settings)
    if counts["n_both"] and settings.overlap == "refuse":
        raise BadInput(_overlap(con, counts["n_both"]))
    n = {key: counts[f"n_{key}_usable"] for key in _CLASSES}
    for key in _CLASSES:
        if n[key] < settings.min_documents:
            raise BadInput(
                f"{key}: {n[key]:,} {settings.lang} documents, fewer than "
                f"min_documents={settings.min_documents:,}; widen the query, or lower it (the "
                f"query names {counts[f'n_{key}_asked']:,} documents)"
            )
    most = min([settings.per_class, *(n.values() if settings.balance else ())])
    chosen: pa.Table = con.sql(
        """
        select doc_id, number, positive, md5(kin) < $held_out as held_out
        from found
        where lang = $lang and positive <> negative
        qualify row_number() over (partition by positive order by md5(doc_id || $seed)) <= $most
        order by md5(doc_id || $seed), doc_id
        """,
        params={
            "lang": settings.lang,
            "seed": str(settings.seed),
            "most": most,
            "held_out": f"{int(settings.held_out * 16**12):012x}",
        },
    ).to_arrow_table()
    positive, held_out = (chosen[name].to_numpy() for name in ("positive", "held_out"))
    for key, truth in zip(_CLASSES, (True, False), strict=True):
        counts[f"n_{key}_train"] = int(((positive == truth) & ~held_out).sum())
        counts[f"n_{key}_held_out"] = int(((positive == truth) & held_out).sum())
        for part in ("train", "held_out"):
            if not counts[f"n_{key}_{part}"]:
                raise BadInput(
                    f"held_out={settings.held_out} leaves no document of the {key} for "
                    f"{part.replace('_', '-')}; choose another share, or more documents"
                )
    ids = chosen["doc_id"].combine_chunks()
    return Examples(ids, chosen["number"].to_numpy(), positive, held_out, queries, counts)


def sample(lk: "Lake", version: int, settings: Settings) -> np.ndarray:
    """Rows of documents of the language, ascending: all, or those first by md5 of their id."""
    con = duckdb.connect()
    con.register("rows", numbered(lk.dataset(at=version), _columns(settings)))
    limit = f"limit {settings.edge_documents}" if settings.edge_documents else ""
    found: pa.Table = con.sql(
        f"select number from rows where {settings.lang_column} = $lang "
        f"order by md5(doc_id), doc_id {limit}",
        params={"lang": settings.lang},
    ).to_arrow_table()
    return np.sort(found["number"].to_numpy())


def texts(dataset: "lance.LanceDataset", rows: np.ndarray) -> Iterator[pa.Array]:
    """`text_clean` of these rows in their order, some hundred at a time.

    Raises:
        BadInput: a document has none yet.
    """
    if "text_clean" not in dataset.schema.names:
        raise BadInput("documents have no text_clean yet; write it with: kormo step run clean")
    for start in range(0, len(rows), ROWS):
        found = dataset.take(rows[start : start + ROWS], columns=["text_clean"])["text_clean"]
        if found.null_count:
            raise BadInput(
                "documents came that have no text_clean yet; write it with: kormo step run clean"
            )
        yield found.combine_chunks()


def _sql(lk: "Lake", query: str) -> str:
    """The query as SQL; a mixture is read in the version that it names, or in its newest."""
    if _MIXTURE.fullmatch(query):
        return f'select doc_id from mixtures."{find(lk, query).name}"'
    return query.strip().rstrip(";")


def _ask(con: duckdb.DuckDBPyConnection, name: str, sql: str) -> None:
    """Make the table `name` of the ids that a query returns."""
    from lake import BadQuery

    try:
        relation = con.sql(sql)
        if "doc_id" not in relation.columns:
            raise BadInput(f"{name} return {', '.join(relation.columns)}; select doc_id")
        relation.project("doc_id").distinct().create(name)
    except duckdb.Error as error:
        raise BadQuery(f"{name}: {duck.first_line(error)}") from error


def _columns(settings: Settings) -> list[str]:
    return ["doc_id", "parent_id", settings.lang_column]


def _counts(con: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, int]:
    """How many documents each class asks for and cannot have."""
    lang = {"lang": settings.lang}
    is_ours = "coalesce(lang = $lang, false)"
    row = con.execute(
        f"select count(*) filter (where positive and negative and {is_ours}) from found", lang
    ).fetchall()
    counts = {"n_both": row[0][0]}
    for name, own in zip(_CLASSES, ("positive", "negative"), strict=True):
        asked, there, other, usable = con.execute(
            f"""
            select
                (select count(*) from {name}),
                count(*) filter (where {own}),
                count(*) filter (where {own} and not {is_ours}),
                count(*) filter (where {own} and {is_ours} and positive <> negative)
            from found
            """,
            lang,
        ).fetchall()[0]
        counts |= {
            f"n_{name}_asked": asked,
            f"n_{name}_unknown": asked - there,
            f"n_{name}_other_language": other,
            f"n_{name}_usable": usable,
        }
    return counts


def _overlap(con: duckdb.DuckDBPyConnection, n: int) -> str:
    first = con.execute("select min(doc_id) from found where positive and negative").fetchall()
    return (
        f"{n:,} documents are in both classes, first '{first[0][0]}'; take them out of one query "
        "(… where doc_id not in (select …)), or leave them out of both with overlap=drop"
    )
