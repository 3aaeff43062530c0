"""Answers of a model that was trained on chats, by its template; thoughts apart from what is said.

turns ──render──▶ prompt, its block open ──model──▶ thoughts </think> answer <|EOT|>
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from kormo_ds.cli.conversation import Turn
from kormo_ds.errors import BadConfig, BadInput

if TYPE_CHECKING:
    from kormo_ds.model import Sampling, Transformer
    from kormo_ds.text.tokens import Vocabulary

_END = "</think>"


def thinking(word: str) -> bool | None:
    """Whether a model shall think; None where nothing was said.

    Raises:
        BadConfig: neither on nor off.
    """
    known = {"on": True, "off": False, "": None}
    if word not in known:
        raise BadConfig(f"think={word} is neither on nor off")
    return known[word]


def prompt(vocabulary: "Vocabulary", turns: Sequence[Turn], think: bool | None) -> list[int]:
    """The tokens that an answer to the last turn follows."""
    from kormo_ds.chat import Encoder, render
    from kormo_ds.documents import conversation

    said = []
    for number, one in enumerate(turns, 1):
        said.append(conversation.turn("user", one.said))
        if number < len(turns):
            said.append(conversation.turn("assistant", one.answer))
    encoded = Encoder(vocabulary)([render(said, prompt=True, thinking=think)])
    return [int(number) for number in encoded.ids]


def fitting(
    vocabulary: "Vocabulary", turns: Sequence[Turn], think: bool | None, room: int
) -> list[Turn]:
    """The newest turns whose prompt has at most `room` tokens; the oldest are left out.

    Raises:
        BadInput: the newest does not fit alone.
    """
    kept = list(turns)
    while (n := len(prompt(vocabulary, kept, think))) > room:
        if len(kept) == 1:
            raise BadInput(f"{n} tokens are more than the {room} that there is room for; say less")
        kept.pop(0)
    return kept


def answer(
    model: "Transformer",
    vocabulary: "Vocabulary",
    turns: Sequence[Turn],
    think: bool | None,
    sampling: "Sampling",
    thought: Callable[[str], None],
) -> Iterator[str]:
    """What is said to the last turn; `thought` is told what is thought before, as it grows."""
    from kormo_ds.cli.stream import answered
    from kormo_ds.text.tokens import EOT

    given = prompt(vocabulary, turns, think)
    pieces = answered(model, vocabulary, given, vocabulary.token(EOT), sampling)
    return pieces if think is False else said(pieces, thought)


def said(pieces: Iterable[str], thought: Callable[[str], None]) -> Iterator[str]:
    """The pieces behind `</think>`, those before to `thought`.

    >>> thoughts = []
    >>> list(said(["a", "b</thi", "nk>c", "d"], thoughts.append)), thoughts
    (['c', 'd'], ['a', 'b'])
    """
    waiting, closed = "", False
    for piece in pieces:
        if closed:
            yield piece
            continue
        waiting += piece
        before, closed_here, after = waiting.partition(_END)
        closed = bool(closed_here)
        held = 0 if closed else max(n for n in range(len(_END)) if before.endswith(_END[:n]))
        ready, waiting = before[: len(before) - held], before[len(before) - held :]
        if ready:
            thought(ready)
        if after:
            yield after
    if waiting and not closed:
        thought(waiting)
