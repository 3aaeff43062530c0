"""UTF-8 bytes a token of several tokenizers on the same documents, by language and source.

Bytes and tokens are pooled over documents before they are divided, so a long document weighs what
it weighs in training. Costs one encoding of the texts for each tokenizer.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kormo_ds.progress import Advance, silent
from kormo_ds.recorded import Recorded

if TYPE_CHECKING:
    from tokenizers import Tokenizer

ALL = "(all)"
"""Stands for all sources of a language, and for all languages."""


@dataclass(frozen=True)
class Measured:
    """How several tokenizers compress the documents of one language and source."""

    lang: str
    source: str
    n_documents: int
    n_bytes: int
    """UTF-8 bytes of the clean texts."""
    n_tokens: tuple[int, ...]
    """Tokens by each tokenizer, without special ones."""

    @property
    def bytes_per_token(self) -> tuple[float, ...]:
        """Higher compresses better; 0 where there is no token."""
        return tuple(self.n_bytes / n if n else 0.0 for n in self.n_tokens)


def measure(
    source: Recorded,
    tokenizers: Sequence["Tokenizer"],
    n_documents: int,
    progress: Advance = silent,
) -> list[Measured]:
    """Measure on the first `n_documents` of a mixture.

    Returns:
        First all documents, then each language, followed by its sources.
    """
    n_bytes: Counter[tuple[str, str]] = Counter()
    seen: Counter[tuple[str, str]] = Counter()
    n_tokens: list[Counter[tuple[str, str]]] = [Counter() for _ in tokenizers]
    left = min(n_documents, source.mixture.n_documents)
    progress(0, total=left)
    for documents in source.read(["text_clean", "lang", "source"]):
        rows = documents.slice(0, left).columns
        texts = rows["text_clean"].to_pylist()
        groups = [
            (lang or "?", name or "?")
            for lang, name in zip(rows["lang"].to_pylist(), rows["source"].to_pylist(), strict=True)
        ]
        keys = [((lang, name), (lang, ALL), (ALL, ALL)) for lang, name in groups]
        for text, of in zip(texts, keys, strict=True):
            for key in of:
                seen[key] += 1
                n_bytes[key] += len(text.encode())
        for counter, tokenizer in zip(n_tokens, tokenizers, strict=True):
            encodings = tokenizer.encode_batch_fast(texts, add_special_tokens=False)
            for encoding, of in zip(encodings, keys, strict=True):
                for key in of:
                    counter[key] += len(encoding)
        left -= len(texts)
        progress(len(texts))
        if not left:
            break
    order = sorted(seen, key=lambda key: (key[0] != ALL, key[0], key[1] != ALL, key[1]))
    return [
        Measured(*key, seen[key], n_bytes[key], tuple(counter[key] for counter in n_tokens))
        for key in order
    ]
