"""Files into `documents`, one chunk a commit, with everything counted.

    for each source, for each file, for each row:
        reader → mapping → Chunks.add | Chunks.reject → (full) → one commit

Order of input is order of rows. Memory does not grow with the input but for 8 bytes a document of
the lake (`known`). n_read = n_added + n_present + n_rejected holds for every ingest.
"""

import errno
import json
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

import lake
from kormo_ds.documents.chunk import Chunks
from kormo_ds.documents.document import Reject, excerpt
from kormo_ds.errors import BadInput
from kormo_ds.ingest import formats
from kormo_ds.ingest.mapping import ToDocument
from kormo_ds.ingest.packages import fetch
from kormo_ds.ingest.patterns import Selection
from kormo_ds.ingest.reading import File, Reading
from kormo_ds.ingest.rows import Row
from kormo_ds.ingest.source import Source, given
from kormo_ds.progress import Advance, silent


@dataclass
class Ingested:
    """What an ingest did."""

    ingest_run: str
    n_read: int = 0
    """Rows read, those that could not be used among them."""
    n_added: int = 0
    """Documents that are new."""
    n_present: int = 0
    """Rows whose document the lake, or an earlier row, had already."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Rows that could not be used, by reason."""
    by_lang: Counter[str] = field(default_factory=Counter)
    """New documents by language."""
    n_bytes: int = 0
    """UTF-8 bytes of the new documents' text."""
    n_left_out: int = 0
    """Files and archive members that were not chosen, or are of a kind that cannot be read."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Records of WARC archives that are no answers of a server (requests, …), by their type."""
    examples: dict[str, str] = field(default_factory=dict)
    """The first reject of each reason: place and detail."""

    @property
    def n_rejected(self) -> int:
        """Rows that could not be used."""
        return self.rejected.total()


def ingest(
    lk: lake.Lake | None,
    sources: Sequence[Source],
    progress: Advance = silent,
    dry_run: bool = False,
) -> Ingested:
    """Read all files of `sources`, in order, into the lake's `documents` and `rejects`.

    Args:
        lk: the lake; None only in a dry run, for a lake that does not exist.
        sources: what to read; packages are downloaded first where they are missing.
        progress: told the bytes read from disk, and their total at the start.
        dry_run: read, check and count everything, write nothing.

    Raises:
        BadInput: a path that does not exist or holds nothing to read.
        LakeLocked: another process is writing.
    """
    selections = [Selection(s.root, s.include, s.exclude) for s in sources]
    found = [formats.find(_where(s), chosen) for s, chosen in zip(sources, selections, strict=True)]
    progress(0, total=sum(file.size for files in found for file in files))
    started = datetime.now(UTC)
    done = Ingested(f"{started:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}")
    written = None if dry_run else lk
    names = ", ".join(dict.fromkeys(s.source or str(s) for s in sources))
    with nullcontext() if written is None else written.lock(f"ingest {names}"):
        chunks = Chunks(lk, done.ingest_run, dry_run)
        for source, files, selection in zip(sources, found, selections, strict=True):
            _ingest_source(source, files, selection, chunks, done, progress)
        if written is not None:
            written.append("ingests", _ingests_row(done, sources, started))
    return done


def _where(source: Source) -> Path:
    if source.package:
        return fetch(source.package, Path(source.downloads))
    return Path(source.path)


def _ingest_source(
    source: Source,
    files: list[File],
    selection: Selection,
    chunks: Chunks,
    done: Ingested,
    progress: Advance,
) -> None:
    to_document = ToDocument(source)
    reading = Reading(selection, source.max_chars, to_document.reads, progress)
    before = done.n_read
    for row in _rows(files, reading):
        done.n_read += 1
        result = to_document(row) if isinstance(row, Row) else row
        if isinstance(result, Reject):
            chunks.reject(source.source, result)
            done.rejected[result.reason] += 1
            place = f"{result.file}:{result.line}" if result.line else result.file
            done.examples.setdefault(result.reason, excerpt(f"{place}: {result.detail}"))
        elif not chunks.add(result):
            done.n_present += 1
        if chunks.full(source.chunk_rows, source.chunk_bytes):
            _commit(chunks, done)
    _commit(chunks, done)
    done.n_left_out += selection.n_left_out
    done.skipped.update(selection.skipped)
    if done.n_read == before:
        why = formats.nothing(selection.n_left_out, selection.skipped)
        raise BadInput(f"nothing to read in {source}: {why}")


def _rows(files: list[File], reading: Reading) -> Iterator[Row | Reject]:
    for file in files:
        read = formats.reader(file.path)
        assert read is not None  # `formats.find` gives out readable kinds only
        try:
            yield from read(file, reading)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):  # of the temporary folder
                raise
            shown = excerpt(error.strerror or str(error))
            yield Reject(str(file.path), file.name, 0, "unreadable_file", shown)


def _commit(chunks: Chunks, done: Ingested) -> None:
    added, n_present = chunks.commit()
    done.n_added += len(added)
    done.n_present += n_present
    done.n_bytes += sum(len(document.text) for document in added)
    done.by_lang.update(document.lang for document in added)


def _ingests_row(done: Ingested, sources: Sequence[Source], started: datetime) -> pa.Table:
    row = {
        "ingest_run": done.ingest_run,
        "started_at": started.replace(tzinfo=None),
        "finished_at": datetime.now(UTC).replace(tzinfo=None),
        "inputs": json.dumps([str(source) for source in sources], ensure_ascii=False),
        "options": json.dumps([given(source) for source in sources], ensure_ascii=False),
        "n_read": done.n_read,
        "n_added": done.n_added,
        "n_present": done.n_present,
        "n_rejected": done.n_rejected,
    }
    return pa.Table.from_pylist([row])
