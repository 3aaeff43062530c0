"""Kneser-Ney beside a naive reading of Chen and Goodman, and its file."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest

from kormo_ds.errors import Damaged
from kormo_ds.text import kneser_ney
from kormo_ds.text.ngram_model import MAGIC, NgramModel
from kormo_ds.text.pieces import BEGIN, END

WORDS = np.random.default_rng(9).integers(2**63, 2**64, 7, np.uint64)


def drawn(seed=0, n_texts=40):
    choice = np.random.default_rng(seed)
    weights = np.array([30, 20, 10, 5, 3, 2, 1]) / 71
    return [choice.choice(WORDS, n, p=weights).tolist() for n in choice.integers(0, 12, n_texts)]


def flat(texts):
    lengths = [len(text) for text in texts]
    return np.array(sum(texts, []), np.uint64), np.concatenate([[0], np.cumsum(lengths)])


class Naive:
    """The same smoothing by dictionaries of tuples."""

    def __init__(self, texts, order, min_count):
        self.order, begin, end = order, int(BEGIN), int(END)
        counts = [Counter() for _ in range(order + 1)]
        for text in texts:
            padded = [begin] * (order - 1) + text + [end]
            for at in range(order - 1, len(padded)):
                counts[order][tuple(padded[at - order + 1 : at + 1])] += 1
        for n in range(order - 1, 0, -1):
            for gram in counts[n + 1]:
                counts[n][gram[1:]] += 1
        self.n_types = len(counts[1])
        self.kept, self.left = {}, defaultdict(lambda: 1.0)
        for n in range(1, order + 1):
            of = [sum(c == k for c in counts[n].values()) for k in (1, 2, 3, 4)]
            taken = [0.5, 1.0, 1.5]
            if all(of):
                y = of[0] / (of[0] + 2 * of[1])
                own = [k - (k + 1) * y * of[k] / of[k - 1] for k in (1, 2, 3)]
                if all(0 <= t <= k for t, k in zip(own, (1, 2, 3), strict=True)):
                    taken = own
            total, given = Counter(), Counter()
            for gram, c in counts[n].items():
                total[gram[:-1]] += c
            for gram, c in counts[n].items():
                if n < 3 or c >= min_count:
                    share = (c - taken[min(c, 3) - 1]) / total[gram[:-1]]
                    self.kept[gram] = share
                    given[gram[:-1]] += share
            for context, share in given.items():
                self.left[context] = 1 - share

    def p(self, context, piece):
        if not context:
            return self.kept.get((piece,), 0) + self.left[()] / (self.n_types + 1)
        lower = self.p(context[1:], piece)
        return self.kept.get((*context, piece), 0) + self.left[context] * lower

    def perplexity(self, text):
        padded = [int(BEGIN)] * (self.order - 1) + text + [int(END)]
        bits = 0.0
        for at in range(self.order - 1, len(padded)):
            bits -= math.log2(self.p(tuple(padded[at - self.order + 1 : at]), padded[at]))
        return 2 ** (bits / (len(text) + 1))


@pytest.mark.parametrize(("order", "min_count"), [(1, 1), (2, 1), (3, 1), (3, 2), (5, 1), (5, 2)])
def test_perplexities_are_those_of_the_naive_model(order, min_count):
    texts = drawn()
    model, naive = kneser_ney.train(*flat(texts), order, min_count), Naive(texts, order, min_count)
    asked = [text for text in [*drawn(1), [int(WORDS[0]), 12345, int(WORDS[1])]] if text]
    found = model.perplexities(*flat(asked))
    assert found == pytest.approx([naive.perplexity(text) for text in asked], rel=1e-5)


@pytest.mark.parametrize("min_count", [1, 3])
def test_what_may_come_after_any_context_sums_to_one(min_count):
    model = kneser_ney.train(*flat(drawn()), 4, min_count)
    for context in ([2, 2, 2], WORDS[[0, 0, 0]], WORDS[[0, 1, 2]], WORDS[[6, 6, 6]], [9, 9, 9]):
        sequence = np.array(
            [piece for w in [*WORDS, END, 99] for piece in (*context, w)], np.uint64
        )
        p = model.after_each(sequence, np.arange(3, len(sequence), 4), 4)
        assert p.sum() == pytest.approx(1, abs=1e-5)


def test_a_text_without_pieces_has_none():
    model = kneser_ney.train(*flat(drawn()), 3, 1)
    assert model.perplexities(*flat([[], [int(WORDS[0])]]))[0] == 0


def test_the_file_is_the_model_and_always_the_same():
    model = kneser_ney.train(*flat(drawn()), 5, 1)
    content = model.to_bytes({"of": "한국어"})
    again, header = NgramModel.from_bytes(content, "m")
    asked = flat([text for text in drawn(2) if text])
    assert again.perplexities(*asked).tolist() == model.perplexities(*asked).tolist()
    assert (header["of"], header["order"]) == ("한국어", 5)
    assert again.to_bytes({"of": "한국어"}) == content
    assert kneser_ney.train(*flat(drawn()), 5, 1).to_bytes({"of": "한국어"}) == content


def test_a_damaged_file_is_named():
    content = kneser_ney.train(*flat(drawn()), 3, 1).to_bytes({})
    changed = bytearray(content)
    changed[-100] ^= 1
    for broken in (content[:-1], content[: len(MAGIC) + 3], bytes(changed)):
        with pytest.raises(Damaged, match="m was cut off or changed since it was written; train"):
            NgramModel.from_bytes(broken, "m")
    for other in (b"", b"{}", content.replace(MAGIC, MAGIC.replace(b"1", b"2"))):
        with pytest.raises(Damaged, match="m is no n-gram model of this version; train it again"):
            NgramModel.from_bytes(other, "m")
