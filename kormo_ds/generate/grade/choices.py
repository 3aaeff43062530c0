"""Multiple choice: the label or the text of a choice, in Korean and English.

A label is a letter (`B`, `(b)`), a circled number (`③`), a number from 1 (`3`, `3번`), or `가.`,
`ㄱ)`. In a final answer the text of a choice that is most of it counts before a label, and a
label before a choice's text that stands within it. A lone letter or number that is the text of
one choice and the label of another is ambiguous; in a reference a letter is a label and a number
a text. Outside of what is marked as the answer (the last line, the whole text) a bare letter or
number counts where it stands alone. Cost: tens of microseconds.
"""

import re
from collections.abc import Sequence

from kormo_ds.generate.grade import final
from kormo_ds.generate.grade.plain_answer import plain
from kormo_ds.generate.grade.verdict import Verdict

MOST_CHOICES = 10
"""More have no labels in all four alphabets."""
MOST = 0.6
"""So much of a final answer, in letters, must be the text of a choice to count before a label."""

_ALPHABETS = ("ABCDEFGHIJ", "①②③④⑤⑥⑦⑧⑨⑩", "가나다라마바사아자차", "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊ")
_LABEL = re.compile(
    r"""
    (?<![A-Za-z가-힣\d'’.+-])
    (?: \(\s*(?P<inside>[A-Ja-j가나다라마바사아자차ㄱ-ㅊ]|\d{1,2})\s*\)
      | (?P<letter>[A-J])(?![A-Za-z'’])
      | (?P<small>[a-j])(?=\s*(?:[).:]|$))
      | (?P<circle>[①-⑩])
      | (?P<number>\d{1,2})(?=\s*번)
      | (?P<digit>\d{1,2})(?=[):\s]|\.(?!\d)|$|입니다|이다|이에요|예요)
      | (?P<hangul>[가나다라마바사아자차]|[ㄱ-ㅊ])(?=\s*(?:[).:]|$|번|입니다))
    )
    """,
    re.VERBOSE,
)
_OPENING = " *_([\"'「『:"
_CLOSES = re.compile(r"\s*(?:[).:*]|$)")
_NOT = re.compile(r"(?i)\bnot\b|n['’]t\b|아니|아닌|않|틀린|오답")
_DENIED_AFTER = re.compile(
    r"^[\s).번]*(?:[이가은는]\s*)?(?:아니|아닌|틀)|^[\s).]*(?:is|are)\s+(?:not|wrong|incorrect)"
)
_DENIED_BEFORE = re.compile(r"(?i)(?:\bnot|n['’]t|rather than|instead of)\s*(?:option|choice)?\s*$")


def grade(text: str, reference: str, choices: Sequence[str]) -> Verdict:
    """Whether `text` takes the choice that `reference` names.

    Args:
        text: what a model answered.
        reference: a label, or the text of a choice.
        choices: their texts, in order, without labels.

    >>> grade("따라서 정답은 ③번입니다.", "C", ["수도용지", "기타도로", "철도용지", "하천"])
    Verdict(correct=True, extracted='C', how='phrase:label')
    """
    wanted = _wanted(reference, choices)
    if wanted is None or len(choices) > MOST_CHOICES:
        return Verdict(None, "", "unreadable" if reference.strip() else "no_reference")
    text = final.without_thought(text)
    is_ambiguous = False
    for where, part in _parts(text):
        is_marked = where in ("boxed", "hashes", "phrase")
        if is_ambiguous and not is_marked:
            break
        taken, rule = _read(part, choices, is_marked)
        if taken is not None:
            return Verdict(taken == wanted, _ALPHABETS[0][taken], f"{where}:{rule}")
        is_ambiguous |= rule == "ambiguous"
    return Verdict(None, "", "ambiguous" if is_ambiguous else "no_answer")


def _wanted(reference: str, choices: Sequence[str]) -> int | None:
    marked = next(final.marked(reference, letter_a=False), None)
    stated = (marked.text if marked else reference).strip(" ().")
    if len(stated) == 1 and not stated.isdecimal():
        at = _place(stated.upper())
        return at if 0 <= at < len(choices) else None
    same = [at for at, choice in enumerate(choices) if plain(choice) == plain(stated)]
    if len(same) == 1 and stated:
        return same[0]
    return _read(stated, choices)[0]


def _parts(text: str) -> list[tuple[str, str]]:
    """Where an answer may stand, the surest first."""
    if not text:
        return []
    parts = [(found.where, found.text) for found in final.marked(text, letter_a=False)]
    line = final.last_line(text)
    return [*parts, *[("last_line", line)], *([("whole", text)] if line != text else [])]


def _read(part: str, choices: Sequence[str], marked: bool = True) -> tuple[int | None, str]:
    """The choice that a final answer takes, and by what rule; None with `ambiguous` or no rule."""
    texts = [plain(choice) for choice in choices]
    labels = _labels(part, len(choices), marked)
    for stated in dict.fromkeys((part, final.sentence(part))):
        same = [at for at, text in enumerate(texts) if text and text == plain(stated)]
        if len(same) == 1:
            is_label = len(plain(stated)) == 1 or plain(stated).isdecimal()
            if is_label and labels and labels[0][1] != same[0]:
                is_sure = stated.lstrip().startswith("(")
                return (labels[0][1], "label") if is_sure else (None, "ambiguous")
            return same[0], "choice_text"
    within, rule = _within(plain(part), texts)
    if within is not None and len(texts[within]) >= MOST * len(plain(part)):
        return within, rule
    beginning = [at for start, at in labels if not part[:start].strip(_OPENING)]
    if beginning:
        return beginning[0], "label"
    if labels:
        is_one = len({at for _, at in labels}) == 1
        return (labels[0][1], "label") if is_one else (None, "ambiguous")
    return within, rule


def _labels(part: str, n: int, marked: bool) -> list[tuple[int, int]]:
    """Place and choice of every label that is not denied."""
    found = []
    for match in _LABEL.finditer(part):
        kind, label = match.lastgroup, match.group(match.lastgroup or 0)
        if kind == "letter" and label in "AI" and re.match(r"\s+[a-z]", part[match.end() :]):
            continue  # the article, the pronoun
        is_bare = kind in ("letter", "small", "digit", "hangul")
        is_alone = not part[: match.start()].strip(_OPENING) and _CLOSES.match(part, match.end())
        if is_bare and not marked and not is_alone:
            continue
        if _DENIED_AFTER.match(part[match.end() :]) or _DENIED_BEFORE.search(part[: match.start()]):
            continue
        at = int(label) - 1 if label.isdecimal() else _place(label.upper())
        if 0 <= at < n:
            found.append((match.start(), at))
    return found


def _place(label: str) -> int:
    return max(alphabet.find(label) for alphabet in _ALPHABETS)


def _within(part: str, texts: Sequence[str]) -> tuple[int | None, str]:
    """The one choice whose text stands in `part` as words, those inside of a longer one left out.

    What is said beside it must not deny anything.
    """
    standing = [
        text for text in texts if text and re.search(rf"(?<!\w){re.escape(text)}(?![a-z0-9])", part)
    ]
    longest = [text for text in standing if not any(text != t and text in t for t in standing)]
    if len(longest) != 1 or texts.count(longest[0]) != 1:
        return None, "ambiguous" if standing else ""
    denied = _NOT.search(part.replace(longest[0], " "))
    return (None, "") if denied else (texts.index(longest[0]), "choice_text")
