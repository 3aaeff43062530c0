"""N-gram repetition: literal texts, random ones and real ones against a naive count."""

import json
import random
from collections import Counter
from itertools import islice, pairwise
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard

from kormo_ds.text import code_points, hashes, repetition, words

CORPUS = Path(__file__).parents[2] / "../shared/corpus"
FILES = ["ko/law_statutes", "ko/nsmc_review_pages", "ko/tfdocs_ko", "en/msdocs_cpp_en"]


def counted(texts):
    column = pa.array(texts, pa.string())
    found = words.boundaries(column)
    hashed, lengths = hashes.of_words(column, found), code_points.of_words(column, found)
    return repetition.ngrams(hashed, lengths)


def pieces(text):
    encoded = text.encode()
    found = words.boundaries(pa.array([text]))[0].as_py()
    split = [encoded[left:right].decode() for left, right in pairwise(found)]
    return [piece for piece in split if not piece.isspace()]


def most_frequent(known, n):
    grams = [" ".join(known[i : i + n]) for i in range(len(known) - n + 1)]
    if not grams:
        return 0
    gram, times = Counter(grams).most_common(1)[0]
    return len(gram) * times


def copies(known, n):
    seen, at, n_chars = set(), 0, 0
    while at + n <= len(known):
        gram = tuple(known[at : at + n])
        if gram in seen:
            n_chars += sum(map(len, gram))
            at += n
        else:
            seen.add(gram)
            at += 1
    return n_chars


def naive(text):
    known = pieces(text)
    return (
        [most_frequent(known, n) for n in repetition.TOP],
        [copies(known, n) for n in repetition.COPIED],
    )


@pytest.mark.parametrize(
    ("text", "top", "copied"),
    [
        ("", [0, 0, 0], [0] * 6),
        ("하나", [0, 0, 0], [0] * 6),
        ("a bb", [4, 0, 0], [0] * 6),
        ("a bb c dd", [4, 6, 9], [0] * 6),  # nothing repeats: the first of each counts once
        ("x y x y", [6, 5, 7], [0] * 6),  # "x y" twice, 3 characters with its space
        ("a a a a", [9, 10, 7], [0] * 6),  # "a a" three times, overlapping
        ("p q aa bb aa bb p q", [6, 6, 9], [0] * 6),  # "p q" and "aa bb" twice: the first
        ("가 나 다 라 마 " * 2, [6, 10, 14], [5, 0, 0, 0, 0, 0]),
        ("a b c d e f g h i j " * 2, [6, 10, 14], [10, 6, 7, 8, 9, 10]),
        ("a " * 11, [30, 45, 56], [10, 6, 7, 8, 9, 10]),  # 10 n-grams of 2, 9 of 3, 8 of 4
    ],
    ids=ascii,
)
def test_literal(text, top, copied):
    assert naive(text) == (top, copied)
    found_top, found_copied = counted([text])
    assert (found_top[0].tolist(), found_copied[0].tolist()) == (top, copied)


def test_copies_do_not_overlap_and_skipped_ones_are_not_remembered():
    # the second "b c d e f" lies inside a copy and is passed over; the third is its first copy
    text = "a b c d e  a b c d e  f  b c d e f  b c d e f"
    _, copied = counted([text])
    assert copied[0, 0] == copies(pieces(text), 5) == 5 + 5


def test_words_count_not_characters():
    top, _ = counted(["ab c a bc ab c"])
    assert top[0].tolist() == [8, 6, 9]


def test_null_and_nothing():
    top, copied = counted([None, "", "a b a b"])
    assert (top[:, 0].tolist(), copied.any()) == ([0, 0, 6], False)
    assert counted([])[0].shape == (0, 3)


def test_random_texts_are_counted_as_by_hand():
    draw = random.Random(0)
    known = ["a", "bb", "가", "나다", ",", "."]
    texts = [" ".join(draw.choices(known[: 1 + k % 6], k=draw.randrange(90))) for k in range(500)]
    top, copied = counted(texts)
    for text, *found in zip(texts, top.tolist(), copied.tolist(), strict=True):
        assert tuple(found) == naive(text)


@pytest.mark.parametrize("name", FILES)
def test_real_texts_are_counted_as_by_hand(name):
    path = CORPUS / f"{name}.jsonl.zst"
    if not path.exists():
        pytest.skip(f"no corpus at {path}")
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in islice(lines, 0, 900, 30)]
    top, copied = counted(texts)
    for text, *found in zip(texts, top.tolist(), copied.tolist(), strict=True):
        assert tuple(found) == naive(text)
