"""Short texts: exactly, then as part of a sentence, then nearly; None where that does not decide.

The answer is the first final answer (`final.marked`), else the only sentence of the text. Both
sides are made plain (`plain_answer.plain`). Right is

    exact      the same, a Korean particle at the end of one aside
    contained  the reference stands as words in a sentence that neither denies nor offers another
    fuzzy      NEAR of the letters (jamo) are the same, and all digits, in FUZZY_LETTERS or more

Wrong is what has other numbers, or is another short answer in the same script. All else is None:
long references, near misses, another script (서울, Seoul). Cost: tens of microseconds.
"""

import difflib
import re
import unicodedata

from kormo_ds.generate.grade import final
from kormo_ds.generate.grade.plain_answer import plain, same
from kormo_ds.generate.grade.verdict import Verdict

NEAR, FAR = 0.9, 0.6
"""Shares of equal letters: from NEAR on the same, below FAR another answer."""
FUZZY_LETTERS = 8
SHORT_WORDS = 5
"""A reference of more words can be said in other ways, so that a difference says nothing."""
_LONGEST = 400
_DENIES = re.compile(r"(?i)\bnot\b|n['’]t\b|\bor\b|아니|아닌|않|또는|혹은|없")


def grade(text: str, reference: str) -> Verdict:
    """Whether the final answer of `text` says what `reference` says.

    >>> grade("수도는 서울입니다.", "서울")
    Verdict(correct=True, extracted='수도는 서울입니다.', how='sentence:contained')
    >>> grade("정답: 부산", "서울")
    Verdict(correct=False, extracted='부산', how='phrase:text')
    """
    marked = next(final.marked(reference), None)
    wanted = plain(marked.text if marked else reference)
    if not wanted:
        return Verdict(None, "", "no_reference")
    text = final.without_thought(text)
    found = next(final.marked(text), None)
    if found is None:
        is_sentence = text and "\n" not in text and final.sentence(text) == text.rstrip(".!?。 ")
        if not is_sentence:
            return Verdict(None, "", "no_answer")
        found = final.Final(text, "sentence")
    readings = [_compared(plain(t), wanted) for t in (found.text, final.sentence(found.text))]
    correct, rule = next((r for r in readings if r[0]), readings[-1])
    if rule == "contained" and _DENIES.search(found.text) and not _DENIES.search(wanted):
        correct, rule = None, "unsure"
    return Verdict(correct, found.text, rule if correct is None else f"{found.where}:{rule}")


def _compared(answer: str, wanted: str) -> tuple[bool | None, str]:
    if same(answer, wanted):
        return True, "exact"
    if len(answer.split()) <= len(wanted.split()) + 2 * SHORT_WORDS and re.search(
        rf"(?<!\w){re.escape(wanted)}(?![a-z0-9]|[가-힣]{{3}})", answer
    ):
        return True, "contained"
    digits, wanted_digits = re.findall(r"\d+", answer), re.findall(r"\d+", wanted)
    if digits and wanted_digits and digits != wanted_digits:
        return False, "numbers"
    if max(len(answer), len(wanted)) > _LONGEST or _scripts(answer) != _scripts(wanted):
        return None, "unsure"
    one, two = (unicodedata.normalize("NFD", text) for text in (answer, wanted))
    near = difflib.SequenceMatcher(None, one, two, autojunk=False).ratio()
    if near >= NEAR and min(len(one), len(two)) >= FUZZY_LETTERS and digits == wanted_digits:
        return True, "fuzzy"
    if near >= FAR or len(wanted.split()) > SHORT_WORDS:
        return None, "unsure"
    return False, "text"


def _scripts(text: str) -> tuple[bool, bool]:
    """Whether a text has Hangul, and whether it has Latin letters."""
    return bool(re.search("[가-힣]", text)), bool(re.search("[a-z]", text))
