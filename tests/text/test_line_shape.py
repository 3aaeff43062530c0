"""Lines: where they lie and what they hold, on literal texts and beside a naive reading."""

import json
import re
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from kormo_ds.text import line_shape
from kormo_ds.text.line_shape import FENCED, HEADING, INDENTED, PROSE

CORPUS = Path(__file__).parents[2] / "../shared/corpus"
PLACES = {PROSE: "prose", FENCED: "fenced", INDENTED: "indented", HEADING: "heading"}


def places(*texts):
    return [PLACES[place] for place in line_shape.of(pa.array(texts)).place.tolist()]


def naive(text):
    """(start, end, words, characters, uppercase, digits, East Asian, solid) of each line."""
    rows, start = [], 0
    for line in re.findall(r"[^\n]*\n|[^\n]+$", text):
        end = start + len(line.encode())
        bare = line.strip()
        rows.append(
            (
                start,
                end,
                sum(any(c.isalpha() or c.isdecimal() for c in word) for word in bare.split()),
                len(bare),
                sum(c.isupper() and c.isalpha() for c in bare),
                sum(c.isdecimal() for c in bare),
                sum(bool(re.match(r"[가-힣ぁ-ヿ㐀-鿿]", c)) for c in bare),
                sum(not c.isspace() for c in bare),
            )
        )
        start = end
    return rows


def found(texts):
    lines = line_shape.of(pa.array(texts, pa.string()))
    columns = (lines.start, lines.end, lines.n_words, lines.n_chars, lines.n_uppercase,
               lines.n_digits, lines.n_east_asian, lines.n_solid)  # fmt: skip
    rows = [[] for _ in texts]
    for text, row in zip(lines.text, zip(*(c.tolist() for c in columns), strict=True), strict=True):
        rows[text].append(row)
    return rows


def test_literal_lines():
    assert found(["가 B1\n\n x", "", None, "\n"]) == [
        [(0, 7, 2, 4, 1, 1, 1, 3), (7, 8, 0, 0, 0, 0, 0, 0), (8, 10, 1, 1, 0, 0, 0, 1)],
        [],
        [],
        [(0, 1, 0, 0, 0, 0, 0, 0)],
    ]


def test_lines_of_random_characters():
    choice = np.random.default_rng(5)
    alphabet = list("\n\n  \tabZ09,.-가힣ㅋÀßΩж٣\u3000\u00a0日🙂")
    texts = ["".join(choice.choice(alphabet, n)) for n in choice.integers(0, 60, 3000)]
    assert found(texts) == [naive(text) for text in texts]


@pytest.mark.parametrize("name", ["ko/blog_johngrib", "ko/nsmc_review_pages", "en/gutenberg_books"])
def test_lines_of_real_text(name):
    path = CORPUS / f"{name}.jsonl.zst"
    if not path.exists():
        pytest.skip("the corpus of real text is not beside the project")
    import zstandard

    with zstandard.open(path, "rt", encoding="utf-8", newline="\n") as file:
        texts = [json.loads(line)["text"] for line in islice(file, 100)]
    assert found(texts) == [naive(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n```py\nb\n\n```\nc", "prose fenced fenced fenced fenced prose"),
        ("~~~\n```\n~~~~\na", "fenced fenced fenced prose"),
        ("````\n```\n````\na", "fenced fenced fenced prose"),
        ("```\n``` x\na", "fenced fenced fenced"),
        ("```a``` b\nc", "prose prose"),
        ("    a\n\tb\n   c\n    ", "indented indented prose prose"),
        ("\u2003\u2003a\n \t  b\n   \u3000c", "prose prose prose"),
        ("# a\n###### b\n####### c\n#d\n#", "heading heading prose prose heading"),
        ("```\n# a", "fenced fenced"),
    ],
)
def test_places(text, expected):
    assert places(text) == expected.split()


def test_a_fence_ends_with_its_text():
    assert places("```\na", "b") == ["fenced", "fenced", "prose"]


def test_lines_are_cut_without_white_space_around():
    lines = line_shape.of(pa.array(["x", " 가나 다\u3000\nb \n\n", "c"]).slice(1))
    assert lines.strings(np.array([0, 1, 2, 3])).to_pylist() == ["가나 다", "b", "", "c"]
    assert lines.per_text(lines.n_words).tolist() == [3, 1]
