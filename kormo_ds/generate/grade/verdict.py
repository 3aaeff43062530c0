"""What a grader says of an answer."""

from typing import NamedTuple


class Verdict(NamedTuple):
    """Whether an answer is right, what was read as the answer, and how."""

    correct: bool | None
    """None where it cannot be told."""
    extracted: str
    """The final answer as it stands in the text; empty where none was found."""
    how: str
    """Where the answer stood and what compared it, as 'boxed:number'; for None the reason:

    no_reference   the reference is empty
    no_answer      the text has no final answer
    unreadable     reference or answer is not of the kind that the grader reads
    ambiguous      several readings that differ
    units          units that cannot be compared
    timeout        the comparison was given up
    unsure         near, but not the same; or the judge does not know
    """
