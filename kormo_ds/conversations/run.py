"""Variants of the lake's conversations as documents of the same lake, one chunk a commit.

The chosen documents are found in the version that the lake has at the start, 8 bytes each, and read
a few hundred at a time in the order of their rows. A killed run keeps its commits; the same command
adds the rest, since a variant that is there is known by its `doc_id`.
"""

import json
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

import lake
from kormo_ds.conversations import toggle
from kormo_ds.conversations.settings import Settings
from kormo_ds.conversations.variant import READS, Variants
from kormo_ds.documents import conversation
from kormo_ds.documents.chunk import Chunks
from kormo_ds.errors import BadInput
from kormo_ds.progress import Advance, silent
from kormo_ds.recorded import numbered, prompts
from lake import duck

CHUNK_ROWS, CHUNK_BYTES = 20_000, 64 << 20
_ROWS = 256


@dataclass
class Made:
    """What was made of the chosen documents."""

    n_chosen: int = 0
    """Documents chosen = those in `skipped` + n_conversations."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Documents that can have no variant, by reason (`variant.REASONS`)."""
    n_conversations: int = 0
    n_reasoning: int = 0
    """Of these, with reasoning in the last answer: what a think variant needs."""
    drawn: Counter[str] = field(default_factory=Counter)
    """Variants by style; those drawn = added + present before."""
    added: Counter[str] = field(default_factory=Counter)
    """Variants that are new, by style."""
    by_lang: Counter[str] = field(default_factory=Counter)
    """Variants that are new, by language."""

    @property
    def n_present(self) -> int:
        """Variants that the lake had already."""
        return self.drawn.total() - self.added.total()


def make(
    lk: lake.Lake,
    settings: Settings,
    query: lake.Query | None = None,
    values: Mapping[str, Any] | None = None,
    progress: Advance = silent,
    dry_run: bool = False,
) -> Made:
    """Write the variants of conversations that are chosen.

    Args:
        lk: the lake.
        settings: shares, seed, toggles, and the condition that chooses.
        query: chooses in place of the condition: its column `doc_id`.
        values: of the query's parameters.
        progress: told of documents read, and their total at the start.
        dry_run: count everything, write nothing.

    Raises:
        BadInput: the query returns no `doc_id`, or one that is not in the lake; a bad toggle.
        BadConfig: a toggle was changed under a version that the lake has variants of.
        BadQuery: DuckDB refuses the condition or query.
        LakeLocked: another process is writing.
    """
    toggles = toggle.library(settings.toggles)
    variants = Variants(settings, toggles)
    started, done = datetime.now(UTC), Made()
    ingest_run = f"{started:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    with nullcontext() if dry_run else lk.lock("sft variants"):
        if not dry_run:
            for one in toggles.values():
                prompts.keep(lk, one.name, one.file)
        version = lk.version()
        chosen = query or _condition(settings.where)
        rows = _rows(lk, chosen, values or {}, version)
        progress(0, total=len(rows))
        chunks = Chunks(lk, ingest_run, dry_run)
        for parent in _read(lk, rows, version):
            _offer(parent, variants, chunks, done)
            progress(1)
            if chunks.full(CHUNK_ROWS, CHUNK_BYTES):
                _commit(chunks, done)
        _commit(chunks, done)
        if not dry_run:
            lk.append("ingests", _ingests_row(ingest_run, settings, chosen, started, done))
    return done


def _condition(where: str) -> lake.Query:
    """The query of all conversations that satisfy a condition."""
    text = f"and (\n{where}\n)" if where.strip() else ""
    sql = f"-- Conversations.\nselect doc_id from documents where messages is not null {text}"
    return lake.Query.parse(sql, "where")


def _rows(lk: lake.Lake, query: lake.Query, values: Mapping[str, Any], version: int) -> np.ndarray:
    """The rows of the chosen documents in `documents`, int64, ascending, each once."""
    con = duck.connect(lk, at=version, mentioned=f"documents {query.sql}")
    relation = query.run(con, values)
    if "doc_id" not in relation.columns:
        raise BadInput(f"query {query.name} returns no doc_id, only {', '.join(relation.columns)}")
    relation.select("doc_id").distinct().create("chosen")
    con.register("held", numbered(lk.dataset(at=version)))
    con.execute(
        "create table rows as select doc_id, number from chosen left join held using (doc_id)"
    )
    lost = con.execute("select doc_id from rows where number is null order by 1").fetchone()
    if lost is not None:
        raise BadInput(f"query {query.name} returns '{lost[0]}', which is no document of the lake")
    found = con.execute("select number from rows order by number").fetchnumpy()["number"]
    return np.asarray(found, dtype=np.int64)


def _read(lk: lake.Lake, rows: np.ndarray, version: int) -> Iterator[Mapping[str, Any]]:
    documents = lk.dataset(at=version)
    for first in range(0, len(rows), _ROWS):
        yield from documents.take(rows[first : first + _ROWS], columns=list(READS)).to_pylist()


def _offer(parent: Mapping[str, Any], variants: Variants, chunks: Chunks, done: Made) -> None:
    done.n_chosen += 1
    fault = variants.fault(parent)
    if fault is not None:
        done.skipped[fault] += 1
        return
    done.n_conversations += 1
    done.n_reasoning += conversation.reasons(parent["messages"])
    for document in variants(parent):
        done.drawn[str(document.prompt_style)] += 1
        chunks.add(document)


def _commit(chunks: Chunks, done: Made) -> None:
    added, _ = chunks.commit()
    done.added.update(str(document.prompt_style) for document in added)
    done.by_lang.update(document.lang for document in added)


def _ingests_row(
    ingest_run: str, settings: Settings, query: lake.Query, started: datetime, done: Made
) -> pa.Table:
    options = {**asdict(settings), "query": query.sql}
    row = {
        "ingest_run": ingest_run,
        "started_at": started.replace(tzinfo=None),
        "finished_at": datetime.now(UTC).replace(tzinfo=None),
        "inputs": json.dumps(["sft variants"]),
        "options": json.dumps(options, ensure_ascii=False),
        "n_read": done.drawn.total(),
        "n_added": done.added.total(),
        "n_present": done.n_present,
        "n_rejected": 0,
    }
    return pa.Table.from_pylist([row])
