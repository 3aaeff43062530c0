"""Train a model of n-grams on the documents of a recorded mixture, or of a query.

Each tenth document of a language is held out; its perplexities make the language's percentiles,
since a model is too sure of what it has counted. A language of fewer than ten documents is trained
on and gets no percentiles. One pass: how often a mixture repeats a document
does not matter. Costs some 3 µs and 100 bytes of memory a piece (of four bytes or so of text).
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import lake
from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.perplexity.source import documents
from kormo_ds.progress import Advance, silent
from kormo_ds.text import kneser_ney, perplexity_model, pieces, words
from kormo_ds.text.perplexity_model import FILE, FOLDER, PerplexityModel

if TYPE_CHECKING:
    from lake import Lake

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")
HELD_OUT = 10
"""One document in so many of a language is held out."""


@dataclass
class Settings:
    """On what a model is trained, and how large it may be."""

    mixture: str = ""
    """NAME or NAME@VERSION of a recorded mixture; this or `query`."""
    query: str = ""
    """A select that returns doc_id, lang and text_clean."""
    lang: str = ""
    """Of these languages only, as ko or ko,en; empty for all."""
    order: int = 5
    """Pieces of the longest n-grams."""
    min_count: int = 2
    """N-grams of three and more pieces that are rarer are left out."""
    megabytes: float = 100.0
    """UTF-8 text that is read at most, the first documents of the mixture."""


@dataclass(frozen=True)
class Trained:
    """A perplexity model of the lake."""

    model: PerplexityModel
    was_there: bool
    """True if the same training was done before."""


def train(lk: "Lake", name: str, settings: Settings, progress: Advance = silent) -> Trained:
    """Train the model `name` and keep it in <lake>/perplexity/NAME.

    Raises:
        BadInput: a name that cannot be a column's, or too few documents.
        BadConfig: settings that cannot be used, or the name is taken by another training.
        UnknownName: the mixture was not recorded.
        BadQuery: DuckDB does not understand the query.
        LakeLocked: another process is writing to the lake.
    """
    _check(name, settings)
    asked, batches = documents(lk, settings.mixture, settings.query)
    asked |= {
        "lang": settings.lang,
        "order": settings.order,
        "min_count": settings.min_count,
        "megabytes": float(settings.megabytes),
    }
    with lk.lock(f"train perplexity model {name}"):
        if name in perplexity_model.names(lk):
            return Trained(_there(lk, name, asked), was_there=True)
        read = _Read(settings, progress)
        read.all(batches)
        ngrams = kneser_ney.train(*read.pieces(), settings.order, settings.min_count)
        edges = {
            lang: perplexity_model.percentiles(perplexity_model.of_texts(ngrams, pa.array(texts)))
            for lang, texts in sorted(read.held_out.items())
        }
        facts = asked | {
            "n_documents": dict(sorted(read.n_documents.items())),
            "n_bytes": read.n_bytes,
            "n_pieces": int(sum(map(len, read.found))),
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        content = PerplexityModel(name, ngrams, facts, edges, "").to_bytes()
        lk.write_bytes(content, FOLDER, name, FILE)
    return Trained(perplexity_model.parse(content, name), was_there=False)


class _Read:
    """The documents that training reads: pieces of most, texts of those held out."""

    def __init__(self, settings: Settings, progress: Advance):
        self.n_documents: Counter[str] = Counter()
        self.held_out: dict[str, list[str]] = {}
        self.n_bytes = 0
        self.found: list[np.ndarray] = []
        self._lengths: list[np.ndarray] = []
        self._langs = {lang for lang in settings.lang.split(",") if lang}
        self._most = int(settings.megabytes * 1e6)
        self._progress = progress

    def all(self, batches: Iterator[pa.RecordBatch]) -> None:
        """Read until there is no more, or enough."""
        for batch in batches:
            self._add(batch)
            self._progress(batch.num_rows)
            if self.n_bytes >= self._most:
                break
        if not self.held_out:
            of = f" of {' or '.join(sorted(self._langs))}" if self._langs else ""
            have = ", ".join(f"{n} of {lang}" for lang, n in self.n_documents.items()) or "none"
            raise BadInput(
                f"a perplexity model needs at least {HELD_OUT} documents{of} in one language with "
                f"text; there are: {have}"
            )

    def pieces(self) -> tuple[np.ndarray, np.ndarray]:
        """All pieces of what is trained on, and where each text begins and ends."""
        lengths = np.concatenate(self._lengths)
        return np.concatenate(self.found), np.concatenate([[0], np.cumsum(lengths)])

    def _add(self, batch: pa.RecordBatch) -> None:
        langs, texts = batch.column("lang").to_pylist(), batch.column("text_clean")
        sizes = pc.binary_length(texts).to_pylist()
        chosen = []
        for row, (lang, size) in enumerate(zip(langs, sizes, strict=True)):
            wanted = lang and (not self._langs or lang in self._langs)
            if wanted and size and self.n_bytes < self._most:
                self.n_bytes += size
                self.n_documents[lang] += 1
                if self.n_documents[lang] % HELD_OUT:
                    chosen.append(row)
                else:
                    self.held_out.setdefault(lang, []).append(texts[row].as_py())
        part = texts.take(pa.array(chosen, pa.int64()))
        found, offsets = pieces.of_words(part, words.boundaries(part))
        self.found.append(found.copy())
        self._lengths.append(np.diff(offsets))


def _check(name: str, settings: Settings) -> None:
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"'{name}' becomes part of a column's name; give it letters, digits and _ only"
        )
    for setting, least, most in (("order", 1, 8), ("min_count", 1, 1_000_000)):
        value = getattr(settings, setting)
        if not least <= value <= most:
            raise BadConfig(f"{setting}={value} is out of bounds; give {least} to {most:,}")
    if settings.megabytes <= 0:
        raise BadConfig(f"megabytes={settings.megabytes} leaves no text; give more than 0")


def _there(lk: "Lake", name: str, asked: dict[str, Any]) -> PerplexityModel:
    """The model that has the name, if it is that of the same training."""
    model = perplexity_model.load(perplexity_model.folder(lk, name))
    if lake.fingerprint({key: model.facts.get(key) for key in asked}) != lake.fingerprint(asked):
        differing = [key for key in asked if model.facts.get(key) != asked[key]]
        raise BadConfig(
            f"perplexity model '{name}' is there, trained with other settings "
            f"({', '.join(f'{key}={model.facts.get(key)}' for key in differing)}); choose another "
            "name"
        )
    return model
