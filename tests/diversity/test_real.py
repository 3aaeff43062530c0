"""Real synthesizers: five mixed are more diverse than one alone, on the same questions.

65 models answered 126 prompts in Korean: 42 questions, each asked in three ways. They are cut into
13 fives, and each model alone is compared with its five mixed: the same questions, as many answers,
as many words. Where each question is asked once, the gain is small and not there for every model;
where a model answers a question three times, it repeats itself and five do not.
"""

import hashlib
import io
import json
import os
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard

from kormo_ds.diversity import measures, mixing
from kormo_ds.diversity.candidates import Group
from kormo_ds.diversity.sample import cut

CORPUS = Path(__file__).parents[2] / "../shared/corpus"
WORDS = 50
ANSWER = re.compile(r"답변: ?(.*?)(?=\n\n질문: |\Z)", re.DOTALL)


def rows(name):
    path = CORPUS / f"{name}.jsonl.zst"
    if not path.exists():
        pytest.skip("the corpus of real text is not beside the project")
    with path.open("rb") as file:
        lines = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8")
        yield from map(json.loads, lines)


def grouped(answers):
    """Groups from {synthesizer: {slot: answer}}; slots are in the order of a hash."""
    groups = []
    for name, by_slot in sorted(answers.items()):
        slots = sorted(by_slot, key=lambda slot: hashlib.md5(slot.encode()).hexdigest())
        cuts = cut(pa.array([by_slot[slot] for slot in slots]), WORDS).to_pylist()
        kept = {slot: text for slot, text in zip(slots, cuts, strict=True) if text}
        groups.append(Group(name, len(slots), 0, len(slots), len(slots) - len(kept), kept))
    return groups


@cache
def logickor():
    """{way of asking: {synthesizer: {'way-number': answers}}}"""
    found = defaultdict(lambda: defaultdict(dict))
    for row in rows("ko/synth_logickor"):
        way, number = row["id"].split("/")[-1].split(".jsonl-")
        answer = "\n".join(ANSWER.findall(row["text"]))
        found[way][row["synthesizer"]][f"{way}-{number}"] = answer
    return found


def asked(*ways):
    """The groups of logickor, asked in these ways."""
    by_name = defaultdict(dict)
    for way in ways:
        for name, answers in logickor()[way].items():
            by_name[name] |= answers
    return grouped(by_name)


@cache
def arena_hard():
    """Groups of three GPTs that answered the same 500 English prompts; the prompts are cut off."""
    texts = defaultdict(dict)
    for row in rows("en/synth_arena_hard"):
        if row["synthesizer"].startswith("gpt"):
            texts[row["id"].rsplit("-", 1)[1]][row["synthesizer"]] = row["text"]
    answers = defaultdict(dict)
    for number, by_name in texts.items():
        common = os.path.commonprefix(list(by_name.values()))
        prompt = common[: common.rindex("\n\n")]
        for name, text in by_name.items():
            answers[name][number] = text[len(prompt) :]
    return grouped(answers)


def fives(groups, size=5, turn=0):
    """All groups, each once, in mixtures of `size` drawn by hash."""
    order = sorted(groups, key=lambda g: hashlib.md5(f"{g.name}|{turn}".encode()).hexdigest())
    return [order[i : i + size] for i in range(0, len(order), size)]


def compared(members):
    """The measures of the members mixed, and of each alone, on all questions that all answer."""
    shared = set.intersection(*(set(group.excerpts) for group in members))
    one = mixing.mix(members, len(shared) // len(members) * len(members))
    assert one.same_seeds and len({s.n_words for s in (one.mixed, *one.alone)}) == 1
    return measures.measure(one.mixed), [measures.measure(sample) for sample in one.alone]


@cache
def wins(*ways):
    """By measure: models that are less diverse alone than their five, and means that are."""
    found = {name: [0, 0] for name in measures.HIGHER}
    for members in fives(asked(*ways)):
        mixed, alone = compared(members)
        for name, is_better in measures.HIGHER.items():
            sign = 1 if is_better else -1
            values = [sign * each[name] for each in alone]
            found[name][0] += sum(sign * mixed[name] > value for value in values)
            found[name][1] += sign * mixed[name] > sum(values) / len(values)
    return found


@pytest.mark.parametrize("measure", measures.HIGHER)
def test_asked_three_times_one_repeats_itself_and_five_do_not(measure):
    of_members, of_means = wins("default", "1-shot", "cot-1-shot")[measure]
    assert of_members >= 55  # of 65
    assert of_means >= 12  # of 13


@pytest.mark.parametrize("measure", [m for m in measures.HIGHER if m != "heaps_exponent"])
def test_asked_once_five_gain_on_average_and_not_on_each_model(measure):
    of_members, of_means = wins("default")[measure]
    assert of_means >= 10  # of 13
    assert 33 <= of_members < 55  # of 65: the most varied models alone are above their five


def test_three_english_models_mixed_are_above_their_mean():
    mixed, alone = compared(arena_hard())
    for name, is_better in measures.HIGHER.items():
        mean = sum(each[name] for each in alone) / len(alone)
        assert (mixed[name] > mean) is is_better, name
