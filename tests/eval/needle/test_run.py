"""A model that copies is asked: what it finds, where it stops finding, what a killed test keeps."""

import pytest

from kormo_ds.eval.needle.answers import Answers
from kormo_ds.eval.needle.grid import Grid
from kormo_ds.eval.needle.haystack import Pool
from kormo_ds.eval.needle.run import asked_of, run
from kormo_ds.eval.needle.score import accuracies, reaches
from tests.eval.needle.copier import config, copier

MAX_TOKENS = 8


def grid(**change):
    settings = {"langs": ["en", "ko"], "forms": ["single"], "lengths": [150, 300]}
    settings |= {"depths": [0, 50, 100], "samples": 2, "max_tokens": MAX_TOKENS, "seed": 0}
    return Grid(**settings | change)


@pytest.fixture
def ask_all(words_vocabulary, drawn, tmp_path):
    """ask_all(grid, ask or theta) → answers."""

    def ask_all(grid, ask, file="answers.jsonl", **more):
        if isinstance(ask, float):
            ask = asked_of(
                copier(config(words_vocabulary.padded_size, ask)), words_vocabulary, MAX_TOKENS
            )
        pools = {
            lang: Pool.read(
                drawn(lang, 60),
                words_vocabulary,
                lang=lang,
                mixture="m@1",
                n_tokens=1000,
                seed=grid.seed,
            )
            for lang in grid.langs
        }
        return run(grid, pools, words_vocabulary, ask, Answers(tmp_path / file), **more)

    return ask_all


def test_what_looks_back_far_enough_finds_all(ask_all):
    said = ask_all(grid(), 1e8)
    assert len(said) == 2 * 2 * 3 * 2
    assert [answer.score for answer in said] == [1.0] * 24
    assert all(answer.text.split()[0] == answer.values[0][:3] for answer in said)


def test_what_looks_back_less_far_falls_with_length_and_depth(ask_all):
    cells = accuracies((a.cell, a.score) for a in ask_all(grid(lengths=[150, 600]), 5e3))
    found = {(cell.length, cell.depth): a.value for cell, a in cells.items() if cell.lang == "ko"}
    assert found[150, 0] == found[150, 50] == found[150, 100] == found[600, 100] == 1.0
    assert found[600, 0] == 0.0
    assert [(r.length, r.falls_at) for r in reaches(cells, 0.7)] == [(150, 600)] * 2


def test_other_keys_and_more_values_are_harder_for_it(ask_all):
    """It copies what followed the last word: one of the needles, whatever key they have."""
    forms = ["single", "multikey", "multivalue", "multiquery"]
    said = ask_all(grid(forms=forms, lengths=[300], samples=4), 1e8)
    means = {
        form: sum(a.score for a in said if a.cell.form == form) / (len(said) / 4) for form in forms
    }
    assert means["single"] == 1.0
    assert 0 < means["multikey"] < 0.7
    assert means["multivalue"] == means["multiquery"] == 0.25


def test_a_seed_gives_the_same_answers_in_batches_of_any_size(ask_all):
    first = ask_all(grid(), 1e8, "a")
    assert ask_all(grid(), 1e8, "b", batch_tokens=1) == first
    other = ask_all(grid(seed=1), 1e8, "c")
    assert [a.values for a in other] != [a.values for a in first]


class Killed(BaseException):
    """As SIGKILL leaves it: nothing after it runs."""


def test_what_was_answered_is_not_asked_again(ask_all, tmp_path):
    asked = []

    def scripted(prompts, after=None):
        asked.extend((one.cell, one.sample) for one in prompts)
        if after is not None and len(asked) > after:
            raise Killed
        return [f"{one.values[0]}." if one.cell.depth else "?" for one in prompts]

    with pytest.raises(Killed):
        ask_all(grid(), lambda prompts: scripted(prompts, after=9), batch_tokens=1000)
    file = tmp_path / "answers.jsonl"
    kept = file.read_text().splitlines(keepends=True)
    assert 0 < len(kept) < len(asked)
    file.write_text("".join(kept)[:-20])  # the last line was being written

    first = asked[: len(kept) - 1]
    asked.clear()
    said = ask_all(grid(), scripted)
    assert len(asked) == 24 - len(first) and not set(asked) & set(first)
    assert [a.score for a in said] == [float(a.cell.depth > 0) for a in said]
    asked.clear()
    assert ask_all(grid(), scripted) == said
    assert ask_all(grid(lengths=[150], samples=3), scripted)[0] == said[0]
    assert {sample for _, sample in asked} == {2} and len(asked) == 6
