"""Questions made by rule: their words, that every sum is right, and the command for them."""

import json
import re

import pytest

from kormo_ds.conversations.worked import Worked, rows
from kormo_ds.errors import BadConfig


def test_the_first_two():
    korean, english = rows(Worked(n=2))
    assert (korean["id"], korean["lang"], english["id"], english["lang"]) == (
        *("42-0", "ko"),
        *("42-1", "en"),
    )
    for row in (korean, english):
        user, assistant = row["messages"]
        assert (user["role"], assistant["role"]) == ("user", "assistant")
        assert set(assistant) == {"role", "reasoning_content", "content"}


def test_every_sum_is_right_and_the_answer_is_the_last_number_thought_of():
    n_rest = 0
    for row in rows(Worked(n=200)):
        question, answer = row["messages"]
        thoughts = answer["reasoning_content"]
        sums = re.findall(r"(\d+) ([+-]) (\d+) = (\d+)", thoughts)
        assert sums
        for first, sign, second, result in sums:
            assert int(first) + int(f"{sign}{second}") == int(result), thoughts
        (said,) = re.findall(r"\d+", answer["content"])
        assert said == sums[-1][3]
        assert len(question["content"].split()) >= 40
        n_rest += len(sums) == 3
    assert 60 < n_rest < 140


def test_more_change_none_of_the_first_and_another_seed_changes_all():
    first = list(rows(Worked(n=10)))
    assert list(rows(Worked(n=20)))[:10] == first
    assert not any(row in first for row in rows(Worked(n=10, seed=7)))
    with pytest.raises(BadConfig, match="n=0 must be 1 or more"):
        Worked(n=0)


def test_the_command(tmp_path, run):
    done = run(["kormo", "sft", "worked", "new/worked.jsonl", "n=3"], tmp_path)
    assert done.stdout == "3 questions with worked reasoning in new/worked.jsonl\n", done.stderr
    lines = (tmp_path / "new" / "worked.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == list(rows(Worked(n=3)))
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["worked.jsonl"]
    done = run(["kormo", "sft", "worked", "n=3"], tmp_path)
    assert done.returncode == 2 and "name one file to write" in done.stderr
