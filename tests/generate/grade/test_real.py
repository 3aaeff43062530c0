"""Graders on real questions, against verdicts made without them; the counts are exact.

A count is (known verdict, verdict): of a grader's "wrong" the share that is right is
(False, False) / ((False, False) + (True, False)), its precision; None lowers its recall only.
"""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import zstandard

from kormo_ds.generate.grade import grade

CORPUS = Path(__file__).parents[3] / "../shared/corpus"


def rows(name):
    path = CORPUS / f"{name}.jsonl.zst"
    if not path.exists():
        pytest.skip(f"no corpus at {path}")
    with zstandard.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def number(text):
    """A plain number, read by three lines that share nothing with the graders."""
    found = re.search(r"-?[\d,]*\.?\d+", text)
    return float(found.group().replace(",", "")) if found else None


def gsm8k():
    """GPT-3's solutions: each text, the question's worked answer, and whether it is right."""
    golds = [row["answer"] for row in rows("evals/gsm8k_test")]
    for row in rows("en/synth_gsm8k_gpt3_solutions"):
        gold = golds[int(row["id"].split("-")[1])]
        solution = row["text"].partition("\n\n")[2]
        marked = re.search(r"^A: (.*)$", solution, re.MULTILINE)
        numbers = re.findall(r"-?\d[\d,]*(?:\.\d+)?", solution)
        stated = marked.group(1) if marked and number(marked.group(1)) is not None else numbers[-1]
        is_right = abs(number(stated) - number(gold.rpartition("#### ")[2])) < 1e-9
        yield solution, gold, is_right, marked


def test_gpt3s_solutions_of_gsm8k():
    counts = Counter(
        (is_right, grade(solution, gold).correct) for solution, gold, is_right, _ in gsm8k()
    )
    assert counts == {(True, True): 2001, (False, False): 3275}


def test_gpt3s_solutions_without_the_line_that_marks_the_answer():
    """The last number of the work stands for the answer, which 55 of 5,261 do not end with."""
    counts = Counter(
        (is_right, grade(solution[: marked.start()], gold).correct)
        for solution, gold, is_right, marked in gsm8k()
        if marked and re.fullmatch(r"\$?-?[\d,.]*\d", marked.group(1))
    )
    assert counts == {
        (True, True): 1952,
        (True, False): 49,
        (False, True): 6,
        (False, False): 3254,
    }


def test_korean_word_problems_in_korean_phrases():
    """Each answer in one of five phrasings, beside its own reference and the next one's.

    What is None: a word beside a number, which may be that number in words.
    """
    phrases = (
        "따라서 정답은 {}입니다.",
        "계산하면 다음과 같습니다.\n7 + 5 = 12\n정답: {}",
        "**최종 답:** {}",
        "답은 \\boxed{{{}}}입니다.",
        "그러므로 답은 {}이다.",
    )
    golds = [row["text"].rpartition("정답: ")[2].strip() for row in rows("ko/kmwp_math_train")]
    counts = Counter()
    for at, (gold, other) in enumerate(zip(golds, golds[1:] + golds[:1], strict=True)):
        numbers = [re.fullmatch(r"-?[\d.]+", each) and float(each) for each in (gold, other)]
        equal = numbers[0] == numbers[1] if all(n is not None for n in numbers) else gold == other
        phrase = phrases[at % len(phrases)]
        counts[True, grade(phrase.format(gold), gold).correct] += 1
        counts[equal, grade(phrase.format(other), gold).correct] += 1
    assert counts == {(True, True): 2_842, (False, False): 2_440, (False, None): 358}


ENGLISH = (
    "The answer is ({letter}).",
    "Answer: {letter}",
    "**Answer: {letter}) {text}**",
    "The correct answer is {text}.",
    "(A) is unlikely, (B) as well.\nTherefore, the correct choice is {letter}.",
    "{letter}",
    "\\boxed{{{letter}}}",
    'I would go with "{text}".',
)
KOREAN = (
    "정답은 {circle}",
    "정답은 {circle}번입니다.",
    "답: {letter}",
    "정답은 ({letter}) {text}입니다.",
    "따라서 {number}번이 정답입니다.\n정답: {number}번",
    "정답은 '{text}'입니다.",
    "(A)는 아닙니다.\n\n정답: {letter}. {text}",
    "{circle} {text}",
)


@pytest.mark.parametrize(
    ("name", "phrases", "expected"),
    [
        (
            "evals/arc_challenge_test",
            ENGLISH,
            # choices that are numbers or lone letters (4, 3, 2, 1; C, CO), named by themselves
            {(True, True): 9_368, (False, False): 28_103, (True, None): 8, (False, None): 17},
        ),
        (
            "evals/kmmlu_train_sample",
            KOREAN,
            # three questions in which choices have the same text
            {(True, True): 3_998, (False, False): 11_994, (True, None): 2, (False, None): 6},
        ),
    ],
)
def test_choices_in_all_phrases(name, phrases, expected):
    counts = Counter()
    for row in rows(name):
        right = row["answer"]
        for at, text in enumerate(row["choices"]):
            said = {"letter": "ABCDE"[at], "circle": "①②③④⑤"[at], "number": at + 1, "text": text}
            for phrase in phrases:
                verdict = grade(phrase.format(**said), "ABCDE"[right], row["choices"])
                counts[at == right, verdict.correct] += 1
    assert counts == expected


@pytest.mark.parametrize(
    ("name", "solution", "expected"),
    [
        ("evals/kmmlu_cot_fewshot_exemplars", "cot", {True: 225}),
        # four have numbers as choices and name the choice by a number: None
        ("evals/kmmlu_train_sample", "templated_cot", {True: 496, None: 4}),
    ],
)
def test_korean_chains_of_thought_end_with_their_answer(name, solution, expected):
    counts = Counter(
        grade(row[solution], "ABCD"[row["answer"]], row["choices"]).correct for row in rows(name)
    )
    assert counts == expected
