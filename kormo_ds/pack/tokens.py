"""A run of tokenised documents that can be joined and cut anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa


@dataclass(frozen=True)
class Tokens:
    """The tokens of `n` documents, one after another; the first may lack its beginning."""

    ids: np.ndarray
    """All tokens, int32."""
    edges: np.ndarray
    """Where each document begins in `ids`, and the end: int64 [n + 1]."""
    doc_ids: pa.Array
    components: pa.Array
    languages: pa.Array
    turns: np.ndarray
    """The pass of each document, int64."""
    indices: np.ndarray
    """Its place in the selection, int64."""
    offset: int = 0
    """Tokens of the first document that are not here: they came before."""
    scored: np.ndarray | None = None
    """Which tokens have a loss, bool; None where all have."""
    dropped: np.ndarray | None = None
    """For each document its tokens if it was dropped, which has none here then, else 0; int64.
    None where none was."""

    @property
    def n_documents(self) -> int:
        """Documents, cut ones included."""
        return len(self.doc_ids)

    @property
    def offsets(self) -> np.ndarray:
        """For each document the tokens of it that came before, int32."""
        offsets = np.zeros(self.n_documents, np.int32)
        offsets[:1] = self.offset
        return offsets

    def cut(self, at: int) -> "tuple[Tokens, Tokens]":
        """The first `at` tokens and the others; a document that is cut is in both."""
        begun = int(np.searchsorted(self.edges[:-1], at, side="left"))
        ended = int(np.searchsorted(self.edges[1:], at, side="right"))
        head = self._documents(0, max(begun, ended), 0, at, self.offset)  # dropped ones at the cut
        if ended == self.n_documents:
            return head, self._documents(ended, ended, at, at, 0)
        before = at - int(self.edges[ended]) + (self.offset if ended == 0 else 0)
        return head, self._documents(ended, self.n_documents, at, len(self.ids), before)

    def _documents(self, first: int, last: int, start: int, end: int, offset: int) -> "Tokens":
        edges = np.clip(self.edges[first : last + 1], start, end) - start
        return Tokens(
            ids=self.ids[start:end],
            edges=edges,
            doc_ids=self.doc_ids[first:last],
            components=self.components[first:last],
            languages=self.languages[first:last],
            turns=self.turns[first:last],
            indices=self.indices[first:last],
            offset=offset,
            scored=None if self.scored is None else self.scored[start:end],
            dropped=None if self.dropped is None else self.dropped[first:last],
        )


def joined(parts: Sequence[Tokens]) -> Tokens:
    """Runs that follow one another as one; none but the first may lack a beginning."""
    if len(parts) == 1:
        return parts[0]
    before = np.cumsum([0, *(len(part.ids) for part in parts)])
    inner = [part.edges[:-1] + n for part, n in zip(parts, before[:-1], strict=True)]
    return Tokens(
        ids=np.concatenate([part.ids for part in parts]),
        edges=np.concatenate([*inner, before[-1:]]),
        doc_ids=pa.concat_arrays([part.doc_ids for part in parts]),
        components=pa.concat_arrays([part.components for part in parts]),
        languages=pa.concat_arrays([part.languages for part in parts]),
        turns=np.concatenate([part.turns for part in parts]),
        indices=np.concatenate([part.indices for part in parts]),
        offset=parts[0].offset,
        scored=_together([part.scored for part in parts], [len(part.ids) for part in parts], True),
        dropped=_together([part.dropped for part in parts], [p.n_documents for p in parts], 0),
    )


def _together(arrays: list[np.ndarray | None], sizes: list[int], other: int) -> np.ndarray | None:
    """Arrays as one, with `other` for those that are None; None where all are."""
    if all(one is None for one in arrays):
        return None
    pairs = zip(arrays, sizes, strict=True)
    return np.concatenate([np.full(n, other) if one is None else one for one, n in pairs])
