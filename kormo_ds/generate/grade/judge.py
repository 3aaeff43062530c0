"""A judge model, the last resort: what it is shown, and what its verdict says.

Its instructions are the prompts `judge_answer_ko` and `judge_answer_en`, whose seed is `case`.
The verdict is the last line that has one; a judge that gives none, or says that it does not know,
is no verdict.
"""

import re

from kormo_ds.generate.grade.final import without_thought
from kormo_ds.generate.grade.verdict import Verdict

PROMPTS = {"ko": "judge_answer_ko", "en": "judge_answer_en"}
"""Prompt by the language of the question; English for all others."""
_HEADINGS = {
    "ko": ("문제", "기준 답안", "채점할 답안"),
    "en": ("Question", "Reference answer", "Answer to be graded"),
}
_WORDS = {
    **{"정답": True, "오답": False, "모름": None},
    **{"correct": True, "incorrect": False, "unsure": None},
}
_VERDICT = re.compile(
    r"^\W*(?:판정|verdict)\W*[:：]\W*(정답|오답|모름|correct|incorrect|unsure)(?:입니다)?\W*$",
    re.IGNORECASE | re.MULTILINE,
)


def case(question: str, reference: str, answer: str, lang: str) -> str:
    """What the judge compares, as one text with headings; the answer comes last, without thought.

    >>> print(case("1 + 1?", "2", "<think>…</think>Two.", "en"))
    # Question
    1 + 1?
    <BLANKLINE>
    # Reference answer
    2
    <BLANKLINE>
    # Answer to be graded
    Two.
    """
    headings = _HEADINGS.get(lang, _HEADINGS["en"])
    parts = (question.strip(), reference.strip(), without_thought(answer))
    return "\n\n".join(f"# {name}\n{part}" for name, part in zip(headings, parts, strict=True))


def verdict(text: str) -> Verdict:
    r"""What a judge's answer says.

    >>> verdict("단위만 다릅니다.\n판정: 정답")
    Verdict(correct=True, extracted='정답', how='judge')
    >>> verdict("It may be right.")
    Verdict(correct=None, extracted='', how='no_answer')
    """
    found = _VERDICT.findall(without_thought(text))
    if not found:
        return Verdict(None, "", "no_answer")
    word = found[-1]
    correct = _WORDS[word.lower()]
    return Verdict(correct, word, "unsure" if correct is None else "judge")
