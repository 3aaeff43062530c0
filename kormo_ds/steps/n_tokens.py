"""`n_tokens`: the tokens of a document in a named tokenizer, one column a tokenizer.

Counted is what packing encodes: the text without the spans that other steps wrote before. Where
spans come later, the column is out of date, which packing notices. Costs what encoding costs: some
2 MB a second and core.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Self

import pyarrow as pa

import lake
from kormo_ds.errors import BadConfig
from kormo_ds.steps.step import Step
from lake import Column

if TYPE_CHECKING:
    from kormo_ds.text.tokens import Vocabulary
    from lake import Lake


@dataclass(frozen=True)
class NTokens(Step):
    """Token counts."""

    tokenizer: str = ""
    """Name of a tokenizer of the lake, or path of a tokenizer.json or its folder; required."""
    spans: str = "auto"
    """Span columns to leave out before counting, with commas; auto: all that documents have."""

    name: ClassVar = "n_tokens"
    columns: ClassVar = (
        Column(
            "n_tokens_<tokenizer>",
            pa.int64(),
            "tokens of the final text in that tokenizer, without BOS and EOS",
        ),
    )

    @property
    def reads(self) -> tuple[str, ...]:  # type: ignore[override]
        """The text and, once they are looked up, the spans."""
        named = () if self.spans == "auto" else self.spans.split(",")
        return ("text_clean", *(name.strip() for name in named if name.strip()))

    @property
    def writes(self) -> tuple[Column, ...]:
        """One column, named after the tokenizer."""
        (column,) = self.columns
        name = column.name.replace("<tokenizer>", self.vocabulary.name)
        return (replace(column, name=name),)

    @property
    def fingerprint(self) -> str:
        """Of the tokenizer's content, not of its path, and of the spans that are left out."""
        spans = self.reads[1:]
        return lake.fingerprint(self.name, self.version, self.vocabulary.fingerprint, *spans)

    @property
    def vocabulary(self) -> "Vocabulary":
        """The tokenizer, read once a process.

        Raises:
            BadConfig: none is named.
            KormoError: there is none at the path, or it cannot be used.
        """
        if not self.tokenizer:
            raise BadConfig("n_tokens needs a tokenizer: n_tokens.tokenizer=NAME or =PATH")
        return _load(self.tokenizer)

    def at(self, lk: "Lake") -> Self:
        """With the path of the tokenizer of that name in the lake, and the spans that are there."""
        from kormo_ds.text import final, tokens

        if self.spans == "auto":
            spans = ",".join(final.needed(lk.schema().names))
            return replace(self, spans=spans).at(lk)
        if self.tokenizer and "/" not in self.tokenizer and not self.tokenizer.endswith(".json"):
            name = tokens.named(lk, self.tokenizer).name
            return replace(self, tokenizer=lk.path("tokenizers", name))
        self.vocabulary  # noqa: B018 -- raises where it cannot be used
        return self

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The number of tokens of each document."""
        from kormo_ds.text import final

        counts = self.vocabulary.count(final.of(batch).to_pylist())
        return self.written(pa.array(counts, pa.int64()))


@cache
def _load(path: str) -> "Vocabulary":
    from kormo_ds.text import tokens

    return tokens.load(path)
