"""Columns of the difficulty filter: what each solver answered, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import pyarrow as pa

from lake import Column

NAME, VERSION = "difficulty", 1
RIGHT, WRONG, UNSURE, CUT = "right", "wrong", "unsure", "cut"
UNANSWERED, NOT_ASKED, UNPARSED = "unanswered", "not_asked", "unparsed"
NOT_A_QUESTION = "not_a_question"

_ANSWER = "final answer of the {} solver, at most 200 characters; empty for none"
_GRADE = "the {} solver's answer: right, wrong, unsure, cut, unanswered or not_asked"
_LABEL = "the {} solver's label: easy, medium, hard, unparsed, unanswered or not_asked"
COLUMNS = (
    Column("difficulty_domain", pa.string(), "field of the question; empty where there is none"),
    *(
        Column(f"difficulty_{size}_{what}", pa.string(), meaning.format(size))
        for size in ("large", "small")
        for what, meaning in (("answer", _ANSWER), ("grade", _GRADE), ("label", _LABEL))
    ),
    Column(
        "difficulty_verdict",
        pa.string(),
        "hard, not_hard, unlabelled, solved_by_both, solved_by_large, solved_by_small, unsure, "
        "unanswered or not_a_question",
    ),
    Column(
        "difficulty_bin",
        pa.int8(),
        "0 the small solver is right, 1 only the large one, 2 neither, 3 neither and both call it "
        "hard; -1 not known",
        bins=(-1, 0, 1, 2, 3),
    ),
)
BINS = {
    **{"solved_by_both": 0, "solved_by_small": 0, "solved_by_large": 1},
    **{"not_hard": 2, "unlabelled": 2, "hard": 3},
}


class Solver(NamedTuple):
    """What one solver did with a question."""

    grade: str = NOT_ASKED
    answer: str = ""
    label: str = NOT_ASKED


class Outcome(NamedTuple):
    """What is known of a question."""

    domain: str
    large: Solver
    small: Solver
    verdict: str


def both_wrong(large: str, small: str, cut_is_wrong: bool) -> bool:
    """Whether a question stays after the first stage, by its two grades."""
    wrong = (WRONG, CUT) if cut_is_wrong else (WRONG,)
    return large in wrong and small in wrong


def verdict(large: Solver, small: Solver, cut_is_wrong: bool) -> str:
    """What follows from the grades and labels of both solvers.

    >>> verdict(Solver("wrong", "3", "hard"), Solver("wrong", "4", "hard"), False)
    'hard'
    >>> verdict(Solver("wrong", "3"), Solver("right", "4"), False)
    'solved_by_small'
    """
    if RIGHT in (large.grade, small.grade):
        if large.grade == small.grade:
            return "solved_by_both"
        return "solved_by_large" if large.grade == RIGHT else "solved_by_small"
    if UNANSWERED in (large.grade, small.grade):
        return UNANSWERED
    if not both_wrong(large.grade, small.grade, cut_is_wrong):
        return UNSURE
    labels = (large.label, small.label)
    if labels == ("hard", "hard"):
        return "hard"
    is_known = all(label in ("easy", "medium", "hard") for label in labels)
    return "not_hard" if is_known or {"easy", "medium"} & set(labels) else "unlabelled"


@dataclass(frozen=True)
class Columns:
    """The step that writes what was found; a document without an outcome is no question."""

    fingerprint: str
    outcomes: Mapping[str, Outcome]
    name: ClassVar = NAME
    version: ClassVar = VERSION
    ordered: ClassVar = False
    reads: ClassVar = ("doc_id",)
    writes: ClassVar = COLUMNS

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The columns of a batch of documents."""
        none = Outcome("", Solver(), Solver(), NOT_A_QUESTION)
        found = [self.outcomes.get(key, none) for key in batch.column("doc_id").to_pylist()]
        rows = [
            (
                one.domain,
                *(one.large.answer, one.large.grade, one.large.label),
                *(one.small.answer, one.small.grade, one.small.label),
                one.verdict,
                BINS.get(one.verdict, -1),
            )
            for one in found
        ]
        arrays = [
            pa.array([row[at] for row in rows], column.type) for at, column in enumerate(COLUMNS)
        ]
        return pa.RecordBatch.from_arrays(arrays, names=[column.name for column in COLUMNS])
