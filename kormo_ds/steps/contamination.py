"""`contamination`: which items of evaluation sets a document shares text with.

A document and an item overlap where they share an n-gram of 13 plain words (GPT-3: Brown et al.
2020, appendix C); an item of fewer words is looked for as a whole. The sets are those of the lake
(`kormo evals add`), and the column belongs to their content: with other items it is another one.
The index is built once a run (a second for 100,000 items); a document costs some 8 ns a byte.
"""

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, ClassVar, Self, cast

import numpy as np
import pyarrow as pa

import lake
from kormo_ds.errors import BadConfig
from kormo_ds.steps.step import Step
from kormo_ds.steps.words import NAME as WORDS
from lake import Column

if TYPE_CHECKING:
    from kormo_ds.text.overlap import Index
    from lake import Lake

LISTED = 20
"""Items named in `contaminated_by` at most; `contamination_items` counts all."""


@dataclass(frozen=True)
class Contamination(Step):
    """The items that a document shares text with."""

    sets: str = ""
    """Names of evaluation sets, with commas; empty for all of the lake."""
    ngram: int = 13
    """Plain words that a document and an item must share."""
    min_words: int = 5
    """An item of fewer words is left out: it would be found everywhere."""
    max_items: int = 10
    """An n-gram of more items is left out: it is a phrase of the sets, not of an item."""

    name: ClassVar = "contamination"
    reads: ClassVar = ("text_clean", WORDS)
    columns: ClassVar = (
        Column(
            "contaminated_by",
            pa.list_(pa.string()),
            f"items of evaluation sets in it, as 'set:item'; the first {LISTED}",
        ),
        Column("contamination_items", pa.int32(), "how many items of evaluation sets are in it"),
        Column(
            "contamination_hits",
            pa.int32(),
            "places where an n-gram of an item, or a whole short item, begins",
            bins=(0, 1, 2, 5, 10, 50, 100),
        ),
        Column("contamination_reason", pa.string(), "kept or eval_overlap"),
    )

    def __post_init__(self) -> None:
        if not 1 <= self.min_words <= self.ngram:
            raise BadConfig(
                f"contamination.min_words={self.min_words} and contamination.ngram={self.ngram} "
                "leave no item to be found; give 1 <= min_words <= ngram"
            )
        if self.max_items < 1:
            raise BadConfig(f"contamination.max_items={self.max_items} leaves no n-gram; give 1 up")

    def at(self, lk: "Lake") -> Self:
        """With the index of the items that the lake's sets hold now.

        Raises:
            BadInput: the lake has no set.
            UnknownName: a set that it does not have.
        """
        from kormo_ds.recorded import eval_sets
        from kormo_ds.text import overlap

        names = eval_sets.chosen(lk, self.sets)
        tables = [eval_sets.read(lk, name) for name in names]
        texts = pa.chunked_array([t for items in tables for t in items["text"].chunks], pa.string())
        labels = [
            f"{name}:{item}"
            for name, items in zip(names, tables, strict=True)
            for item in items["item"].to_pylist()
        ]
        bound = _WithSets(
            **asdict(self),
            content=tuple(zip(names, map(eval_sets.digest, tables), strict=True)),
            index=overlap.build(texts.combine_chunks(), self.ngram, self.min_words, self.max_items),
            labels=pa.array(labels, pa.string()),
        )
        return cast(Self, bound)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Needs the items: `at` gives the step that has them."""
        raise BadConfig("contamination has no items yet; Contamination().at(lake) looks them up")


@dataclass(frozen=True)
class _WithSets(Contamination):
    """The step with the items of its sets."""

    content: tuple[tuple[str, str], ...] = ()
    """Name and digest of each set."""
    index: "Index" = field(kw_only=True, compare=False, repr=False)
    labels: pa.StringArray = field(kw_only=True, compare=False, repr=False)
    """The items' names, 'set:item'."""

    @property
    def fingerprint(self) -> str:
        """Of the sets' content and of the numbers, not of how the sets were named."""
        numbers = (self.ngram, self.min_words, self.max_items)
        return lake.fingerprint(self.name, self.version, numbers, self.content)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Items, their number, the places, and the reason."""
        from kormo_ds.text import overlap, plain_words

        found = plain_words.hashes(batch.column("text_clean"), batch.column(WORDS))
        shared = overlap.overlaps(self.index, found)
        n_items = np.bincount(shared.texts, minlength=len(batch)).astype(np.int32)
        starts = np.cumsum(n_items) - n_items
        is_listed = np.arange(len(shared.items)) - starts[shared.texts] < LISTED
        offsets = np.concatenate([[0], np.cumsum(np.minimum(n_items, LISTED))]).astype(np.int32)
        listed = self.labels.take(pa.array(shared.items[is_listed]))
        reasons = np.where(n_items > 0, "eval_overlap", "kept")
        return self.written(
            pa.ListArray.from_arrays(pa.array(offsets), listed),
            pa.array(n_items),
            pa.array(shared.hits),
            pa.array(reasons.tolist(), pa.string()),
        )


def findable(lk: "Lake", step: Contamination) -> list[tuple[str, int, int, int, int, int]]:
    """For each set: its items, those found by n-gram, as a whole, too short, and not at all."""
    bound = cast(_WithSets, step.at(lk))
    index, names = bound.index, [label.split(":")[0] for label in bound.labels.to_pylist()]
    is_long = index.sizes >= step.ngram
    rows = []
    for name in dict.fromkeys(names):
        of_set = np.array([each == name for each in names])
        groups = (
            is_long & index.is_found,
            ~is_long & index.is_found,
            index.sizes < step.min_words,
            is_long & ~index.is_found,
        )
        counts = [int((group & of_set).sum()) for group in groups]
        rows.append((name, int(of_set.sum()), *counts))
    return rows
