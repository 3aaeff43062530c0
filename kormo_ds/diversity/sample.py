"""What is measured: excerpts of documents, all of the same number of words.

Measures of diversity depend on how much they see: a longer text repeats more words, more documents
hold more near-duplicates. So groups are compared on samples of the same number of documents with
the same number of words each, the first ones of the document. Words are those of UAX #29, with a
Korean eojeol and its particle as one and a full stop as one, as everywhere in `kormo_ds.text`.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
from numba import njit

from kormo_ds.text import first_words, hashes
from kormo_ds.text.words import boundaries


def cut(texts: pa.Array, n: int) -> pa.Array:
    """The first n words of each text, string [m]; NULL where it is NULL or has fewer."""
    ends = first_words.ends(texts, boundaries(texts), n).tolist()
    kept = [
        None if end < 0 else text.as_py().encode()[:end].decode()
        for text, end in zip(texts, ends, strict=True)
    ]
    return pa.array(kept, pa.string())


@dataclass(frozen=True)
class Sample:
    """Excerpts in their order; the order matters to the growth of the vocabulary alone."""

    texts: pa.Array
    """string [n_documents]."""
    words: pa.ListArray
    """`hashes.HASHES` [n_documents], the words of each as hashes."""

    @classmethod
    def of(cls, texts: pa.Array) -> Self:
        """The sample of excerpts that `cut` made, without NULL."""
        return cls(texts, hashes.of_words(texts, boundaries(texts)))

    @property
    def n_documents(self) -> int:
        """Excerpts."""
        return len(self.texts)

    @property
    def n_words(self) -> int:
        """Words of all excerpts."""
        return len(self.words.values)

    @property
    def n_bytes(self) -> int:
        """UTF-8 bytes of all excerpts."""
        return sum(len(text.as_py().encode()) for text in self.texts)

    def ngrams(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """All n-grams of words, none across two excerpts.

        Returns:
            uint64 [m]: their hashes, in order.
            int64 [n_documents]: how many of them each excerpt has.
        """
        offsets = self.words.offsets.to_numpy().astype(np.int64)
        counts = np.maximum(np.diff(offsets) - n + 1, 0)
        out = np.empty(int(counts.sum()), np.uint64)
        _ngrams(self.words.values.to_numpy(), offsets, n, out)
        return out, counts


@njit(cache=True, nogil=True)
def _ngrams(values, offsets, n, out):  # type: ignore[no-untyped-def]
    at = 0
    for text in range(len(offsets) - 1):
        at = hashes.hash_ngrams(values, offsets[text], offsets[text + 1], n, out, at)
