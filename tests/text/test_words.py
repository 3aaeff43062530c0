"""Word boundaries: literal tables, every short string of classes against the rules, the corpus."""

import itertools
import json
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import regex
import zstandard

from kormo_ds.errors import BadInput
from kormo_ds.text import words

CORPUS = Path(__file__).parents[2] / "../shared/corpus"
FILES = sorted(path for folder in ("ko", "en") for path in (CORPUS / folder).glob("*.jsonl.zst"))

PIECES = {
    # Korean
    "한국어는 재미있다.": ["한국어는", " ", "재미있다", "."],
    "2024년 3.14를": ["2024년", " ", "3.14를"],
    "A4용지를 1,000장": ["A4용지를", " ", "1,000장"],
    "서울·부산": ["서울·부산"],
    "‘따옴표’와": ["‘", "따옴표’와"],
    "각각": ["각각"],  # NFD: conjoining jamo
    "ㅋㅋㅋ ㅠㅠ": ["ㅋㅋㅋ", " ", "ㅠㅠ"],
    "힘센 힣\ud7b0": ["힘센", " ", "힣\ud7b0"],
    "漢字는": ["漢", "字", "는"],
    # English and numbers
    "don't can’t": ["don't", " ", "can’t"],
    "'and y'all'": ["'", "and", " ", "y'all", "'"],
    "e.g. a.b": ["e.g", ".", " ", "a.b"],
    "v1.2.3-rc_1": ["v1.2.3", "-", "rc_1"],
    "1.a a.1 1..2": ["1", ".", "a", " ", "a", ".", "1", " ", "1", ".", ".", "2"],
    "x=1;2;y": ["x", "=", "1;2", ";", "y"],
    "foo::bar a:b": ["foo", ":", ":", "bar", " ", "a:b"],
    # white space
    "a  b\t\tc": ["a", "  ", "b", "\t", "\t", "c"],
    "a\r\nb\n\rc\x85d": ["a", "\r\n", "b", "\n", "\r", "c", "\x85", "d"],
    " \u0308 ": [" \u0308", " "],
    "a\u00a0b\u3000c": ["a", "\u00a0", "b", "\u3000", "c"],
    # marks that extend
    "cafe\u0301s": ["cafe\u0301s"],
    "\u0301a": ["\u0301", "a"],
    "\n\u0301a": ["\n", "\u0301", "a"],
    "a:\u0308b": ["a:\u0308b"],
    "1,\u00ad2": ["1,\u00ad2"],
    "a.\u0308": ["a", ".\u0308"],
    # emoji
    "👨‍👩‍👧x": ["👨‍👩‍👧", "x"],
    "👍🏽👍": ["👍🏽", "👍"],
    "❤️‍🔥!": ["❤️‍🔥", "!"],
    "a\u200d😀": ["a\u200d😀"],
    "a.\u200d😀": ["a", ".\u200d😀"],
    "a.\u200dℹb": ["a.\u200dℹb"],
    "🇰🇷🇺🇸🇯a": ["🇰🇷", "🇺🇸", "🇯", "a"],
    # other scripts
    "カタカナ_ひら": ["カタカナ_", "ひ", "ら"],
    "צה\"ל ג'": ['צה"ל', " ", "ג'"],
    'א"1': ["א", '"', "1"],
    # the ends
    "a.": ["a", "."],
    "1,": ["1", ","],
    "": [],
}


@pytest.mark.parametrize(("text", "pieces"), PIECES.items(), ids=map(ascii, PIECES))
def test_pieces(text, pieces):
    assert split(text) == pieces


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
def test_null_empty_and_sliced(kind):
    texts = pa.array(["xx yy", None, "", "가 나", "a", None], kind)
    assert words.boundaries(texts).to_pylist() == [
        [0, 2, 3, 5],
        None,
        [],
        [0, 3, 4, 7],
        [0, 1],
        None,
    ]
    sliced = texts.slice(1, 3)
    found = words.boundaries(sliced)
    assert found.type == words.WORDS
    assert found.to_pylist() == [None, [], [0, 3, 4, 7]]
    assert words.count(sliced, found).to_pylist() == [None, 0, 2]
    assert words.count(texts.slice(3), words.boundaries(texts).slice(3)).to_pylist() == [2, 1, None]
    chunked = pa.chunked_array([texts.slice(0, 2), texts.slice(3)])
    assert (
        words.boundaries(chunked).to_pylist()
        == words.boundaries(texts).take(pa.array([0, 1, 3, 4, 5])).to_pylist()
    )
    assert words.boundaries(texts.slice(0, 0)).to_pylist() == []
    assert words.boundaries(pa.array([], kind)).to_pylist() == []


def test_bytes_under_a_null_are_not_read():
    data, offsets = pa.py_buffer(b"aa bb cc"), np.array([0, 2, 5, 8], np.int32)
    valid = pa.array([True, False, True]).buffers()[1]
    texts = pa.Array.from_buffers(pa.string(), 3, [valid, pa.py_buffer(offsets), data])
    found = words.boundaries(texts)
    assert found.to_pylist() == [[0, 2], None, [0, 1, 3]]
    assert words.count(texts, found).to_pylist() == [1, None, 1]


@pytest.mark.parametrize(
    "cut", [b"\xed", b"\xed\x95", b"\xf0\x9f\x98", b"\x80", b"a\xe2"], ids=repr
)
def test_a_cut_character_is_never_read_past_its_text(cut):
    offsets = np.array([0, len(cut), len(cut) + 1], np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(cut + b"\x80")]
    found = words.boundaries(pa.Array.from_buffers(pa.string(), 2, buffers))
    assert [text[-1].as_py() for text in found] == [len(cut), 1]


