"""A document on its way into the lake, or a reject: why something cannot become one."""

from collections.abc import Sequence
from typing import NamedTuple, TypedDict

DETAIL_CHARS = 200


class Turn(TypedDict):
    """One turn of a conversation, as the column `messages` holds it."""

    role: str
    """system, user, assistant or tool."""
    content: str
    reasoning: str | None
    """What an assistant thought before `content`; None for none, never empty."""


class Document(NamedTuple):
    """One row of `documents`, but for `ingest_run`; fields are its columns in order."""

    doc_id: str
    source_id: str | None
    text: bytes
    """UTF-8."""
    lang: str
    source: str
    origin: str
    kind: str | None
    url: str | None
    license: str | None
    parent_id: str | None
    synthesizer: str | None
    prompt_style: str | None
    prompt_id: str | None
    meta: str | None
    messages: Sequence[Turn] | None = None


class Unusable(Exception):
    """A value that no document can have; holds reason and detail of the reject that it becomes."""

    def __init__(self, reason: str, detail: str):
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


class Reject(NamedTuple):
    """Something that cannot become a document."""

    file: str
    name: str
    line: int
    """Line or row number from 1; 0 for the whole file."""
    reason: str
    """A key of `REASONS`."""
    detail: str
    """What was found."""


def excerpt(value: object) -> str:
    r"""`value` as a text that the lake can hold, of at most 200 characters.

    >>> excerpt("half a pair: \ud83d")
    'half a pair: \\ud83d'
    """
    text = storable(value if isinstance(value, str) else repr(value))
    return text if len(text) <= DETAIL_CHARS else text[: DETAIL_CHARS - 1] + "…"


def storable(text: str) -> str:
    """`text` with what UTF-8 cannot hold, and U+0000, written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
