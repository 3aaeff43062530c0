"""`minhash`: documents that share most of their word n-grams, by MinHash signatures in bands.

Documents that agree in a whole band are one cluster, and clusters that share a document are one
(Broder 1997). The parameters are those of FineWeb (Penedo et al. 2024, section 3.4): word 5-grams,
14 bands of 8 rows, which find a pair of similarity 0.8 with a chance of 0.92, 0.5 with 0.05.

`min_jaccard` compares candidates' n-grams themselves before they are joined; FineWeb does not.
A document with fewer words than an n-gram is compared with nothing. Costs the segmentation into
words, some 20 ns a word for hashes and signatures, and 125 stored bytes a document.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from kormo_ds.dedup.method import Method
from kormo_ds.errors import BadConfig
from lake import Column


@dataclass(frozen=True)
class MinHash(Method):
    """Nearly the same words in nearly the same order."""

    ngram: int = 5
    """Words of an n-gram."""
    n_bands: int = 14
    """Bands of a signature."""
    rows: int = 8
    """Least values in a band."""
    min_jaccard: float = 0.0
    """Similarity below which candidates are not joined; 0 joins all, as FineWeb does."""

    name: ClassVar = "minhash"
    duplicate: ClassVar = "near_duplicate"
    keys: ClassVar = "MinHash band keys of the text's word n-grams; compared: it takes part"
    needs_settings: ClassVar = ("ngram", "n_bands", "rows")
    columns: ClassVar = (
        Column("minhash_dup_of", pa.string(), "doc_id of the one kept for it; '' if this is kept"),
        Column(
            "minhash_cluster",
            pa.int64(),
            "documents of its cluster when it was judged, 1 for one alone, 0 where left out",
            bins=(0, 1, 2, 3, 5, 10, 100, 1000, 10_000),
        ),
        Column("minhash_reason", pa.string(), "kept, near_duplicate or left_out"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, most in (("ngram", 100), ("n_bands", 100), ("rows", 64)):
            if not 1 <= getattr(self, name) <= most:
                raise BadConfig(f"{name}={getattr(self, name)} must be from 1 to {most}")
        if not 0 <= self.min_jaccard <= 1:
            raise BadConfig(f"min_jaccard={self.min_jaccard} must be from 0 to 1")

    @property
    def bands(self) -> tuple[tuple[str, ...], ...]:
        """One key each."""
        return tuple((f"band_{band:02}",) for band in range(self.n_bands))

    @property
    def fields(self) -> tuple[pa.Field, ...]:
        """The number of n-grams and the key of each band."""
        keys = [pa.field(name, pa.int64()) for (name,) in self.bands]
        return (pa.field("n_ngrams", pa.int32()), *keys)

    def sketched(self, texts: pa.Array) -> tuple[pa.Array, list[pa.Array]]:
        """The signature's bands; a text without an n-gram has nothing to compare."""
        from kormo_ds.text import minhash

        words = minhash.hash_words(texts)
        n_ngrams, signed = minhash.signatures(words, self.ngram, self.n_bands, self.rows)
        keys = minhash.band_keys(signed).view(np.int64)
        return pa.array(n_ngrams > 0), [pa.array(n_ngrams), *map(pa.array, keys)]
