"""Final answers in free text: what a model says that its answer is.

Looked for in this order, the last of each kind first: a box of LaTeX (`boxed{18}`), a line `####
18`, a phrase as `The answer is 18`, `Answer: 18`, `정답은 18입니다`, `답: 18`, and `A: 18` at the
start of a line. What stands between `<think>` and `</think>` is no answer, nor is what follows a
`<think>` that never ends.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)
_HASHES = re.compile(r"^\s*#{4}\s*(\S.*)$", re.MULTILINE)
_PHRASE = re.compile(
    r"""
    (?:
        (?<![a-z]) (?:answer|correct\ (?:choice|option)) (?:\ to\ [^.\n]{1,80}?)?
        [\s*_"'\])>]* (?: (?:is|are|was|would\ be|should\ be|must\ be) (?![a-z]) | [:=：] )
      | (?<![가-힣]) (?:최종\s*|올바른\s*|맞는\s*)? (?:정답|해답|답안|답)
        (?: [\s*_\])>」】]* (?:[:=：]|->|→) | [\s*_]*[\])>」】]
          | (?:은|는|이|으로는)(?![가-힣]) | \ (?=[(①-⑩\d]) )
    )
    [\s*_:：]*
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LETTER_A = re.compile(r"^\s*(?:\*\*)?A(?:\*\*)?\s*[:：]\s*", re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!?。](?=\s|$)")


class Final(NamedTuple):
    """Something that may be the final answer."""

    text: str
    """One line, without what marked it."""
    where: str
    """boxed, hashes or phrase."""


def without_thought(text: str) -> str:
    """`text` without what a reasoning model thought.

    >>> without_thought("<think>2 + 2?</think>4")
    '4'
    >>> without_thought("<think>2 + 2 …")
    ''
    """
    text = _THOUGHT.sub("", text)
    return text.rpartition("</think>")[2].partition("<think>")[0].strip()


def marked(text: str, letter_a: bool = True) -> Iterator[Final]:
    """What `text` marks as its final answer, the surest first.

    Args:
        text: without thought.
        letter_a: whether `A:` stands for "answer"; not so where it may be choice A.
    """
    for inner in reversed(_boxed(text)):
        yield Final(inner.strip(), "boxed")
    for line in reversed(_HASHES.findall(text)):
        yield Final(_trimmed(line), "hashes")
    ends = [match.end() for match in _PHRASE.finditer(text)]
    if letter_a:
        ends = sorted({*ends, *(match.end() for match in _LETTER_A.finditer(text))})
    for end in reversed(ends):
        line = _trimmed(text[end:].lstrip().partition("\n")[0])
        if line:
            yield Final(line, "phrase")


def sentence(text: str) -> str:
    """The first sentence of a line.

    >>> sentence("26.5 dollars. That is much.")
    '26.5 dollars'
    """
    return _SENTENCE_END.split(text, maxsplit=1)[0].strip()


def last_line(text: str) -> str:
    """The last line that is not blank."""
    return _trimmed(text.strip().rpartition("\n")[2])


def _trimmed(line: str) -> str:
    return line.strip().strip("*_ \t")


def _boxed(text: str) -> list[str]:
    r"""What stands in each complete `\boxed{…}` or `\fbox{…}`, braces matched."""
    found = []
    for match in re.finditer(r"\\(?:boxed|fbox)\s*\{", text):
        depth = 1
        for at in range(match.end(), len(text)):
            depth += (text[at] == "{") - (text[at] == "}")
            if depth == 0:
                found.append(text[match.end() : at])
                break
    return found
