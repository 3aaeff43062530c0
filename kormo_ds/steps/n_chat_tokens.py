"""`n_chat_tokens`: the tokens of a conversation as the chat template writes it.

What `kormo pack … render=chat` encodes, all frames and thoughts included, so that mixtures of
conversations are balanced by what is packed. A document that is no conversation has 0. Another
template is another fingerprint, so counts and rows agree. Costs what encoding costs.
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
    from kormo_ds.chat import Encoder
    from lake import Lake


@dataclass(frozen=True)
class NChatTokens(Step):
    """Token counts of conversations."""

    tokenizer: str = ""
    """Name of a tokenizer of the lake, or path of a tokenizer.json or its folder; required."""

    name: ClassVar = "n_chat_tokens"
    reads: ClassVar = ("messages", "meta")
    columns: ClassVar = (
        Column(
            "n_chat_tokens_<tokenizer>",
            pa.int64(),
            "tokens of the conversation as the chat template writes it; 0 where there is none",
        ),
    )

    @property
    def writes(self) -> tuple[Column, ...]:
        """One column, named after the tokenizer."""
        (column,) = self.columns
        name = column.name.replace("<tokenizer>", self.encoder.vocabulary.name)
        return (replace(column, name=name),)

    @property
    def fingerprint(self) -> str:
        """Of the tokenizer's content, not of its path, and of the template."""
        from kormo_ds.chat import TEMPLATE

        template = TEMPLATE.read_text(encoding="utf-8")
        known = self.encoder.vocabulary.fingerprint
        return lake.fingerprint(self.name, self.version, known, template)

    @property
    def encoder(self) -> "Encoder":
        """What encodes, with the tokenizer read once a process.

        Raises:
            BadConfig: no tokenizer is named.
            KormoError: there is none at the path, or it cannot be used.
        """
        if not self.tokenizer:
            raise BadConfig(
                "n_chat_tokens needs a tokenizer: n_chat_tokens.tokenizer=NAME or =PATH"
            )
        return _load(self.tokenizer)

    def at(self, lk: "Lake") -> Self:
        """With the path of the tokenizer of that name in the lake."""
        from kormo_ds.text import tokens

        if self.tokenizer and "/" not in self.tokenizer and not self.tokenizer.endswith(".json"):
            name = tokens.named(lk, self.tokenizer).name
            return replace(self, tokenizer=lk.path("tokenizers", name))
        self.encoder  # noqa: B018 -- raises where it cannot be used
        return self

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The number of tokens of each conversation."""
        from kormo_ds.chat import columns

        edges = self.encoder(columns.chats(batch)).edges
        return self.written(pa.array(edges[1:] - edges[:-1], pa.int64()))


@cache
def _load(path: str) -> "Encoder":
    from kormo_ds.chat import Encoder
    from kormo_ds.text import tokens

    return Encoder(tokens.load(path))
