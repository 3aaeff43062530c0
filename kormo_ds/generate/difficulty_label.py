"""How hard a model says that a question is: easy, medium or hard."""

import re

from kormo_ds.generate.grade.final import without_thought

_WORDS = {"쉬움": "easy", "보통": "medium", "어려움": "hard"}
_LABEL = re.compile(
    r"^\W*(?:난이도|difficulty)\W*[:：]\W*(쉬움|보통|어려움|easy|medium|hard)(?:입니다)?\W*$",
    re.IGNORECASE | re.MULTILINE,
)


def label(text: str) -> str:
    r"""The label of the last line that has one, or `unparsed`.

    >>> label("여러 단계가 필요합니다.\n난이도: 보통"), label("It is quite hard.")
    ('medium', 'unparsed')
    """
    found = _LABEL.findall(without_thought(text))
    return _WORDS.get(found[-1], found[-1].lower()) if found else "unparsed"
