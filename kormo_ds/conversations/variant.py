"""The variants of one conversation: one that thinks, one that does not, both, or none.

    parent     [system S]                 user   assistant (reasoning, content)
    think      system S, blank line, ON   user   assistant (reasoning, content)
    no_think   system S, blank line, OFF  user   assistant (content)

Which are made is one draw, a number u in [0, 1) by hash of `doc_id` and seed: think where
u < think and there is reasoning, no_think where u >= 1 - no_think. So two shares of 1 make pairs,
shares that add up to 1 give each conversation with reasoning one variant, and a share that is
raised later adds to what is there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kormo_ds.conversations.settings import Settings
from kormo_ds.conversations.toggle import STYLES, Toggle, digest, known
from kormo_ds.documents import conversation
from kormo_ds.documents.document import Document, Turn
from kormo_ds.documents.identity import doc_id

REASONS = {
    "no_messages": "it has no turns: it was not ingested as a conversation",
    "is_variant": "it is a variant itself",
    "has_toggle": "a system or user turn turns reasoning on or off already",
    "no_toggle": "there is no toggle in its language",
}
"""Why a document that was chosen can have no variant."""
READS = (
    *("doc_id", "source_id", "messages", "lang", "source", "origin", "url", "license"),
    *("parent_id", "synthesizer", "prompt_style", "meta"),
)
"""Columns of a parent that are looked at."""


class Variants:
    """Makes variants; every call with the same settings and parent gives the same ones."""

    def __init__(self, settings: Settings, toggles: Mapping[tuple[str, str], Toggle]):
        """`toggles` by style and language."""
        self._settings, self._toggles = settings, toggles
        self._known: re.Pattern[str] = known(toggles)

    def fault(self, parent: Mapping[str, Any]) -> str | None:
        """Why a document can have no variant, a key of `REASONS`; None if it can."""
        if not parent["messages"]:
            return "no_messages"
        if parent["parent_id"] and parent["prompt_style"] in STYLES:
            return "is_variant"
        if ("think", _language(parent)) not in self._toggles:
            return "no_toggle"
        said = (one["content"] for one in parent["messages"] if one["role"] in ("system", "user"))
        return "has_toggle" if any(map(self._known.search, said)) else None

    def __call__(self, parent: Mapping[str, Any]) -> Iterator[Document]:
        """The variants of a document without fault that its draw gives it."""
        turns = parent["messages"]
        draw = int(digest(f"share|{parent['doc_id']}", self._settings.seed)[:13], 16) / 2**52
        if draw < self._settings.think and conversation.reasons(turns):
            yield self._variant(parent, "think", turns)
        if draw >= 1 - self._settings.no_think:
            yield self._variant(parent, "no_think", conversation.without_reasoning(turns))

    def _variant(self, parent: Mapping[str, Any], style: str, turns: Sequence[Turn]) -> Document:
        toggle = self._toggles[style, _language(parent)]
        turns = with_toggle(turns, toggle.drawn(parent["doc_id"], self._settings.seed))
        text = conversation.text(turns).encode()
        return Document(
            doc_id=doc_id(parent["source"], parent["source_id"], text, turns),
            source_id=parent["source_id"],
            text=text,
            lang=parent["lang"],
            source=parent["source"],
            origin=parent["origin"],
            kind=conversation.KIND,
            url=parent["url"],
            license=parent["license"],
            parent_id=parent["doc_id"],
            synthesizer=parent["synthesizer"],
            prompt_style=style,
            prompt_id=toggle.name,
            meta=parent["meta"],
            messages=turns,
        )


def with_toggle(turns: Sequence[Turn], text: str) -> list[Turn]:
    """The turns with `text` as their system prompt, or at the end of the one that they have."""
    first, *others = turns
    if first["role"] != "system":
        return [conversation.turn("system", text), *turns]
    return [conversation.turn("system", f"{first['content']}\n\n{text}"), *others]


def _language(parent: Mapping[str, Any]) -> str:
    """The language of a parent without its further parts: of 'zh-Hant', 'zh'."""
    return str(parent["lang"]).split("-")[0]
