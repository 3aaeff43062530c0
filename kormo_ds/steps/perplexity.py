"""`perplexity`: how a model of n-grams takes a document, and where that is among its language's.

KORMo names perplexity as a heuristic and publishes neither its model nor a threshold. The model is
one of the lake, trained by `kormo perplexity train`; perplexities are of pieces of words
(`kormo_ds.text.pieces`), so they compare within a model only. Costs 30 to 60 ns a byte.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
import pyarrow as pa

import lake
from kormo_ds.errors import BadConfig
from kormo_ds.steps.step import Step
from kormo_ds.steps.words import NAME as WORDS
from lake import Column

if TYPE_CHECKING:
    from kormo_ds.text.perplexity_model import PerplexityModel
    from lake import Lake

NO_BIN = -1
"""The bin of a document that has none: no text, or a language that the model does not know."""


@dataclass(frozen=True)
class Perplexity(Step):
    """Perplexity and percentile by one model."""

    model: str = ""
    """Name of a model of the lake, or path of its folder; required."""
    max_bin: int = 94
    """A higher percentile is `high_perplexity`."""
    min_bin: int = 0
    """A lower percentile is `low_perplexity`: text that says the same again and again."""

    name: ClassVar = "perplexity"
    reads: ClassVar = ("text_clean", "lang", WORDS)
    columns: ClassVar = (
        Column("perplexity_<model>", pa.float32(), "perplexity a piece; 0 where there is no bin"),
        Column(
            "perplexity_bin_<model>",
            pa.int8(),
            "percentile among documents of its language, 0 to 99; -1: no text, other language",
        ),
        Column("perplexity_<model>_reason", pa.string(), "kept, high_perplexity or low_perplexity"),
    )

    def __post_init__(self) -> None:
        if not 0 <= self.min_bin <= self.max_bin <= 99:
            raise BadConfig(
                f"perplexity.min_bin={self.min_bin} and perplexity.max_bin={self.max_bin} are no "
                "percentiles; give 0 <= min_bin <= max_bin <= 99"
            )

    @property
    def writes(self) -> tuple[Column, ...]:
        """Three columns, named after the model."""
        name = self.trained.name
        return tuple(
            replace(column, name=column.name.replace("<model>", name)) for column in self.columns
        )

    @property
    def fingerprint(self) -> str:
        """Of the model's content, not of its path."""
        settings = (self.min_bin, self.max_bin)
        return lake.fingerprint(self.name, self.version, self.trained.digest, settings)

    @property
    def trained(self) -> "PerplexityModel":
        """The model, read once a process.

        Raises:
            BadConfig: none is named.
            UnknownName, Damaged: there is none, or it is not what was written.
        """
        if not self.model:
            raise BadConfig("perplexity needs a model: perplexity.model=NAME or =PATH")
        return _load(self.model)

    def at(self, lk: "Lake") -> Self:
        """With the path of the model of that name in the lake."""
        from kormo_ds.text import perplexity_model

        if self.model and "/" not in self.model:
            return replace(self, model=perplexity_model.folder(lk, self.model)).at(lk)
        self.trained  # noqa: B018 -- raises where it cannot be used
        return self

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Perplexity, percentile and reason."""
        model = self.trained
        langs = np.array(batch.column("lang").to_pylist(), object)
        asked = np.isin(langs.astype(str), list(model.edges))
        rows = pa.array(np.flatnonzero(asked))
        found = model.perplexities(
            batch.column("text_clean").take(rows), batch.column(WORDS).take(rows)
        )
        perplexity, bins = np.zeros(len(langs)), np.full(len(langs), NO_BIN, np.int8)
        perplexity[asked] = found
        for lang in model.edges:
            of_lang = (langs == lang) & (perplexity > 0)
            bins[of_lang] = model.bin(lang, perplexity[of_lang])
        reason = np.where(bins > self.max_bin, "high_perplexity", "kept")
        reason[(bins >= 0) & (bins < self.min_bin)] = "low_perplexity"
        return self.written(
            pa.array(perplexity.astype(np.float32)),
            pa.array(bins),
            pa.array(reason.tolist(), pa.string()),
        )


@cache
def _load(path: str) -> "PerplexityModel":
    from kormo_ds.text import perplexity_model

    return perplexity_model.load(path)
