"""Run BFF over a lake: size the filter, go on where it was, judge what is new, save, report.

The filter is saved after columns are committed, never before, so a saved filter has seen at most
what has columns. After a kill the rows between the two are shown to it again, which adds what they
added the first time, and then the fill goes on; so the columns are those of an undisturbed run.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from kormo_ds.dedup import after, memory
from kormo_ds.dedup.bff import COLUMNS, Hashed, Judged, Settings, counted
from kormo_ds.dedup.seen import Seen
from kormo_ds.errors import BadInput
from kormo_ds.progress import Advance, silent
from kormo_ds.text import bloom
from lake import ColumnTaken
from lake.provenance import owner

if TYPE_CHECKING:
    import lance
    import pyarrow as pa

    from lake import Lake
    from lake.fill import Filled

FILE = "seen.bin"
SAMPLE = 400
SPARE = 1.2
"""N-grams the filter is made for, over those that the sample lets expect."""
LEAST = 16_000_000
"""And at least so many (20 MB at fp 0.01), so that a small lake can grow."""
SHARE_OF_MEMORY = 0.9
SECONDS_PER_SAVE = 60.0
ROWS = 1024


@dataclass(frozen=True)
class Forecast:
    """What a run will need, known before it starts."""

    n_rows: int
    """Documents to be judged now."""
    n_ngrams: int
    """N-grams of all documents, from a sample."""
    plan: bloom.Plan | None
    """Of the filter; None for a set of paragraphs."""
    n_bytes: int
    """Memory of the filter."""
    available: int
    """Memory that is free."""
    continues: int
    """Rows that the filter has seen already."""


@dataclass(frozen=True)
class Report:
    """What a run found."""

    filled: "Filled"
    seen: Seen
    settings: Settings


def run(
    lk: "Lake",
    settings: Settings,
    progress: Advance = silent,
    announce: Callable[[Forecast], None] = lambda forecast: None,
    threads: int = 0,
) -> Report:
    """Write `dup_spans`, `bff_total`, `bff_contained` and `bff_reason` of all documents.

    Args:
        lk: the lake.
        settings: what is taken for a duplicate.
        progress: told of rows done.
        announce: told what the run will need, before it begins.
        threads: 0 for as many as there are cores; the result does not depend on it.

    Raises:
        BadInput: a column that is not there or not computed, or a filter that memory cannot hold.
        ColumnTaken: the columns are of other settings.
        LakeError: no documents, another writer.
    """
    with lk.lock("dedup bff"):
        dataset = lk.dataset("documents")
        settings = _placed(dataset, settings)
        _check_owner(dataset, settings)
        _check_complete(dataset, settings)
        n_done = _n_done(dataset)
        seen = _saved(lk, dataset, settings, n_done)
        forecast = _forecast(dataset, settings, seen, n_done)
        announce(forecast)
        _check_memory(forecast)
        seen = seen or Seen.new(settings.fingerprint, forecast.plan)
        judged = Judged(settings, seen)
        _show_again(dataset, judged, n_done)
        uri = lk.path("dedup", f"bff-{settings.fingerprint}", FILE)
        saved = time.monotonic()

        def save() -> None:
            nonlocal saved
            if time.monotonic() - saved > SECONDS_PER_SAVE:
                seen.save(uri)
                saved = time.monotonic()

        before = seen.rows
        filled = lk.fill("documents", judged.steps, progress, threads=threads, after_commit=save)
        if seen.rows > before or n_done == 0:
            seen.save(uri)
        return Report(filled, seen, settings)


def _placed(dataset: "lance.LanceDataset", settings: Settings) -> Settings:
    """With the column that `auto` means: the one judged before, or text_clean if it is there."""
    names = dataset.schema.names
    if settings.text != "auto":
        chosen = settings.text
    elif "dup_spans" in names and _is_of(dataset, replace(settings, text="text")):
        chosen = "text"
    else:
        chosen = "text_clean" if "text_clean" in names else "text"
    if chosen not in names:
        raise BadInput(f"documents have no {chosen} yet; write it with: kormo step run clean")
    return replace(settings, text=chosen)


def _is_of(dataset: "lance.LanceDataset", settings: Settings) -> bool:
    by = owner(dataset.schema.field("dup_spans"))
    return by is not None and by.fingerprint == settings.fingerprint


def _check_owner(dataset: "lance.LanceDataset", settings: Settings) -> None:
    """Say how to change settings, with the real command, before anything is sized."""
    if COLUMNS[0] in dataset.schema.names and not _is_of(dataset, settings):
        by = owner(dataset.schema.field(COLUMNS[0]))
        raise ColumnTaken(
            f"{COLUMNS[0]} was written by {by} with other settings ({by and by.fingerprint}, now "
            f"{settings.fingerprint}); use those settings, or drop the columns with: "
            f"kormo lake drop {' '.join(COLUMNS)}"
        )


def _check_complete(dataset: "lance.LanceDataset", settings: Settings) -> None:
    for name in (settings.text, *after.reasons(settings.gates)):
        if name not in dataset.schema.names:
            known = ", ".join(n for n in dataset.schema.names if n.endswith("_reason")) or "none"
            raise BadInput(
                f"after={settings.after}: no column '{name}'; reasons there are: {known}"
            )
        if name != "text":
            n = dataset.count_rows(f"`{name}` is null")
            if n:
                raise BadInput(
                    f"column '{name}' is not computed yet for {n:,} of {dataset.count_rows():,} "
                    f"documents; run the step that writes it first"
                )


def _n_done(dataset: "lance.LanceDataset") -> int:
    """Rows judged; all of them stand before those that are not.

    Raises:
        BadInput: rows without columns stand among those that have them.
    """
    if COLUMNS[0] not in dataset.schema.names:
        return 0
    judged = f"{COLUMNS[-1]} is not null"
    n_done, ended = 0, False
    for fragment in dataset.get_fragments():
        n = fragment.count_rows(judged)
        if n and ended or 0 < n < fragment.count_rows():
            raise BadInput(
                "documents with and without bff columns are mixed, so the order of rows is lost; "
                f"drop them with: kormo lake drop {' '.join(COLUMNS)}"
            )
        ended = ended or n == 0
        n_done += n
    return n_done


def _saved(
    lk: "Lake", dataset: "lance.LanceDataset", settings: Settings, n_done: int
) -> Seen | None:
    """The filter saved last, if it has seen nothing but rows that have their columns."""
    if not n_done:
        return None
    seen = Seen.load(lk.path("dedup", f"bff-{settings.fingerprint}", FILE))
    if seen is None or seen.rows > n_done:
        return None
    if seen.rows:
        last = dataset.take([seen.rows - 1], columns=["doc_id"])["doc_id"][0].as_py()
        if last != seen.last:
            return None
    return seen


def _forecast(
    dataset: "lance.LanceDataset", settings: Settings, seen: Seen | None, n_done: int
) -> Forecast:
    n_rows = dataset.count_rows()
    rows = np.unique(np.linspace(0, n_rows - 1, min(SAMPLE, n_rows)).astype(np.int64))
    sample = dataset.take(rows, columns=[settings.text]).combine_chunks().to_batches()
    hashed = Hashed(settings)
    paragraphs = [hashed(batch).column(1).values.to_numpy() for batch in sample]
    n_sample = sum(int(counted(settings, units).sum()) for units in paragraphs)
    n_ngrams = round(n_sample / max(1, len(rows)) * n_rows)
    if seen:
        plan, n_bytes = seen.plan, seen.words.nbytes
    elif settings.mode == "keep_one":
        n_paragraphs = sum(map(len, paragraphs)) / max(1, len(rows)) * n_rows
        plan, n_bytes = None, round(4 * n_paragraphs * 8)  # half empty after doubling, and its copy
    else:
        expected = settings.expected or max(LEAST, round(SPARE * n_ngrams))
        plan = bloom.plan(expected, settings.fp)
        n_bytes = plan.n_bytes
    return Forecast(
        n_rows=n_rows - n_done,
        n_ngrams=n_ngrams,
        plan=plan,
        n_bytes=n_bytes,
        available=memory.available(),
        continues=seen.rows if seen else 0,
    )


def _check_memory(forecast: Forecast) -> None:
    if forecast.n_bytes > SHARE_OF_MEMORY * forecast.available and not forecast.continues:
        n = forecast.plan.n_entries if forecast.plan else forecast.n_ngrams
        raise BadInput(
            f"a filter for {n:,} n-grams takes {forecast.n_bytes / 1e9:,.1f} GB, and "
            f"{forecast.available / 1e9:,.1f} GB are free; give a larger fp=, a true expected=, "
            "or a machine with more memory"
        )


def _show_again(dataset: "lance.LanceDataset", judged: Judged, n_done: int) -> None:
    """Show the filter the rows that have their columns and that it has not seen."""
    hashed, seen = Hashed(judged.settings), judged.seen
    reads = [judged.settings.text, "doc_id", *after.columns(judged.settings.gates)]
    for batch in _rows(dataset, reads, seen.rows, n_done):
        texts = batch.select([judged.settings.text])
        made = hashed(texts)
        columns = {name: batch.column(name) for name in reads[1:]}
        columns |= {name: made.column(name) for name in made.schema.names}
        judged(made.from_pydict({name: columns[name] for name in judged.reads}))


def _rows(
    dataset: "lance.LanceDataset", columns: list[str], first: int, end: int
) -> "Iterator[pa.RecordBatch]":
    if first < end:
        scanner = dataset.scanner(
            columns=columns, offset=first, limit=end - first, batch_size=ROWS, scan_in_order=True
        )
        yield from scanner.to_batches()
