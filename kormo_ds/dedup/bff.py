"""BFF, the n-gram Bloom-filter deduplication of DCLM that KORMo uses, as columns of `documents`.

Two steps of one scan: `Hashed` finds paragraphs and hashes their n-grams, by any number of threads;
`Judged` is ordered: it asks the filter, row by row, and adds what stays. The semantics are those of
the reference (DCLM's `bff`; modes paragraph, document, old-both, exact), except that the order of
documents is that of the rows, so the result is the same every time. `keep_one` is ours.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

import lake
from kormo_ds.dedup import after, decide
from kormo_ds.dedup.seen import Seen
from kormo_ds.errors import BadConfig, unknown
from kormo_ds.text import buffers, paragraphs
from kormo_ds.text.hashes import hash_texts
from kormo_ds.text.paragraphs import UNITS, Paragraphs
from lake import Column
from lake.spans import SPANS

MODES = ("paragraph", "document", "old-both", "exact", "keep_one")
_INT32, _UINT64 = pa.list_(pa.int32()), pa.list_(pa.uint64())
_ENDS, _UNITS, _HASHES = "bff.ends", "bff.units", "bff.hashes"
COLUMNS = ("dup_spans", "bff_text", "bff_total", "bff_contained", "bff_reason")


@dataclass(frozen=True)
class Settings:
    """What is taken for a duplicate; the defaults are DCLM's published command."""

    mode: str = "old-both"
    """paragraph, document, old-both, exact, or keep_one."""
    unit: str = "word"
    """word (UAX #29) or syllable (a Hangul syllable, or a run of other letters)."""
    min_ngram: int = 13
    """A paragraph of fewer units is left alone; one of fewer than max_ngram is one n-gram."""
    max_ngram: int = 13
    """Units of an n-gram."""
    threshold: float = 0.8
    """A paragraph is cut where a larger share of its n-grams was seen before."""
    fp: float = 0.01
    """False-positive rate of the full filter."""
    expected: int = 0
    """N-grams the filter is made for; 0: as many as the documents hold, with a fifth to spare."""
    text: str = "auto"
    """text, text_clean, or auto: text_clean where documents have it."""
    after: str = ""
    """Reason columns, with commas; where one is not 'kept', the document takes no part. NAME@en
    is asked of English documents only."""

    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise unknown("mode", self.mode, MODES)
        if self.unit not in UNITS:
            raise unknown("unit", self.unit, UNITS)
        if not 1 <= self.min_ngram <= self.max_ngram:
            raise BadConfig(
                f"min_ngram={self.min_ngram} and max_ngram={self.max_ngram} are no sizes of "
                "n-grams; give 1 <= min_ngram <= max_ngram"
            )
        if not 0 <= self.threshold <= 1:
            raise BadConfig(f"threshold={self.threshold} is no share; give 0 to 1")
        if not 1e-12 <= self.fp < 1:
            raise BadConfig(f"fp={self.fp} is no rate; give 1e-12 to below 1")
        if self.expected < 0:
            raise BadConfig(f"expected={self.expected} must not be negative")
        if self.text not in ("auto", "text", "text_clean"):
            raise unknown("text", self.text, ("auto", "text", "text_clean"))

    @property
    def gates(self) -> tuple[str, ...]:
        """The parts of `after`."""
        return after.gates(self.after)

    @property
    def fingerprint(self) -> str:
        """Of all that changes a result; the size of the filter does not, but by chance."""
        facts = asdict(self)
        del facts["expected"]
        return lake.fingerprint("bff", self.version, facts)


