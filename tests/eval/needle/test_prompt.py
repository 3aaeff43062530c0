"""Prompts: as long as asked, needles where asked, the same by seed; grids that cannot be."""

import re
from dataclasses import replace

import pytest

from kormo_ds.errors import BadInput, UnknownName
from kormo_ds.eval.needle import template
from kormo_ds.eval.needle.grid import FORMS, Cell, Grid, numbers
from kormo_ds.eval.needle.haystack import Pool
from kormo_ds.eval.needle.prompt import prompt

ANSWER = 50
GRID = Grid(
    langs=("en", "ko"),
    forms=FORMS,
    lengths=(700, 400),
    depths=(0, 100),
    samples=1,
    max_tokens=ANSWER,
    seed=0,
)


@pytest.fixture
def ask(vocabulary, drawn):
    """ask(cell, sample=0, seed=0) → the prompt in tokens of one byte each."""

    def ask(cell, sample=0, seed=0):
        pool = Pool.read(
            drawn(cell.lang, 30),
            vocabulary,
            lang=cell.lang,
            mixture="m@1",
            n_tokens=cell.length,
            seed=seed,
        )
        words = template.read(cell.lang)
        return prompt(
            cell, sample, pool=pool, words=words, vocabulary=vocabulary, max_tokens=ANSWER
        )

    return ask


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize(
    ("form", "n_needles", "n_keys", "n_values"),
    [("single", 1, 1, 1), ("multikey", 4, 1, 1), ("multivalue", 4, 1, 4), ("multiquery", 4, 4, 4)],
)
def test_the_four_forms(ask, lang, form, n_needles, n_keys, n_values):
    for depth in (0, 30, 100):
        made = ask(Cell(lang, form, 4000, depth))
        assert 4000 - ANSWER - 16 <= len(made.ids) <= 4000 - ANSWER
        assert len(made.keys) == len(set(made.keys)) == n_keys
        assert len(made.values) == len(set(made.values)) == n_values
        words = template.read(lang)
        parts = [re.escape(part) for part in words.needle_of("\0", "\0").split("\0")]
        if lang == "ko":
            parts[1] = "[을를]" + parts[1][1:]
        keys = "|".join(words.things())
        pattern = rf"{parts[0]}({keys}){parts[1]}(\d{{7}}){parts[2]}"
        hidden = re.findall(pattern, made.text)
        assert len(hidden) == n_needles
        assert {value for _, value in hidden} >= set(made.values)
        assert len({key for key, _ in hidden}) == (1 if form in ("single", "multivalue") else 4)
        for value in made.values:
            assert made.text.count(value) == 1
        assert made.text.startswith(words.intro + "\n\n")
        end = words.question_of(made.keys, n_values) + "\n" + words.answer_of(made.keys)
        assert made.text.endswith("\n\n" + end)
        body = made.text[len(words.intro) + 2 : -len(end) - 2]
        at = len(body[: body.index(made.values[0])].encode()) / len(body.encode())
        assert depth / 100 - 0.12 <= at <= depth / 100 + 0.05


def test_a_seed_repeats_and_cells_of_one_sample_have_one_text(ask):
    cell = Cell("ko", "single", 3000, 50)
    first = ask(cell)
    assert ask(cell) == first
    others = [ask(cell, seed=1), ask(cell, sample=1), ask(replace(cell, depth=60))]
    assert len({one.values for one in [first, *others]}) == 4
    assert len({one.keys for one in [first, *others]}) > 1

    def body(made):
        needle = template.read("ko").needle_of(made.keys[0], made.values[0])
        return re.sub(r"\s+", " ", made.text.replace(needle, ""))[:1000]

    assert body(others[2]) == body(first)
    assert body(others[0]) != body(first) != body(others[1])
    assert body(ask(replace(cell, length=2800)))[:900] == body(first)[:900]


def test_too_few_documents_are_said(vocabulary, drawn):
    with pytest.raises(BadInput) as caught:
        Pool.read(
            drawn("ko", 2) + drawn("en", 9),
            vocabulary,
            lang="ko",
            mixture="held_out@3",
            n_tokens=90_000,
            seed=0,
        )
    found = re.fullmatch(
        r"held_out@3 has 2 documents with lang = 'ko', ([\d,]+) tokens in all; the longest "
        r"haystack needs 90,000: take shorter lengths, or another mixture=NAME",
        str(caught.value),
    )
    written = sum(len(one.text.encode()) + 2 for one in drawn("ko", 2))
    assert found and int(found[1].replace(",", "")) == written


def test_a_length_that_holds_no_text_is_said(ask):
    with pytest.raises(BadInput, match=r"lengths=300 holds no text beside the \d+ tokens of quest"):
        ask(Cell("ko", "multiquery", 300, 0))


def test_cells_come_shortest_first():
    cells = list(GRID.cells())
    assert len(cells) == 2 * 4 * 2 * 2 == len(set(cells))
    assert [cell.length for cell in cells] == [400] * 16 + [700] * 16


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"forms": ["singel"]}, UnknownName, "unknown form 'singel'; did you mean 'single'?"),
        ({"depths": [0, 101]}, BadInput, "depths=101: a depth is a per cent of the text, 0 to 100"),
        ({"depths": [5, 5]}, BadInput, "depths=5,5: give each value once, one at least"),
        ({"samples": 0}, BadInput, "samples=0, max_tokens=50: both are 1 or more"),
        (
            {"lengths": [50]},
            BadInput,
            "lengths=50 holds no text beside the 50 tokens of the answer",
        ),
    ],
)
def test_grids_that_cannot_be(change, error, message):
    with pytest.raises(error, match=re.escape(message)):
        replace(GRID, **change)


def test_a_length_above_the_positions_is_refused():
    GRID.check_fits(700)
    with pytest.raises(BadInput, match="lengths=700 is more than the model's 699 positions"):
        GRID.check_fits(699)


@pytest.mark.parametrize("text", ["", "a", "1,,2", "1.5", "-3"])
def test_numbers_are_whole(text):
    assert numbers("lengths", " 1, 20,300") == [1, 20, 300] == numbers("lengths", "[1,20,300]")
    with pytest.raises(BadInput, match="lengths=.*: whole numbers with commas between"):
        numbers("lengths", text)
