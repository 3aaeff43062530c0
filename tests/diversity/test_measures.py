"""The measures of a sample against counting by hand, sacrebleu and Python sets."""

import random

import pyarrow as pa
import pytest
import zstandard
from sacrebleu.metrics.bleu import BLEU

from kormo_ds.diversity import measures
from kormo_ds.diversity.sample import Sample, cut
from kormo_ds.diversity.self_bleu import self_bleu


def sample(*texts):
    return Sample.of(pa.array(texts, pa.string()))


def drawn(seed, n, known, length):
    draw = random.Random(seed)
    return [" ".join(draw.choices(known, k=length)) for _ in range(n)]


KNOWN = [f"w{i}" for i in range(40)]


def test_excerpts_have_their_words_and_too_short_texts_are_none():
    texts = pa.array(["하나 둘 셋", "a b", None, "a b. c"])
    assert cut(texts, 3).to_pylist() == ["하나 둘 셋", None, None, "a b."]


def test_a_sample_knows_its_size():
    made = sample("나는 간다", "a b")
    assert (made.n_documents, made.n_words, made.n_bytes) == (2, 4, 16)


@pytest.mark.parametrize(
    ("texts", "n", "expected"),
    [
        (["a b a b"], 1, 2 / 4),
        (["a b a b"], 2, 2 / 3),
        (["a b a b"], 4, 1.0),
        (["a b", "b a"], 2, 1.0),  # none across two excerpts
        (["a b", "a b"], 2, 1 / 2),
        (["a", "b"], 2, 0.0),
    ],
)
def test_distinct(texts, n, expected):
    assert measures.distinct(sample(*texts), n) == expected


def test_distinct_is_that_of_python_sets():
    texts = drawn(1, 30, KNOWN, 25)
    for n in range(1, 5):
        grams = [tuple(t.split()[i : i + n]) for t in texts for i in range(25 - n + 1)]
        assert measures.distinct(sample(*texts), n) == len(set(grams)) / len(grams)


def test_compression_is_that_of_the_bytes():
    texts = drawn(2, 5, KNOWN, 50)
    raw = "\n".join(texts).encode()
    assert measures.compression_ratio(sample(*texts)) == len(raw) / len(zstandard.compress(raw, 19))


@pytest.mark.parametrize(
    "texts",
    [
        drawn(3, 25, KNOWN, 20),
        drawn(4, 12, KNOWN[:6], 30),
        [*drawn(5, 6, KNOWN, 15), *drawn(6, 6, KNOWN, 17), "w1 w2", "w1"],
        ["가 나 다 라 마", "가 나 다 라 마", "바 사 아 자 차"],
    ],
    ids=["varied", "repeated", "of several lengths", "a copy"],
)
def test_self_bleu_is_sacrebleus_to_the_last_digit(texts):
    peer = BLEU(tokenize="none", effective_order=True)
    scores = [
        peer.sentence_score(text, texts[:i] + texts[i + 1 :]).score for i, text in enumerate(texts)
    ]
    assert self_bleu(sample(*texts)) == pytest.approx(sum(scores) / len(scores), rel=1e-12)


def test_self_bleu_of_copies_of_strangers_and_of_one():
    assert self_bleu(sample("a b c d e", "a b c d e")) == pytest.approx(100)
    assert self_bleu(sample("a b c d e", "f g h i j")) == 0
    assert self_bleu(sample("a b c d e")) == 0


def test_the_vocabulary_grows_to_the_number_of_different_words():
    assert measures.vocabulary(sample("a b a c", "a d")) == [
        (1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (6, 4),
    ]  # fmt: skip
    growth = measures.vocabulary(sample(*drawn(7, 10, KNOWN, 100)))
    assert len(growth) == 20
    assert growth[0][0] == 50 and growth[-1] == (1000, 40)


@pytest.mark.parametrize("exponent", [0.4, 0.8, 1.0])
def test_heaps_exponent_is_the_slope(exponent):
    growth = [(n, 3 * n**exponent) for n in range(100, 2100, 100)]
    assert measures.heaps_exponent(growth) == pytest.approx(exponent)
    assert measures.heaps_exponent(growth[:1]) == 0
