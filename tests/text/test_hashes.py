"""Hashes of words and n-grams: equal where the bytes are, and nowhere else on real text."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from kormo_ds.text import hashes, words

WORD = "가나다 abcdefghijklmnopqrstuvwxyz0123456789"


def hashed(*texts):
    column = pa.array(texts, pa.string())
    return hashes.of_words(column, words.boundaries(column)).to_pylist()


def test_white_space_has_no_hash():
    (found,) = hashed("한국어는, 재미있다.\n\n\u3000끝")
    assert len(found) == 5
    assert hashed("", " \n", None) == [[], [], None]


def test_a_word_has_one_hash_wherever_it_stands():
    one, two, three = hashed("학습 데이터를", "데이터를 학습", "x" * 100 + " 데이터를")
    assert one == two[::-1]
    assert three[-1] == one[1]


@pytest.mark.parametrize("n", range(1, 40))
def test_every_byte_counts(n):
    data = np.frombuffer(WORD.encode()[:n] + b"  ", np.uint8)
    found = {int(hashes.hash_bytes(data, 0, n))}
    for place in range(n):
        other = data.copy()
        other[place] ^= 1
        found.add(int(hashes.hash_bytes(other, 0, n)))
    assert len(found) == n + 1
    assert int(hashes.hash_bytes(data, 0, n - 1)) not in found


def test_no_byte_outside_counts():
    for n in range(40):
        alone = np.frombuffer(b"ab" * 20, np.uint8)[:n].copy()
        inside = np.concatenate([np.full(9, 7, np.uint8), alone, np.full(9, 9, np.uint8)])
        assert hashes.hash_bytes(alone, 0, n) == hashes.hash_bytes(inside, 9, 9 + n)


def test_two_million_words_have_two_million_hashes():
    texts = pa.array([" ".join(f"w{i}" for i in range(first, first + 1000)) for first in
                      range(0, 2_000_000, 1000)])  # fmt: skip
    found = hashes.of_words(texts, words.boundaries(texts)).values.to_numpy()
    assert len(np.unique(found)) == 2_000_000


@pytest.mark.parametrize("n", [1, 2, 5, 13])
def test_an_ngram_is_hashed_as_its_words_are(n):
    (found,) = hashed("the cat sat on the mat and the cat sat on the mat again and again today")
    array = np.array(found, np.uint64)
    out = np.zeros(len(array), np.uint64)
    end = hashes.hash_ngrams(array, 0, len(array), n, out, 0)
    assert end == len(array) - n + 1
    grams = [tuple(found[i : i + n]) for i in range(end)]
    for (a, x), (b, y) in pairwise(sorted(zip(grams, out[:end].tolist(), strict=True))):
        assert (a == b) == (x == y)
    alone = np.zeros(1, np.uint64)
    hashes.hash_ngrams(array, 3, 3 + n, n, alone, 0)
    assert alone[0] == out[3]
    assert hashes.hash_ngrams(array, 0, n - 1, n, out, 4) == 4
