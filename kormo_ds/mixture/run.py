"""Run a mixture query and record what it selected.

The row in `mixtures` is written last and is what makes a mixture exist. What an interrupted run
leaves before that (rows, totals, a tag) is seen by no one and cleared by the next run of that name.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

import lake
from kormo_ds.errors import BadInput
from kormo_ds.mixture import contract, modes, overlap, selection, voices
from kormo_ds.progress import Advance, silent
from kormo_ds.recorded import Mixture, mixtures

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_TOKENS = "n_tokens_"


@dataclass(frozen=True)
class Run:
    """What `run` did."""

    mixture: Mixture
    is_new: bool
    """False where the same query on the same documents had been recorded already."""


def run(
    lk: lake.Lake, query: lake.Query, given: Mapping[str, Any], advance: Advance = silent
) -> Run:
    """Ask `query` of the newest `documents` and record the answer as its next version.

    Args:
        lk: the lake; its writer lock is held until the mixture is recorded.
        query: from a file whose stem is the mixture's name.
        given: values for parameters, as text or typed.
        advance: told of each document that is written.

    Raises:
        BadInput: a file name that cannot be a mixture's name.
        BadQuery: an unknown or missing parameter, or SQL that DuckDB refuses.
        BadContract: the query breaks the contract of mixtures, selects documents that share text
            with evaluation sets without saying why, takes most of its synthetic Korean from one
            synthesizer without naming it, or is conversations of which some reason and others do
            not say that they do not.
        NoTable: the lake has no documents.
        LakeLocked: another process is writing.
    """
    if not _NAME.fullmatch(query.name):
        raise BadInput(
            f"'{query.name}' cannot be a mixture's name; call its file by letters, digits, - and _"
        )
    parameters = json.dumps(query.values(given), sort_keys=True, ensure_ascii=False, default=str)
    with lk.lock(f"mixture run {query.name}"):
        at = int(lk.dataset("documents").version)
        text = selection.script(lk, query, at)
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        versions = [m for m in mixtures(lk) if m.mixture == query.name]
        for m in versions:
            if (m.sql_sha256, m.parameters, m.documents_version) == (sha256, parameters, at):
                return Run(m, is_new=False)

        version = max((m.version for m in versions), default=0) + 1
        con = selection.select(lk, text, query.name, parameters, at)
        overlap.check(con, query.sql, query.name)
        modes.check(con, query.sql, query.name)
        tokenizer = _tokenizer(lk, at, json.loads(parameters))
        totals = _totals(con, tokenizer)
        voices.check(totals, query.name, version, parameters)
        tag = f"mixture-{query.name}-{version}"
        _clear(lk, query.name, version, tag)
        lk.tag(tag, "documents", at)
        digest = _write(lk, f"mixtures/{query.name}@{version}", con, advance)
        mixture = Mixture(
            mixture=query.name,
            version=version,
            sql_sha256=sha256,
            sql=text,
            parameters=parameters,
            documents_version=at,
            tag=tag,
            created_at=datetime.now(UTC).replace(tzinfo=None),
            n_documents=pc.sum(totals["n_documents"]).as_py(),
            n_bytes=_whole(totals["n_bytes"]),
            n_tokens=_whole(totals["n_tokens"]),
            tokenizer=tokenizer,
            digest=digest,
        )
        lk.append("mixture_totals", voices.of_mixture(totals, query.name, version))
        lk.append("mixtures", pa.Table.from_pylist([vars(mixture)], lk.schema("mixtures")))
        return Run(mixture, is_new=True)


def _clear(lk: lake.Lake, name: str, version: int, tag: str) -> None:
    """Remove what a killed run left of a version that was never recorded."""
    if tag in lk.tags("documents"):
        lk.untag(tag, "documents")
    if lk.exists("mixture_totals"):
        left = f"mixture = '{name}' and version = {version}"
        totals = lk.dataset("mixture_totals")
        if totals.count_rows(left):
            totals.delete(left)


def _write(lk: lake.Lake, table: str, con: duckdb.DuckDBPyConnection, advance: Advance) -> str:
    """Write the rows of `selection` in order; returns their digest."""
    digest = selection.Digest()
    advance(0, total=con.execute("select count(*) from selection").fetchall()[0][0])

    def counted() -> Iterator[pa.RecordBatch]:
        for batch in selection.rows(con):
            digest.update(batch)
            yield batch
            advance(batch.num_rows)

    lk.write(table, pa.RecordBatchReader.from_batches(contract.SCHEMA, counted()))
    return digest.hexdigest()


def _tokenizer(lk: lake.Lake, at: int, parameters: Mapping[str, Any]) -> str | None:
    """Whose tokens are counted: the parameter `tokenizer`, else the tokenizer counted last."""
    names = [n for n in lk.dataset("documents", at).schema.names if n.startswith(_TOKENS)]
    known = [name.removeprefix(_TOKENS) for name in names]
    chosen = parameters.get("tokenizer")
    return chosen if chosen in known else known[-1] if known else None


def _totals(con: duckdb.DuckDBPyConnection, tokenizer: str | None) -> pa.Table:
    """Documents, bytes and tokens by what they are; NULL where a document was not measured."""
    measured = con.table("documents").columns
    n_bytes = "n_bytes" if "n_bytes" in measured else "null::bigint"
    n_tokens = f'"{_TOKENS}{tokenizer}"' if tokenizer else "null::bigint"
    return con.sql(f"""
        with facts as (
            select
                component, lang, source, origin, synthesizer, repeats,
                {n_bytes} as n_bytes,
                {n_tokens} as n_tokens
            from selection
            join documents using (doc_id)
        )

        select
            component, lang, source, origin, synthesizer,
            count(*) as n_documents,
            if(count(n_bytes) = count(*), sum(n_bytes), null)::bigint as n_bytes,
            if(count(n_tokens) = count(*), sum(n_tokens), null)::bigint as n_tokens,
            if(count(n_bytes) = count(*), round(sum(n_bytes * repeats)), null)::bigint
                as n_repeated_bytes,
            if(count(n_tokens) = count(*), round(sum(n_tokens * repeats)), null)::bigint
                as n_repeated_tokens
        from facts
        group by component, lang, source, origin, synthesizer
        order by component, lang, source, origin, synthesizer
    """).to_arrow_table()


def _whole(column: pa.ChunkedArray) -> int | None:
    """The sum, or None where a part is not known."""
    return None if column.null_count else pc.sum(column).as_py()
