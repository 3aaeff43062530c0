"""`n_tokens`: the tokens of a document in a named tokenizer, one column a tokenizer.

Costs what encoding costs: some 2 MB a second and core.
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

    name: ClassVar = "n_tokens"
    reads: ClassVar = ("text_clean",)
    columns: ClassVar = (
        Column(
            "n_tokens_<tokenizer>",
            pa.int64(),
            "tokens of text_clean in that tokenizer, without BOS and EOS",
        ),
    )

    @property
    def writes(self) -> tuple[Column, ...]:
        """One column, named after the tokenizer."""
        (column,) = self.columns
        name = column.name.replace("<tokenizer>", self.vocabulary.name)
        return (replace(column, name=name),)

    @property
    def fingerprint(self) -> str:
        """Of the tokenizer's content, not of its path."""
        return lake.fingerprint(self.name, self.version, self.vocabulary.fingerprint)

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
        """With the path of the tokenizer of that name in the lake."""
        from kormo_ds.text import tokens

        if self.tokenizer and "/" not in self.tokenizer and not self.tokenizer.endswith(".json"):
            name = tokens.named(lk, self.tokenizer).name
            return replace(self, tokenizer=lk.path("tokenizers", name))
        self.vocabulary  # noqa: B018 -- raises where it cannot be used
        return self

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The number of tokens of each document."""
        counts = self.vocabulary.count(batch.column("text_clean").to_pylist())
        return self.written(pa.array(counts, pa.int64()))


@cache
def _load(path: str) -> "Vocabulary":
    from kormo_ds.text import tokens

    return tokens.load(path)
