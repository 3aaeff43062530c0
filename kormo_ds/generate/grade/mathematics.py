"""Mathematics: numbers exactly, all else symbolically.

The answer is the first final answer (`final.marked`) that can be read, else the last number of
the text. Where reference and answer are both numbers they are compared as such (`numbers.equal`),
which costs microseconds; otherwise as the same text, then by math-verify (`symbolic.same`).
"""

import re

from kormo_ds.generate.grade import final, numbers, symbolic
from kormo_ds.generate.grade.verdict import Verdict

SHORT_WORDS = 4
"""A reference of more words is a sentence, whose last number is the answer."""
_EXPRESSION = re.compile(r"\\[a-z]+|[\d)a-z]\s*[+*/^=<>]|^\W*[a-z]\W*$")


def grade(text: str, reference: str, cpu_seconds: int = symbolic.CPU_SECONDS) -> Verdict:
    r"""Whether the final answer of `text` is that of `reference`.

    Args:
        text: what a model answered.
        reference: a number or expression, or a worked solution that marks its final answer.
        cpu_seconds: of processor time for a symbolic comparison.

    >>> grade("18 apples and 2 more:\n#### 20", "It is 20.\n#### 20")
    Verdict(correct=True, extracted='20', how='hashes:number')
    """
    gold = _reference(reference)
    if not gold:
        return Verdict(None, "", "no_reference")
    text = final.without_thought(text)
    if not text:
        return Verdict(None, "", "no_answer")
    wanted = numbers.read(gold)
    if len(gold.split()) > SHORT_WORDS:
        wanted = numbers.last(numbers.plain(gold))
    unread = Verdict(None, "", "no_answer")
    for found in final.marked(text):
        verdict = _compared(found, gold, wanted, cpu_seconds)
        if verdict.correct is not None:
            return verdict
        if not unread.extracted:
            unread = verdict
    if unread.extracted or wanted is None:
        return unread
    text = numbers.plain(text)
    last = numbers.last(text)
    if last is None:
        return Verdict(None, "", "no_answer")
    extracted = text[last.start : last.end].strip()
    equal = numbers.equal(wanted, last)
    return Verdict(equal, extracted, "units" if equal is None else "last_number:number")


def is_mathematics(reference: str) -> bool:
    """Whether a reference is a number or expression, or marks one as its final answer."""
    gold = _reference(reference)
    is_short = len(gold.split()) <= SHORT_WORDS
    return is_short and (numbers.read(gold) is not None or bool(_EXPRESSION.search(gold)))


def _reference(text: str) -> str:
    text = final.without_thought(text)
    marked = next(final.marked(text), None)
    return marked.text if marked else text.strip()


def _compared(
    found: final.Final, gold: str, wanted: numbers.Number | None, cpu_seconds: int
) -> Verdict:
    stated = found.text if found.where == "boxed" else final.sentence(found.text)
    answer = numbers.read(stated)
    if wanted and answer:
        equal = numbers.equal(wanted, answer)
        return Verdict(equal, stated, "units" if equal is None else f"{found.where}:number")
    if _bare(stated) == _bare(gold):
        return Verdict(True, stated, f"{found.where}:text")
    if not re.search(r"[\d\\]|[-+*/^=]|^\W*[a-z]\W*$", stated, re.IGNORECASE):
        return Verdict(None, stated, "unreadable")  # words
    try:
        same = symbolic.same(_bare(gold), _bare(stated), cpu_seconds)
    except symbolic.TimedOut:
        return Verdict(None, stated, "timeout")
    return Verdict(same, stated, "unreadable" if same is None else f"{found.where}:symbolic")


def _bare(text: str) -> str:
    return numbers.plain(text).replace("$", "").rstrip(".")
