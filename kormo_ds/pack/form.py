"""How a document is written before it is tokens: as text, as text with thoughts, or as a chat.

    text        BOS text EOS
    reasoning   the same; of a conversation what is said, thoughts between `<think>`, which has no
                loss, and `</think>` (`kormo_ds.chat.reasoning`)
    chat        by the template, each turn with its role; scored is what the rule says

Texts are those that spans have left. Turns are taken as they came: nothing is cut or masked in
them, so a mixture of conversations asks for those without spans.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kormo_ds.chat import Encoded, Encoder, columns
from kormo_ds.chat.segments import Segment
from kormo_ds.errors import BadInput
from kormo_ds.recorded import Documents
from kormo_ds.text import final
from kormo_ds.text.tokens import BOS, EOS, Vocabulary

if TYPE_CHECKING:
    from tokenizers import Encoding

RENDERS = ("text", "reasoning", "chat")


class Form(Protocol):
    """A way to write documents."""

    @property
    def counted(self) -> str:
        """The column that says how many tokens a document has, without `edges`; '' for none."""

    @property
    def edges(self) -> int:
        """Tokens around a document that `counted` does not count."""

    def reads(self, known: list[str]) -> list[str]:
        """The columns to read of those that documents have."""

    def encoding(self, documents: Documents) -> Callable[[], Encoded]:
        """What is done before (in the thread that reads), and what encodes (in any thread)."""


@dataclass(frozen=True)
class Text:
    """Documents as texts."""

    vocabulary: Vocabulary
    edges: int = 2

    @property
    def counted(self) -> str:
        """As the step n_tokens counts."""
        return f"n_tokens_{self.vocabulary.name}"

    def reads(self, known: list[str]) -> list[str]:
        """The text and what is left out of it."""
        return ["text_clean", *final.needed(known)]

    def encoding(self, documents: Documents) -> Callable[[], Encoded]:
        """All is scored."""
        texts = texts_of(documents)
        return lambda: self.framed(self.vocabulary.encode(texts))

    def framed(self, encodings: "list[Encoding]") -> Encoded:
        """BOS and EOS around each."""
        lists = [encoding.ids for encoding in encodings]
        sizes = np.fromiter(map(len, lists), np.int64, len(lists))
        edges = np.concatenate([[0], np.cumsum(sizes + 2)])
        ids = np.empty(edges[-1], np.int32)
        inside = np.ones(len(ids), bool)
        around = ((edges[:-1], self.vocabulary.bos), (edges[1:] - 1, self.vocabulary.eos))
        for places, token in around:
            ids[places] = token
            inside[places] = False
        ids[inside] = np.fromiter(chain.from_iterable(lists), np.int32, int(sizes.sum()))
        return Encoded(ids, None, edges)


@dataclass(frozen=True)
class Reasoning:
    """Conversations with their thoughts, and other documents as texts."""

    vocabulary: Vocabulary
    counted: str = ""
    edges: int = 0

    def reads(self, known: list[str]) -> list[str]:
        """The text and the turns."""
        return ["text_clean", *final.needed(known), *columns.READS]

    def encoding(self, documents: Documents) -> Callable[[], Encoded]:
        """All is scored but `<think>`; where a text spells it, it is no token."""
        rendered = columns.thoughts(documents.columns)
        texts = iter(texts_of(documents))
        whole = [
            said or [Segment(BOS, True, "", True), Segment(text, False, "", True), _END]
            for said, text in zip(rendered, texts, strict=True)
        ]
        encoder = Encoder(self.vocabulary)
        return lambda: encoder(whole)


@dataclass(frozen=True)
class Chat:
    """Conversations by the template."""

    vocabulary: Vocabulary
    rule: str
    edges: int = 0

    @property
    def counted(self) -> str:
        """As the step n_chat_tokens counts."""
        return f"n_chat_tokens_{self.vocabulary.name}"

    def reads(self, known: list[str]) -> list[str]:
        """The turns."""
        return list(columns.READS)

    def encoding(self, documents: Documents) -> Callable[[], Encoded]:
        """What the rule scores.

        Raises:
            BadInput: a document that is no conversation.
        """
        rendered = columns.chats(documents.columns, self.rule)
        for place, segments in enumerate(rendered):
            if not segments:
                doc_id = documents.columns["doc_id"][place]
                raise BadInput(
                    f"document '{doc_id}' is no conversation, which render=chat is for; leave it "
                    "out of the mixture (messages is not null), or take render=reasoning or text"
                )
        encoder = Encoder(self.vocabulary)
        return lambda: encoder(rendered)


_END = Segment(EOS, True, "", True)


def form(render: str, rule: str, vocabulary: Vocabulary) -> Form:
    """The form of that name; `rule` is for chats alone."""
    if render == "chat":
        return Chat(vocabulary, rule)
    return Reasoning(vocabulary) if render == "reasoning" else Text(vocabulary)


def texts_of(documents: Documents) -> list[str]:
    """What is encoded of each document.

    Raises:
        BadInput: nothing is left of one; the mixture must not select it.
    """
    texts: list[str] = final.of(documents.columns).to_pylist()
    for place, text in enumerate(texts):
        if not text.strip() and documents.columns["text_clean"][place].as_py().strip():
            raise BadInput(
                f"document '{documents.columns['doc_id'][place]}' has no text left after its "
                "spans; let the mixture ask for bff_reason = 'kept', or leave it out by its doc_id"
            )
    return texts


def sizes(documents: pa.Table) -> np.ndarray:
    """Bytes of each document as far as they are known, int64: how calls are cut."""
    if "text_clean" in documents.schema.names:
        found = pc.binary_length(documents["text_clean"].combine_chunks())
        return np.asarray(found.to_numpy(), np.int64)
    return np.zeros(len(documents), np.int64)