def test_another_type_is_refused():
    with pytest.raises(BadInput, match="a column of int64 is not text; cast it to string first"):
        words.boundaries(pa.array([1, 2]))


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("", 0),
        (" \t\r\n", 0),
        ("\u00a0\u3000\u2028\u202f\u1680\u205f", 0),
        ("안녕, 세계!", 4),
        (" \u0301", 1),  # a space with an accent is no white space
        ("\x1c\u200b", 2),  # of these, Python calls the first white space; Unicode neither
    ],
    ids=ascii,
)
def test_count(text, n):
    texts = pa.array([text])
    assert words.count(texts, words.boundaries(texts)).to_pylist() == [n]


def test_white_space_is_that_of_unicode():
    points = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    lengths = np.array([len(point.encode()) for point in points], np.int32)
    ends = np.stack([np.zeros_like(lengths), lengths], axis=1).reshape(-1)
    whole = pa.ListArray.from_arrays(np.arange(0, len(ends) + 1, 2, np.int32), ends)
    is_word = words.count(pa.array(points), whole).to_numpy()
    blank = [point for point, n in zip(points, is_word, strict=True) if not n]
    assert blank == regex.findall(r"\p{White_Space}", "".join(points))


SAMPLES = "\u2190\r\n\x85\u0301\u00ad\u200d🇰カאa'\".:,1_ 😀ℹ가"
"""One character of each class, and a syllable, whose bytes are read without being decoded."""


@pytest.mark.parametrize("first", SAMPLES, ids=ascii)
def test_every_four_classes_follow_the_rules(first):
    texts = [
        first + "".join(rest) for n in range(4) for rest in itertools.product(SAMPLES, repeat=n)
    ]
    found = words.boundaries(pa.array(texts)).to_pylist()
    wrong = [
        (ascii(text), place)
        for text, place in zip(texts, found, strict=True)
        if place != [len(text[:k].encode()) for k in by_the_rules(text)]
    ]
    assert wrong == []


def test_pieces_are_those_of_regex():
    assert differences(list(PIECES)) == []


@pytest.mark.parametrize("path", FILES or [CORPUS], ids=lambda path: path.name.split(".")[0])
def test_a_sample_of_the_corpus_equals_regex(path):
    if not FILES:
        pytest.skip(f"no real text at {CORPUS} to compare on")
    assert differences(sample(path, 150)) == []


def split(text):
    data = text.encode()
    (found,) = words.boundaries(pa.array([text])).to_pylist()
    return [data[a:b].decode() for a, b in itertools.pairwise(found)]


def differences(texts):
    """Places where only one of the two has a boundary, with what stands around them."""
    found = []
    for text, ours in zip(texts, words.boundaries(pa.array(texts)).to_pylist(), strict=True):
        starts = np.cumsum([0, *(len(character.encode()) for character in text)])
        theirs = {match.start() for match in regex.finditer(r"(?w)\b", text)}
        wrong = set(np.searchsorted(starts, ours).tolist()) ^ theirs
        found += [text[max(0, k - 5) : k] + "|" + text[k : k + 5] for k in sorted(wrong)]
    return found


def sample(path, n):
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in islice(lines, n)]


def by_the_rules(text):
    """UAX #29, section 4.1.1, read out rule by rule: boundaries as character numbers."""
    if not text:
        return []
    return [0, *(k for k in range(1, len(text)) if breaks(text[:k], text[k:])), len(text)]


IGNORED = "\u0301\u00ad\u200d"
LINE_ENDS = "\r\n\x85"
LETTERS = "אaℹ가"
RULES = [  # the two characters before the place, a bar, the two after it
    rf".[{LETTERS}]\|[{LETTERS}]",  # WB5
    rf".[{LETTERS}]\|[:.'][{LETTERS}]",  # WB6
    rf"[{LETTERS}][:.']\|[{LETTERS}]",  # WB7
    r".א\|'",  # WB7a
    r'.א\|"א',  # WB7b
    r'א"\|א',  # WB7c
    r".1\|1",  # WB8
    rf".[{LETTERS}]\|1",  # WB9
    rf".1\|[{LETTERS}]",  # WB10
    r"1[,.']\|1",  # WB11
    r".1\|[,.']1",  # WB12
    r".カ\|カ",  # WB13
    rf".[{LETTERS}1カ_]\|_",  # WB13a
    rf"._\|[{LETTERS}1カ]",  # WB13b
]
JOINS = regex.compile("|".join(RULES), regex.S)


def breaks(left, right):
    a, b = left[-1], right[0]
    if a == "\r" and b == "\n":  # WB3
        return False
    if a in LINE_ENDS or b in LINE_ENDS:  # WB3a, WB3b
        return True
    if a == "\u200d" and b in "😀ℹ":  # WB3c
        return False
    if a == " " and b == " ":  # WB3d
        return False
    if b in IGNORED:  # WB4
        return False
    left, right = without_ignored(left), b + without_ignored(right[1:], start=False)
    pattern = left[-2:].rjust(2, "\x00") + "|" + right[:2].ljust(2, "\x00")
    if JOINS.match(pattern):
        return False
    n_indicators = len(left) - len(left.rstrip("🇰"))
    return not (b == "🇰" and n_indicators % 2)  # WB15, WB16, WB999


def without_ignored(text, start=True):
    """WB4: drop Extend, Format and ZWJ, except after a line end or the start of the text."""
    kept = ""
    after = "\n" if start else "x"
    for character in text:
        if character in IGNORED and after not in LINE_ENDS:
            continue
        kept += character if character not in IGNORED else "\x01"
        after = character if character not in IGNORED else "x"
    return kept
