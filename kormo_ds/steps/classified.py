"""What steps share whose scores come from a two-class model of the lake, one a language.

A document of a language without a model gets score -1, bin -1 and the reason 'kept': nothing is
known against it. `label` puts the columns of another model beside those that are there. Costs
what hashing the words costs, 100 to 200 MB a second; threads do not wait for each other.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import lake
from kormo_ds.errors import BadConfig
from kormo_ds.steps.step import Step
from lake import Column

if TYPE_CHECKING:
    from kormo_ds.classifier import Scorer
    from lake import Lake

NOT_SCORED = -1
"""Score and bin of a document whose language has no model."""


@dataclass(frozen=True)
class Classified(Step):
    """A score, its percentile within the language, and a reason."""

    models: str = ""
    """Names of models, one a language, parted by commas; required."""
    label: str = ""
    """Ending of the columns, to have several versions: v2 writes NAME_v2."""
    lang_column: str = "lang"
    """What says a document's language: lang, or lang_detected."""

    def __post_init__(self) -> None:
        if self.label and not self.label.isidentifier():
            raise BadConfig(
                f"{self.name}.label={self.label} cannot end a column's name; use letters, digits "
                "and '_'"
            )
        if self.lang_column not in ("lang", "lang_detected"):
            raise BadConfig(
                f"{self.name}.lang_column={self.lang_column} says no language; "
                "give lang or lang_detected"
            )
        # What is read depends on a setting; the class says what is read by default.
        object.__setattr__(self, "reads", ("text_clean", self.lang_column))

    @property
    def writes(self) -> tuple[Column, ...]:
        """The three columns, with the label in their names."""
        if not self.label:
            return self.columns
        score, percentile, reason = (column.name for column in self.columns)
        ending = f"_{self.label}"
        names = (
            score + ending,
            percentile + ending,
            reason.removesuffix("_reason") + ending + "_reason",
        )
        return tuple(
            replace(column, name=name) for column, name in zip(self.columns, names, strict=True)
        )

    @property
    def fingerprint(self) -> str:
        """Of the models' content, not of their names."""
        models = {lang: scorer.card.fingerprint for lang, scorer in self.scorers.items()}
        return lake.fingerprint(self.name, self.version, models, self.lang_column, self.limits)

    @property
    def limits(self) -> tuple[float, ...]:
        """The settings that decide the reason."""
        raise NotImplementedError

    @property
    def scorers(self) -> "dict[str, Scorer]":
        """The model of each language, read once a process.

        Raises:
            BadConfig: no model is named, or two are of one language.
            Damaged: a model that cannot be read.
        """
        found: dict[str, Scorer] = {}
        for path in filter(None, (name.strip() for name in self.models.split(","))):
            scorer = _load(path)
            lang = scorer.card.lang
            if lang in found:
                raise BadConfig(
                    f"{self.name}.models={self.models} names two models of '{lang}', "
                    f"{found[lang].card.name} and {scorer.card.name}; name one, and give the "
                    f"other columns of its own with {self.name}.label=v2"
                )
            found[lang] = scorer
        if not found:
            raise BadConfig(
                f"{self.name} needs a model: {self.name}.models=NAME, or NAME,NAME for several "
                f"languages; kormo {self.name} list has them"
            )
        return found

    def at(self, lk: "Lake") -> Self:
        """With the folders of the models of these names in the lake."""
        from kormo_ds.classifier import card

        folders = [
            name if "/" in name else lk.path(self.name, card(lk, self.name, name).name)
            for name in (each.strip() for each in self.models.split(","))
            if name
        ]
        found = replace(self, models=",".join(folders))
        found.scorers  # noqa: B018 -- raises where one cannot be used
        return found

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The score, the bin and the reason of each document."""
        n = batch.num_rows
        scores = np.full(n, NOT_SCORED, np.float32)
        percentiles = np.full(n, NOT_SCORED, np.int8)
        languages = batch.column(self.lang_column)
        for lang, scorer in self.scorers.items():
            rows = np.flatnonzero(pc.fill_null(pc.equal(languages, lang), False))
            if len(rows):
                texts = batch.column("text_clean")
                texts = texts if len(rows) == n else texts.take(pa.array(rows))
                scores[rows], percentiles[rows] = scorer.score(texts)
        reasons = self.reasons(scores, percentiles)
        return self.written(pa.array(scores), pa.array(percentiles), reasons)

    def reasons(self, scores: np.ndarray, percentiles: np.ndarray) -> pa.Array:
        """The verdict on each document."""
        raise NotImplementedError


def columns(name: str, probability: str, reason: str) -> tuple[Column, Column, Column]:
    """The three columns of a step, as documented."""
    return (
        Column(
            name,
            pa.float32(),
            f"{probability}; -1 for a language without a model",
            bins=tuple(tenth / 10 for tenth in range(11)),
        ),
        Column(
            f"{name}_bin",
            pa.int8(),
            "percent of the language's documents that scored lower when the model was trained, "
            "0 to 99; -1 for a language without a model",
        ),
        Column(f"{name}_reason", pa.string(), f"kept or {reason}"),
    )


@cache
def _load(folder: str) -> "Scorer":
    from kormo_ds.classifier import scorer

    return scorer(folder)
