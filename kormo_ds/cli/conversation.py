"""A conversation as the text that a base model continues; one trained on chats has a template.

A base model continues documents and knows no turns. So it is given a document that reads as a
conversation, and is stopped where it begins to write the next question.

    User: Where does the train stop?
    Assistant: Here, four times a day.
    User: And on Sundays?
    Assistant:
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kormo_ds.errors import BadInput

_LABELS = {"ko": ("사용자", "도우미"), "en": ("User", "Assistant")}
_HANGUL = re.compile("[\u1100-\u11ff\u3131-\u318e가-힣]")
STOPS = tuple(f"\n{asking}:" for asking, _ in _LABELS.values())
"""Where the model has begun to ask by itself."""


@dataclass(frozen=True)
class Turn:
    """What was said, and what was answered so far."""

    said: str
    answer: str = ""


def written(turns: Sequence[Turn]) -> str:
    r"""The text of the turns, each with labels in its own language.

    >>> written([Turn("안녕?", "네."), Turn("Who?")])
    '사용자: 안녕?\n도우미: 네.\nUser: Who?\nAssistant:'
    """
    return "\n".join(map(_lines, turns))


def fitting(turns: Sequence[Turn], n_tokens: Callable[[str], int], room: int) -> list[Turn]:
    """The newest turns whose text has at most `room` tokens; the oldest are left out.

    Raises:
        BadInput: the newest does not fit alone.
    """
    kept = list(turns)
    while (n := n_tokens(written(kept))) > room:
        if len(kept) == 1:
            raise BadInput(f"{n} tokens are more than the {room} that there is room for; say less")
        kept.pop(0)
    return kept


def _lines(turn: Turn) -> str:
    asking, answering = _LABELS["ko" if _HANGUL.search(turn.said) else "en"]
    answer = f" {turn.answer.rstrip()}" if turn.answer else ""
    return f"{asking}: {turn.said}\n{answering}:{answer}"
