"""Measures of diversity: CPU milliseconds a sample beside sacrebleu and Python sets, in one run.

    python bench/diversity.py [FILE.jsonl.zst …]

Without files, English and Korean pages are made from lists of words. A sample is 200 or 1,000
excerpts of 100 words. Ours begins with text: segmentation (UAX #29) and hashes are in its time. The
peers get the words as lists or as text with spaces between them, made before the clock starts.

- Self-BLEU: sacrebleu's `sentence_score` of an excerpt against all others, as its users do it. It
  scores 5 excerpts of the sample, and its time is scaled to all; the same 5 have the same score.
- Distinct 1- to 4-grams: sets of tuples, as nltk's `ngrams` gives them. The results are equal.

One thread; the best of five rounds for ours and for sets, one round for sacrebleu.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
from report import keep
from sacrebleu.metrics.bleu import BLEU
from segmentation import ENGLISH, KOREAN, made, read

from kormo_ds.diversity import measures
from kormo_ds.diversity.sample import Sample, cut
from kormo_ds.diversity.self_bleu import scores, self_bleu
from kormo_ds.text.words import boundaries

WORDS = 100
SIZES = (200, 1000)
ROUNDS = 5
SCORED = 5


def excerpts(texts: list[str], n: int) -> list[str]:
    found = [text for text in cut(pa.array(texts[: 20 * n]), WORDS).to_pylist() if text]
    return found[:n]


def words_of(text: str) -> list[str]:
    data = text.encode()
    ends = boundaries(pa.array([text]))[0].as_py()
    pieces = [data[a:b].decode() for a, b in zip(ends[:-1], ends[1:], strict=True)]
    return [piece for piece in pieces if not piece.isspace()]


def timed(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    found = []
    for _ in range(rounds):
        start = time.thread_time()
        work()
        found.append(time.thread_time() - start)
    return 1e3 * min(found)


def distinct_by_sets(split: list[list[str]]) -> list[float]:
    shares = []
    for n in range(1, 5):
        grams = [gram for one in split for gram in zip(*(one[i:] for i in range(n)), strict=False)]
        shares.append(len(set(grams)) / len(grams))
    return shares


def measure(texts: list[str], n: int) -> dict[str, object] | None:
    given = excerpts(texts, n)
    if len(given) < n:
        return None
    column, split = pa.array(given), [words_of(text) for text in given]
    spaced = [" ".join(one) for one in split]
    peer = BLEU(tokenize="none", effective_order=True)

    def by_sacrebleu() -> list[float]:
        return [
            peer.sentence_score(spaced[i], spaced[:i] + spaced[i + 1 :]).score
            for i in range(SCORED)
        ]

    sample = Sample.of(column)
    pairs = zip(scores(sample)[:SCORED], by_sacrebleu(), strict=True)
    assert all(abs(ours - theirs) < 1e-9 for ours, theirs in pairs)
    assert [measures.distinct(sample, k) for k in range(1, 5)] == distinct_by_sets(split)
    bleu = timed(lambda: self_bleu(Sample.of(column)))
    sets = timed(lambda: [measures.distinct(Sample.of(column), k) for k in range(1, 5)])
    bleu_peer = timed(by_sacrebleu, rounds=1) * n / SCORED
    sets_peer = timed(lambda: distinct_by_sets(split))
    return {
        "self_bleu": round(self_bleu(sample), 2),
        "self_bleu_ms": round(bleu, 1),
        "sacrebleu_ms": round(bleu_peer),
        "ratio_to_sacrebleu": round(bleu_peer / bleu),
        "distinct_ms": round(sets, 1),
        "sets_ms": round(sets_peer, 1),
        "ratio_to_sets": round(sets_peer / sets, 1),
        "all_measures_ms": round(timed(lambda: measures.measure(Sample.of(column))), 1),
    }


def main(paths: list[str]) -> None:
    texts = {Path(path).name.split(".")[0]: read(path) for path in paths} or {
        "english (made)": made(ENGLISH),
        "korean (made)": made(KOREAN),
    }
    measured = {
        f"{name}, {n} excerpts": figures
        for name, of in texts.items()
        for n in SIZES
        if (figures := measure(of, n)) is not None
    }
    goals = "self-BLEU at least 100 times sacrebleu; distinct n-grams not slower than sets"
    packages = ("numba", "numpy", "pyarrow", "sacrebleu", "zstandard")
    keep("diversity", {"goals": goals, "words": WORDS, "samples": measured}, packages)


if __name__ == "__main__":
    main(sys.argv[1:])
