"""Scores: what a judge said, read strictly, and what an answer in another language loses.

A score stands on a line of its own, `점수: 7`, `Score: 7/10` or `[[7]]`. None, one out of 1 to 10,
or two that differ are no score: the answer is counted as unreadable and is in no mean.
"""

import math
import re

from kormo_ds.generate.grade.final import without_thought

LOWEST, HIGHEST = 1.0, 10.0
_SCORE = re.compile(
    r"^[\s*_#>-]*(?:(?:점수|score|rating)[\s*_]*[:：][\s*_]*)?"
    r"(?:\[\[(?P<in_brackets>\d+(?:\.\d+)?)\]\]|(?P<plain>\d+(?:\.\d+)?)(?:\s*/\s*10|\s*점)?)"
    r"[\s*_.]*$",
    re.IGNORECASE,
)
_NAMED = re.compile(r"점수|score|rating|\[\[", re.IGNORECASE)
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$|https?://\S+", re.DOTALL)
_HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")
_NAME = re.compile(r"(?<![^\W\d_])[a-zA-Z]{1,2}(?![^\W\d_])")
_LETTER = re.compile(r"[^\W\d_]")


def read(text: str) -> float | None:
    r"""The score that a judge's answer gives; None where it gives none, or more than one.

    >>> read("계산이 맞습니다.\n점수: 9"), read("**Score: 7/10**"), read("Rating: [[3]]")
    (9.0, 7.0, 3.0)
    >>> read("Score: 11"), read("Score: 3\nScore: 4"), read("I like it."), read("Score: 1-10")
    (None, None, None, None)
    """
    found = {
        float(match["in_brackets"] or match["plain"])
        for line in without_thought(text).splitlines()
        if _NAMED.search(line) and (match := _SCORE.match(line))
    }
    if len(found) != 1 or not LOWEST <= min(found) <= HIGHEST:
        return None
    return found.pop()


def is_korean(text: str, min_hangul: float) -> bool:
    r"""Whether an answer is in Korean: Hangul among its letters, code and formulas left out.

    So are Latin words of one or two letters, names in formulas. An answer that has no letters but
    those is in no other language.

    >>> is_korean("답은 x = 3입니다.", 0.1), is_korean("The answer is 3.", 0.1), is_korean("3", 0.1)
    (True, False, True)
    """
    prose = _NAME.sub(" ", _CODE.sub(" ", text))
    letters = len(_LETTER.findall(prose))
    return letters == 0 or len(_HANGUL.findall(prose)) / letters >= min_hangul


def by_rule(score: float, rule: str) -> float:
    """The score of an answer in another language, by one of `form.RULES`.

    >>> [by_rule(9.0, rule) for rule in ("none", "zero", "square_root")]
    [9.0, 0.0, 3.0]
    """
    return {"none": score, "zero": 0.0, "square_root": math.sqrt(score)}[rule]
