"""Two passes: every piece is asked for, then answers become documents, a chunk a commit.

    chosen ──▶ requests ──ask──▶ generations ──answered──▶ documents, rejects

Both passes follow from the lake alone, so a killed command goes on where it was: answers that are
there are not asked for again, and documents know themselves. Memory: 5,000 requests and answers,
with the documents that they belong to, and one chunk.
"""

import json
import secrets
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

import pyarrow as pa

import lake
from kormo_ds.documents.chunk import Chunks
from kormo_ds.documents.document import Document
from kormo_ds.generate.answers import Answer, answered
from kormo_ds.generate.endpoint import Endpoint
from kormo_ds.generate.request import Request, Work
from kormo_ds.generate.translate.chosen import Chosen, Parent
from kormo_ds.generate.translate.settings import Settings
from kormo_ds.generate.translate.work import How, document, requests
from kormo_ds.progress import Advance, silent
from kormo_ds.recorded import prompts

CHUNK_ROWS, CHUNK_BYTES = 2_000, 64 << 20


@dataclass
class Translated:
    """What a translation brought into the lake."""

    ingest_run: str
    n_read: int = 0
    """Documents that were to be translated."""
    n_added: int = 0
    n_present: int = 0
    """Translations that the lake had already."""
    n_waiting: int = 0
    """Documents that lack an answer yet; the same command asks for it again."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Documents that have all answers and no translation, by reason."""
    examples: dict[str, str] = field(default_factory=dict)
    """The first of each reason: document and detail."""


def work(chosen: Chosen, how: How, endpoint: str) -> Work:
    """The requests of all chosen documents, for `ask` and `estimate`."""
    return {endpoint: lambda: (one for parent in chosen for one in requests(parent, how))}


def finish(
    lk: lake.Lake, chosen: Chosen, how: How, endpoint: Endpoint, progress: Advance = silent
) -> Translated:
    """Write the documents that the lake's answers make.

    Args:
        lk: the lake.
        chosen: the documents that were asked for.
        how: how they were.
        endpoint: who was asked.
        progress: told of documents done.

    Raises:
        BadConfig: the lake has another prompt under the same name and version.
        LakeLocked: another process is writing.
    """
    started = datetime.now(UTC)
    done = Translated(f"translate-{started:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}")
    with lk.lock(f"translate into {how.settings.to}"):
        prompts.keep(lk, how.prompt.name, how.prompt.text)
        chunks = Chunks(lk, done.ingest_run, dry_run=False)
        for parent, answers in of_documents(lk, chosen, how, endpoint):
            _take(parent, answers, how, chunks, done)
            if chunks.full(CHUNK_ROWS, CHUNK_BYTES):
                _commit(chunks, done)
            progress(1)
        _commit(chunks, done)
        lk.append("ingests", _row(done, how.settings, started))
    return done


def of_documents(
    lk: lake.Lake, chosen: Chosen, how: How, endpoint: Endpoint
) -> Iterator[tuple[Parent, list[Answer | None]]]:
    """Each document with the answers to its requests, in order."""
    waiting: deque[tuple[Parent, int]] = deque()

    def asked() -> Iterator[Request]:
        for parent in chosen:
            its = list(requests(parent, how))
            waiting.append((parent, len(its)))
            yield from its

    answers: list[Answer | None] = []
    for _, answer in answered(lk, endpoint, asked()):
        answers.append(answer)
        while waiting and len(answers) >= waiting[0][1]:
            parent, n = waiting.popleft()
            yield parent, answers[:n]
            answers = answers[n:]
    for parent, _ in waiting:  # what holds nothing to translate, at the end
        yield parent, []


def _take(
    parent: Parent, answers: list[Answer | None], how: How, chunks: Chunks, done: Translated
) -> None:
    done.n_read += 1
    said = [answer for answer in answers if answer is not None]
    if len(said) < len(answers):
        done.n_waiting += 1
        return
    made = document(parent, how, said)
    if isinstance(made, Document):
        done.n_present += not chunks.add(made)
        return
    chunks.reject(how.source_of(parent), made)
    done.rejected[made.reason] += 1
    done.examples.setdefault(made.reason, f"{made.file}: {made.detail}")


def _commit(chunks: Chunks, done: Translated) -> None:
    added, n_present = chunks.commit()
    done.n_added += len(added)
    done.n_present += n_present


def _row(done: Translated, settings: Settings, started: datetime) -> pa.Table:
    options: Mapping[str, object] = asdict(settings)
    row = {
        "ingest_run": done.ingest_run,
        "started_at": started.replace(tzinfo=None),
        "finished_at": datetime.now(UTC).replace(tzinfo=None),
        "inputs": json.dumps(
            [f"translate: {settings.select or settings.where}"], ensure_ascii=False
        ),
        "options": json.dumps([options], ensure_ascii=False, default=str),
        "n_read": done.n_read - done.n_waiting,
        "n_added": done.n_added,
        "n_present": done.n_present,
        "n_rejected": done.rejected.total(),
    }
    return pa.Table.from_pylist([row])