@dataclass(frozen=True)
class Hashed:
    """Paragraphs of the text and the hashes that are compared; never stored."""

    settings: Settings
    name: ClassVar[str] = "bff_hashes"
    version: ClassVar[int] = 1
    ordered: ClassVar[bool] = False
    writes: ClassVar[tuple[Column, ...]] = (
        Column(_ENDS, _INT32, "ends of paragraphs in bytes", stored=False),
        Column(_UNITS, _INT32, "units of each paragraph", stored=False),
        Column(_HASHES, _UINT64, "hashes of all n-grams, or of paragraphs", stored=False),
    )

    @property
    def reads(self) -> tuple[str, ...]:
        """The text."""
        return (self.settings.text,)

    @property
    def fingerprint(self) -> str:
        """Of the settings."""
        return self.settings.fingerprint

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The paragraphs of each document."""
        texts = batch.column(0)
        found = self._paragraphs(texts)
        if self.settings.mode == "exact":
            hashes, per_document = found.hashes, np.diff(found.first)
        elif self.settings.mode == "keep_one":
            hashes = paragraphs.identities(texts, self.settings.unit, found)
            per_document = np.diff(found.first)
        else:
            hashes = paragraphs.ngrams(found, self.settings.min_ngram, self.settings.max_ngram)
            counts = counted(self.settings, found.units)
            sums = np.concatenate([[0], np.cumsum(counts)])
            per_document = np.diff(sums[found.first])
        columns = [
            _listed(found.first, pa.array(found.ends)),
            _listed(found.first, pa.array(found.units)),
            _listed(np.concatenate([[0], np.cumsum(per_document)]), pa.array(hashes)),
        ]
        return pa.RecordBatch.from_arrays(columns, names=[column.name for column in self.writes])

    def _paragraphs(self, texts: pa.Array) -> Paragraphs:
        if self.settings.mode == "exact":
            return _whole(texts)
        return paragraphs.of(texts, self.settings.unit, whole=self.settings.mode == "document")


@dataclass(frozen=True)
class Judged:
    """What was seen before; called in row order, it adds what stays to `seen`."""

    settings: Settings
    seen: Seen = field(compare=False)
    name: ClassVar[str] = "bff"
    ordered: ClassVar[bool] = True
    writes: ClassVar[tuple[Column, ...]] = (
        Column("dup_spans", SPANS, "what is in documents before it, as bytes of the text"),
        Column("bff_text", pa.string(), "the column that dup_spans are of"),
        Column("bff_total", pa.int64(), "n-grams compared"),
        Column("bff_contained", pa.int64(), "n-grams of these that were seen before"),
        Column(
            "bff_reason",
            pa.string(),
            "kept, duplicate_document, nothing_left, or left_out for an earlier reason",
        ),
    )

    @property
    def version(self) -> int:
        """Of the settings' meaning."""
        return self.settings.version

    @property
    def reads(self) -> tuple[str, ...]:
        """What `Hashed` writes, the id, and the reasons that leave documents out."""
        return ("doc_id", _ENDS, _UNITS, _HASHES, *after.columns(self.settings.gates))

    @property
    def fingerprint(self) -> str:
        """Of the settings."""
        return self.settings.fingerprint

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Spans, counts and reason of each document."""
        n = batch.num_rows
        ends, units = batch.column(_ENDS), batch.column(_UNITS)
        spans = np.empty(2 * max(1, len(ends.values)), np.int32)
        span_ends, reasons = np.empty(n, np.int32), np.empty(n, np.int8)
        total, contained = np.empty(n, np.int64), np.empty(n, np.int64)
        counts = counted(self.settings, units.values.to_numpy())
        given = (
            after.taking_part(batch, self.settings.gates).to_numpy(zero_copy_only=False),
            ends.offsets.to_numpy(),
            ends.values.to_numpy(),
            units.values.to_numpy(),
            counts,
            batch.column(_HASHES).values.to_numpy(),
        )
        out = spans, span_ends, total, contained, reasons
        self.seen.room_for(len(ends.values))
        self.seen.n_added += self._kernel(given, out)
        self.seen.rows += n
        self.seen.last = batch.column("doc_id")[n - 1].as_py()
        return pa.RecordBatch.from_arrays(
            [
                _spans(spans, span_ends),
                pa.array([self.settings.text] * n, pa.string()),
                pa.array(total),
                pa.array(contained),
                pa.array(decide.REASONS).take(pa.array(reasons)),
            ],
            names=[column.name for column in self.writes],
        )

    def _kernel(self, given: tuple[np.ndarray, ...], out: tuple[np.ndarray, ...]) -> int:
        if self.settings.mode == "keep_one":
            copies: Any = decide.by_copies
            return int(copies(*given, self.settings.min_ngram, self.seen.words, *out))
        plan = self.seen.plan
        assert plan is not None
        exact = self.settings.mode == "exact"
        threshold = 0.0 if exact else self.settings.threshold
        emptying = self.settings.mode != "paragraph"
        bits = self.seen.words, np.uint64(plan.n_blocks), plan.rounds
        ngrams: Any = decide.by_ngrams
        return int(ngrams(*given, threshold, emptying, *bits, *out))

    @property
    def steps(self) -> list[lake.Step]:
        """Both steps, in their order."""
        return [Hashed(self.settings), self]


def counted(settings: Settings, units: np.ndarray) -> np.ndarray:
    """N-grams of paragraphs with so many units, int64; a text taken whole by `exact` is one."""
    if settings.mode == "exact":
        return np.ones(len(units), np.int64)
    return paragraphs.n_ngrams(units, settings.min_ngram, settings.max_ngram)


def _whole(texts: pa.Array) -> Paragraphs:
    """Each text as one unit of one paragraph; an empty one has none."""
    found = buffers.of(texts)
    sizes = np.where(found.valid, np.diff(found.offsets), 0)
    full = sizes > 0
    first = np.concatenate([[0], np.cumsum(full)]).astype(np.int32)
    ends = sizes[full].astype(np.int32)
    return Paragraphs(first, ends, np.ones(len(ends), np.int32), hash_texts(texts)[full])


def _listed(offsets: np.ndarray, values: pa.Array) -> pa.ListArray:
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values)


def _spans(spans: np.ndarray, span_ends: np.ndarray) -> pa.ListArray:
    offsets = np.concatenate([[0], span_ends]).astype(np.int32)
    pairs = spans[: 2 * offsets[-1]].reshape(-1, 2)
    fields = list(SPANS.value_type)
    columns = [pa.array(np.ascontiguousarray(pairs[:, side])) for side in (0, 1)]
    return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(columns, fields=fields))
