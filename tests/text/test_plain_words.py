"""Plain words: what counts as one, and that the kernel agrees with a naive reading."""

import json
import unicodedata
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard

from kormo_ds.text import plain_words, words

CORPUS = Path(__file__).parents[2] / "../shared/corpus"
SAME = {
    "Don’t STOP!": ["dont", "stop"],
    "don't  stop": ["dont", "stop"],
    "1,000 3.14": ["1000", "314"],
    "안녕하세요, “세계”!": ["안녕하세요", "세계"],
    "가힣꿿퀀ㄱㅎᄀ": ["가힣꿿퀀ㄱㅎᄀ"],
    "ÀÉ ΑΒΓ ЖУК": ["àé", "αβγ", "жук"],
    "has_close_elements(x)": ["hascloseelements", "x"],
    "well-known": ["well", "known"],
    "… — ☺️ ?!": [],
    "𠀀𠀁": ["𠀀", "𠀁"],
    "": [],
}


def hashed(*texts):
    column = pa.array(texts, pa.string())
    return plain_words.hashes(column, words.boundaries(column)).to_pylist()


def naive(text):
    """The plain words of a text, read piece by piece."""
    (ends,) = words.boundaries(pa.array([text])).to_pylist()
    data = text.encode()
    found = []
    for left, right in zip(ends, ends[1:], strict=False):
        kept = [c for c in data[left:right].decode() if unicodedata.category(c)[0] in "LNM"]
        if any(unicodedata.category(c)[0] in "LN" for c in kept):
            found.append("".join(c.lower() if len(c.lower()) == 1 else c for c in kept))
    return found


@pytest.mark.parametrize(("text", "plain"), SAME.items(), ids=map(ascii, SAME))
def test_plain(text, plain):
    assert naive(text) == plain
    assert hashed(text) == hashed(" ".join(plain))
    assert len(hashed(text)[0]) == len(plain)


def test_null_and_what_differs():
    assert hashed(None, "", "a") == [None, [], hashed("A")[0]]
    assert len({*hashed("a ab ba aa b 가 각 1 11")[0]}) == 9


@pytest.mark.parametrize(
    "name", ["ko/blog_johngrib", "ko/nsmc_review_pages", "en/wikitext2_valid_test"]
)
def test_real_text_as_a_naive_reading_has_it(name):
    path = CORPUS / f"{name}.jsonl.zst"
    if not path.exists():
        pytest.skip(f"no real text at {CORPUS} to compare on")
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"][:20_000] for line in islice(lines, 20)]
    seen: dict[int, str] = {}
    for text, hashes in zip(texts, hashed(*texts), strict=True):
        plain = naive(text)
        assert len(plain) == len(hashes)
        for word, value in zip(plain, hashes, strict=True):
            assert seen.setdefault(value, word) == word
    assert len(set(seen.values())) == len(seen), "one word has one hash"
