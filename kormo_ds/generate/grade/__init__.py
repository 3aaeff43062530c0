"""Graders: is the final answer of a text the reference answer? True, False, or None: cannot tell.

    math     numbers exactly, expressions by math-verify      kormo_ds.generate.grade.mathematics
    choice   a label or the text of a choice                  kormo_ds.generate.grade.choices
    text     short texts, exactly and nearly                  kormo_ds.generate.grade.text
    auto     choice where there are choices, math where the reference is mathematics, else text
    judge    none of them: a model is asked at once           kormo_ds.generate.grade.judge

They are made for a filter that keeps what two solvers get wrong, where a right answer called wrong
is the costly mistake: what a grader cannot read is None, and a judge may be asked about it.
"""

from collections.abc import Sequence

from kormo_ds.errors import unknown
from kormo_ds.generate.grade.verdict import Verdict

GRADERS = ("auto", "math", "choice", "text", "judge")


def grade(text: str, reference: str, choices: Sequence[str] = (), grader: str = "auto") -> Verdict:
    """The verdict on an answer.

    Args:
        text: what a model answered.
        reference: the right answer, alone or at the end of a worked solution.
        choices: texts of the choices of a multiple-choice question.
        grader: one of `GRADERS`.

    Raises:
        UnknownName: no such grader.
    """
    from kormo_ds.generate.grade import choices as multiple_choice
    from kormo_ds.generate.grade import mathematics
    from kormo_ds.generate.grade import text as short_text

    if grader not in GRADERS:
        raise unknown("grader", grader, GRADERS)
    if grader == "auto":
        grader = "choice" if choices else "text"
        if not choices and mathematics.is_mathematics(reference):
            grader = "math"
    if grader == "math":
        return mathematics.grade(text, reference)
    if grader == "choice":
        return multiple_choice.grade(text, reference, choices)
    if grader == "text":
        return short_text.grade(text, reference)
    return Verdict(None, "", "unsure" if text.strip() else "no_answer")
