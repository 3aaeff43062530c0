"""Requests put into streams: each distinct text once, nothing padded.

A request is an input and the labels of its last tokens. The answers to a question often have one
token, so their inputs are the same, or one is the beginning of another: such requests share the
longest of them, since under a causal mask what follows a token changes nothing for it. (The
harness's own HF backend shares equal inputs only.) What is left goes into batches by length, as
documents of one stream behind their own masks.

    asked ──shared──▶ inputs ──longest first──▶ batches of at most batch_tokens
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """One request: how likely are `labels` at the end of `tokens`?"""

    tokens: list[int]
    """Context and continuation, less its last token."""
    labels: list[int]
    """The continuation: what the last so many of `tokens` predict."""


@dataclass(frozen=True)
class Answer:
    """Where in a batch one request is answered."""

    number: int
    """Of the request."""
    first: int
    """Place in the batch's stream of the token that predicts the first label."""
    labels: list[int]


@dataclass(frozen=True)
class Packed:
    """Inputs that go through the model together."""

    inputs: list[list[int]]
    answers: list[Answer]


def asked(context: Sequence[int], continuation: Sequence[int], max_length: int) -> Asked:
    """A request of at most `max_length` input tokens, cut from the left as the harness does.

    >>> asked([1, 2, 3], [4, 5], 3)
    Asked(tokens=[2, 3, 4], labels=[4, 5])
    """
    whole = [*context, *continuation][-(max_length + 1) :]
    return Asked(whole[:-1], list(continuation)[-max_length:])


def plan(requests: Sequence[Asked], batch_tokens: int) -> list[Packed]:
    """Batches of at most `batch_tokens` tokens, but for an input that is longer by itself.

    The longest inputs come first: what does not fit a device's memory fails at once.
    """
    batches: list[Packed] = []
    size = batch_tokens
    for tokens, members in sorted(_shared(requests), key=lambda pair: -len(pair[0])):
        if size + len(tokens) > batch_tokens:
            batches.append(Packed([], []))
            size = 0
        batch = batches[-1]
        batch.inputs.append(tokens)
        for number in members:
            one = requests[number]
            first = size + len(one.tokens) - len(one.labels)
            batch.answers.append(Answer(number, first, one.labels))
        size += len(tokens)
    return batches


def _shared(requests: Sequence[Asked]) -> Iterator[tuple[list[int], list[int]]]:
    """Inputs that no other begins with, each with the numbers of the requests it answers.

    In lexical order an input stands right before those that begin with it.
    """
    order = sorted(range(len(requests)), key=lambda number: requests[number].tokens)
    holder: list[int] = []
    members: list[int] = []
    for number in reversed(order):
        tokens = requests[number].tokens
        if members and holder[: len(tokens)] == tokens:
            members.append(number)
            continue
        if members:
            yield holder, members
        holder, members = tokens, [number]
    if members:
        yield holder, members
