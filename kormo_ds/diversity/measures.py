"""Measures of how varied a sample is; each depends on its size, so compare equal samples only.

| measure | what it is | more diverse |
| --- | --- | --- |
| distinct_n | different n-grams of words by all n-grams, n from 1 to 4 (Li et al. 2016) | higher |
| compression_ratio | bytes of the sample by its bytes compressed (zstd, level 19) | lower |
| self_bleu | BLEU-4 of an excerpt against all others, 0 to 100 | lower |
| heaps_exponent | b in V = K n**b, V different words among n (Heaps 1978) | higher |

Costs some 50 ms for 20,000 words, most of it zstd's.
"""

import numpy as np
import zstandard

from kormo_ds.diversity.sample import Sample
from kormo_ds.diversity.self_bleu import self_bleu

HIGHER = {
    **{f"distinct_{n}": True for n in range(1, 5)},
    "compression_ratio": False,
    "self_bleu": False,
    "heaps_exponent": True,
}
"""Measures of one sample; True where a higher value is more diverse."""
ZSTD_LEVEL = 19
POINTS = 20
"""Places at which the growth of the vocabulary is noted."""


def measure(sample: Sample) -> dict[str, float]:
    """All of `HIGHER`, in their order."""
    return {
        **{f"distinct_{n}": distinct(sample, n) for n in range(1, 5)},
        "compression_ratio": compression_ratio(sample),
        "self_bleu": self_bleu(sample),
        "heaps_exponent": heaps_exponent(vocabulary(sample)),
    }


def distinct(sample: Sample, n: int) -> float:
    """Different n-grams by all n-grams; 0 where there is none."""
    ngrams, _ = sample.ngrams(n)
    return len(np.unique(ngrams)) / max(len(ngrams), 1)


def compression_ratio(sample: Sample) -> float:
    """Bytes of the excerpts, a newline between them, by their bytes as one zstd frame."""
    text = "\n".join(sample.texts.to_pylist()).encode()
    return len(text) / len(zstandard.compress(text, ZSTD_LEVEL))


def vocabulary(sample: Sample) -> list[tuple[int, int]]:
    """Words read and different words among them, at `POINTS` equal steps to the end."""
    _, first = np.unique(sample.words.values.to_numpy(), return_index=True)
    places = np.unique(np.linspace(0, sample.n_words, POINTS + 1).astype(np.int64)[1:])
    return [(int(n), int(np.sum(first < n))) for n in places if n]


def heaps_exponent(growth: list[tuple[int, int]]) -> float:
    """The slope of log(different words) over log(words) by least squares."""
    if len(growth) < 2:
        return 0.0
    words, types = np.log(np.array(growth, float)).T
    return float(np.polyfit(words, types, 1)[0])
