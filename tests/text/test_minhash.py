"""MinHash: the estimate is unbiased, bands are as theory says, and the numbers never change."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from kormo_ds.text import hashes, minhash, words

CORPUS = Path(__file__).parents[2] / "../shared/corpus"
N_PAIRS = 4000


def signed(*texts, ngram=5, bands=14, rows=8):
    return minhash.signatures(minhash.hash_words(pa.array(texts)), ngram, bands, rows)


def planted(n_pairs, shared, own, seed):
    """Pairs of texts as word hashes, next to each other: `shared` words of both, `own` of each."""
    draw = np.random.default_rng(seed)
    drawn = draw.integers(0, 2**64, (n_pairs, shared + 2 * own), np.uint64)
    first, second = drawn[:, : shared + own], np.delete(drawn, np.s_[shared : shared + own], axis=1)
    both = np.stack([first, second], axis=1).reshape(-1)
    offsets = np.arange(0, len(both) + 1, shared + own, dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(both))


@pytest.mark.parametrize(
    ("shared", "own"),
    [(1, 1), (3, 1), (8, 1), (10, 10), (40, 10), (70, 30), (90, 5), (300, 100), (800, 100)],
)
def test_the_estimate_and_the_bands_are_as_theory_says(shared, own):
    words_ = planted(N_PAIRS, shared, own, seed=shared)
    _, slots = minhash.signatures(words_, 1, 14, 8)
    similarity = shared / (shared + 2 * own)
    agree = slots[0::2] == slots[1::2]
    # Standard errors of a mean of 112 * N_PAIRS independent slots; slots are not more dependent.
    error = (similarity * (1 - similarity) / agree.size) ** 0.5
    assert abs(agree.mean() - similarity) < 4 * error
    per_pair = agree.reshape(N_PAIRS, -1).sum(axis=1)
    assert per_pair.var() < 1.1 * 112 * similarity * (1 - similarity)

    found = agree.all(axis=2).any(axis=1).mean()
    expected = 1 - (1 - similarity**8) ** 14
    assert abs(found - expected) < 4 * (expected * (1 - expected) / N_PAIRS) ** 0.5 + 1e-3


def test_the_true_similarity_of_real_words():
    texts = ["가 나 다 라 마 바", "가 나 다 라 마 사", "a b c", "a b c", ""]
    found = minhash.hash_words(pa.array(texts))
    pairs = np.array([(0, 1), (0, 0), (2, 3), (0, 2), (4, 4)])
    assert minhash.jaccard(found, pairs, 2).tolist() == [4 / 6, 1, 1, 0, 0]
    assert minhash.jaccard(found, pairs, 6).tolist() == [0, 1, 0, 0, 0]


def test_true_similarity_against_python_sets():
    draw = np.random.default_rng(3)
    texts = [" ".join(draw.choice(list("abcdef"), 40)) for _ in range(60)]
    sets = [set(zip(*(t.split()[i:] for i in range(3)), strict=False)) for t in texts]
    pairs = np.array(list(pairwise(range(60))))
    expected = [len(sets[a] & sets[b]) / len(sets[a] | sets[b]) for a, b in pairs]
    assert minhash.jaccard(minhash.hash_words(pa.array(texts)), pairs, 3).tolist() == expected


def test_repetitions_and_order_of_ngrams_do_not_count():
    once, twice = "a b c d e f", "a b c d e f a b c d e f a b c d e f"
    _, slots = signed(once, twice, ngram=1)
    assert (slots[0] == slots[1]).all()
    n_ngrams, _ = signed(once, twice, "a b c d", "a b c d e", "")
    assert n_ngrams.tolist() == [2, 14, 0, 1, 0]


def test_a_text_without_ngrams_is_all_ones():
    _, slots = signed("a b c d")
    assert (slots == np.uint64(2**64 - 1)).all()


@pytest.mark.parametrize("n", [1, 2, 63, 64, 65, 1023, 1024, 1025, 1028, 1029, 2047, 2048, 5000])
def test_blocks_do_not_show(n):
    """A text's slots against the definition, in Python integers."""
    draw = np.random.default_rng(n)
    given = draw.integers(0, 2**64, n + 1, np.uint64)
    column = pa.ListArray.from_arrays(pa.array([0, n + 1], pa.int32()), pa.array(given))
    n_ngrams, slots = minhash.signatures(column, 2, 15, 7)
    ngrams = np.empty(n, np.uint64)
    assert hashes.hash_ngrams(given, 0, n + 1, 2, ngrams, 0) == n_ngrams[0] == n
    expected = [2**64 - 1] * 105
    for x in ngrams.tolist():
        slot = (x >> 32) * 105 >> 32
        expected[slot] = min(expected[slot], x & (2**63 - 1))
    for slot, (a, b) in enumerate(minhash.orders(105).tolist()):
        if expected[slot] == 2**64 - 1:
            halves = [x >> 32 if slot % 7 >= 4 else x & (2**32 - 1) for x in ngrams.tolist()]
            expected[slot] = 2**63 + min((a * half + b) % 2**32 for half in halves)
    assert slots.reshape(-1).tolist() == expected


def test_slices_and_null():
    column = pa.array(["a b c d e", None, "b c d e f", "a b c d e"])
    whole = minhash.hash_words(column)
    n_ngrams, slots = minhash.signatures(whole, 5, 14, 8)
    assert n_ngrams.tolist() == [1, 0, 1, 1]
    n_sliced, sliced = minhash.signatures(minhash.hash_words(column[2:]), 5, 14, 8)
    assert n_sliced.tolist() == [1, 1]
    assert (sliced == slots[2:]).all()
    assert (minhash.signatures(whole[2:], 5, 14, 8)[1] == slots[2:]).all()


def test_band_keys_are_equal_where_all_rows_are():
    _, slots = signed("a b c d e f g", "a b c d e f h", "a b c d e f g")
    keys = minhash.band_keys(slots)
    assert keys.shape == (14, 3)
    assert ((keys[:, 0] == keys[:, 1]) == (slots[0] == slots[1]).all(axis=1)).all()
    assert (keys[:, 0] == keys[:, 2]).all()
    assert len(np.unique(keys[:, 0])) == 14


def test_the_numbers_are_stored_and_never_change():
    _, slots = signed("한국어 문서와 English words, 다섯 낱말")
    keys = [f"{key:016x}" for key in minhash.band_keys(slots)[:3, 0].tolist()]
    assert keys == ["f6fe51e251de00c2", "85383f13f21e283a", "a08adc3d521924e9"]
    assert minhash.orders(2).tolist() == [[2494558601, 833236004], [521727991, 2331996057]]


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of real texts is not here")
def test_the_estimate_on_real_texts():
    import zstandard

    with zstandard.open(CORPUS / "en" / "msdocs_cpp_en.jsonl.zst", "rt", encoding="utf-8") as file:
        texts = pa.array(
            [json.loads(line)["text"] for line, _ in zip(file, range(400), strict=False)]
        )
    found = hashes.of_words(texts, words.boundaries(texts))
    _, slots = minhash.signatures(found, 5, 14, 8)
    pairs = np.array([(a, b) for a in range(400) for b in range(a)])
    true = minhash.jaccard(found, pairs, 5)
    flat = slots.reshape(400, -1)
    estimated = (flat[pairs[:, 0]] == flat[pairs[:, 1]]).mean(axis=1)
    alike = true > 0.1
    assert alike.sum() > 30
    error = np.sqrt(true * (1 - true) / 112)
    assert (np.abs(estimated - true) <= 5 * error + 1e-9).mean() > 0.9999
    assert abs((estimated - true)[alike].mean()) < 0.02
