"""Segments to tokens, and to the tokens without loss; a batch of conversations in one call.

Texts that come again and again (`user⏎`, a new line) are encoded once. Costs what encoding costs,
and 2 microseconds a segment.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from kormo_ds.chat.segments import Segment
from kormo_ds.text.tokens import BOT, Vocabulary

_FRAMES = frozenset(("system\n", "user\n", "assistant\n", "\n", "\n\n"))


@dataclass(frozen=True)
class Encoded:
    """The tokens of conversations, one after another."""

    ids: np.ndarray
    """int32."""
    scored: np.ndarray | None
    """bool, one for each token; None where all are."""
    edges: np.ndarray
    """Where each conversation begins, and the end: int64 [n + 1]."""


@dataclass(frozen=True)
class Encoder:
    """Encodes with one vocabulary.

    Raises (on use):
        BadInput: the vocabulary lacks a token of the form; names it and the way out.
    """

    vocabulary: Vocabulary
    _known: dict[tuple[str, bool], list[int]] = field(default_factory=dict, repr=False)

    def __call__(self, conversations: Sequence[Sequence[Segment]]) -> Encoded:
        """Encode conversations."""
        parts = self.parts(conversations)
        ids: list[int] = []
        scored: list[bool] = []
        edges = [0]
        for segments in conversations:
            begun = len(ids)
            for segment in segments:
                if segment.is_token and segment.text == BOT:
                    begun = len(ids)
                here = next(parts)
                n, skipped = len(here), 0
                if segment.skip:
                    skipped = min(n, max(0, segment.skip - (len(ids) - begun)))
                    scored += [False] * skipped
                ids += here
                scored += [segment.scored] * (n - skipped)
            edges.append(len(ids))
        return Encoded(np.array(ids, np.int32), np.array(scored, bool), np.array(edges, np.int64))

    def parts(self, conversations: Sequence[Sequence[Segment]]) -> Iterator[list[int]]:
        """The tokens of each segment of each conversation, in their order."""
        texts = [
            one.text
            for segments in conversations
            for one in segments
            if not one.is_token and one.text not in _FRAMES
        ]
        encoded = iter(self.vocabulary.encode(texts))
        for segments in conversations:
            for one in segments:
                if one.is_token or one.text in _FRAMES:
                    yield self._fixed(one.text, one.is_token)
                else:
                    yield next(encoded).ids

    def _fixed(self, text: str, is_token: bool) -> list[int]:
        known = self._known.get((text, is_token))
        if known is None:
            if is_token:
                known = [self.vocabulary.token(text)]
            else:
                known = list(self.vocabulary.encode([text])[0].ids)
            self._known[text, is_token] = known
        return known
