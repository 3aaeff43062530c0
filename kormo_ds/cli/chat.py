"""`kormo chat`: a conversation with a checkpoint in the terminal, or line by line from a pipe.

Every turn runs the whole conversation through the model again (one pass over its tokens); keys and
values are kept within an answer only. Answers go to stdout, all else to stderr.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Annotated

import typer

from kormo_ds.cli import args
from kormo_ds.cli.conversation import STOPS, Turn, fitting, written
from kormo_ds.cli.stream import continued, loaded, until, visible
from kormo_ds.errors import BadInput

_DEFAULTS = {"max_tokens": "256", "temperature": "0.7", "top_p": "0.9"}
_NOTE = (
    "{name} has no chat template: it continues the conversation as text. "
    "/reset begins anew, /quit or Ctrl-D ends, Ctrl-C stops an answer."
)
_CHATS = (
    "{name} answers by its chat template. "
    "/reset begins anew, /quit or Ctrl-D ends, Ctrl-C stops an answer."
)
_COMMAND = re.compile(r"/\w+")

Answer = Callable[[list[Turn]], Iterator[str]]


def chat(
    words: Annotated[
        list[str],
        typer.Argument(
            help="A checkpoint's or a run's folder, then max_tokens=256 temperature=0.7 top_p=0.9 "
            "seed=0 think=on|off",
            metavar="CHECKPOINT [SETTING=VALUE]...",
        ),
    ],
) -> None:
    """Talk with a checkpoint: each line is a turn; /reset begins anew, /quit ends.

    A model that was trained on chats is asked by its template, think=on and think=off say whether
    it shall think first; its thoughts go to stderr.
    """
    places, given = args.split(words)
    if len(places) != 1:
        raise BadInput("name one checkpoint, e.g.: kormo chat data/runs/demo")

    from kormo_ds.cli import templated
    from kormo_ds.eval.checkpoint import read
    from kormo_ds.model import Sampling
    from kormo_ds.run_record.state import rendered

    think = templated.thinking(given.pop("think", ""))
    sampling = args.settings(Sampling, _DEFAULTS | given)
    asked = read(places[0])
    model, vocabulary = loaded(asked), asked.vocabulary
    positions = model.config.max_positions
    room = positions - sampling.max_tokens - 1  # BOS
    if room < 1:
        raise BadInput(
            f"max_tokens={sampling.max_tokens} leaves no room in the model's {positions} positions"
        )
    chats = rendered(asked.folder) == "chat"
    if think is not None and not chats:
        raise BadInput(
            f"{asked.run.name} {asked.name()} was not trained on chats, so think= says nothing to "
            "it; pack its data with: kormo pack MIXTURE render=chat"
        )
    _say((_CHATS if chats else _NOTE).format(name=f"{asked.run.name} {asked.name()}"))

    def templated_answer(turns: list[Turn]) -> Iterator[str]:
        _leave_out(turns, templated.fitting(vocabulary, turns, think, room))
        return templated.answer(model, vocabulary, turns, think, sampling, _thought)

    def answer(turns: list[Turn]) -> Iterator[str]:
        kept = fitting(turns, lambda text: vocabulary.count([text])[0], room)
        _leave_out(turns, kept)
        return until(continued(model, vocabulary, written(turns), sampling), STOPS)

    _talk(templated_answer if chats else answer)


def _leave_out(turns: list[Turn], kept: list[Turn]) -> None:
    if dropped := len(turns) - len(kept):
        _say(f"(the oldest {dropped} of {len(turns)} turns are left out from here on)")
        turns[:] = kept


def _thought(text: str) -> None:
    typer.echo(visible(text), nl=False, err=True)


def _talk(answer: Answer) -> None:
    """Read lines and answer them until there are no more; an interrupt ends a line, no more."""
    turns: list[Turn] = []
    reconfigure = getattr(sys.stdin, "reconfigure", lambda **_: None)
    reconfigure(errors="replace")
    while True:
        try:
            line = _line()
            if line is None or line == "/quit":
                return
            if line == "/reset":
                turns.clear()
            elif _COMMAND.fullmatch(line):
                _say(f"unknown command '{line}'; known: /quit, /reset")
            elif line:
                _turn(turns, line, answer)
        except BadInput as error:
            _say(str(error))
        except KeyboardInterrupt:
            _say("")


def _turn(turns: list[Turn], line: str, answer: Answer) -> None:
    """Ask, print the answer as it grows, and keep it as far as it came."""
    turns.append(Turn(line))
    try:
        pieces = answer(turns)
    except BadInput:
        turns.pop()
        raise
    try:
        for piece in _from_first_word(pieces):
            typer.echo(visible(piece), nl=False)
            turns[-1] = replace(turns[-1], answer=turns[-1].answer + piece)
    except KeyboardInterrupt:
        pass
    typer.echo()


def _from_first_word(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces without the white space before the first word."""
    begun = False
    for piece in pieces:
        shown = piece if begun else piece.lstrip()
        begun = begun or bool(shown)
        yield shown


def _line() -> str | None:
    """The next line that was said, without white space around it; None where there is none."""
    try:
        if sys.stdin.isatty():
            _edited_lines()
            return input("> ").strip()
    except EOFError:
        typer.echo()
        return None
    line = sys.stdin.readline()
    return line.strip() if line else None


def _edited_lines() -> None:
    """Let `input` have a history and arrow keys, where Python has readline."""
    try:
        import readline  # noqa: F401
    except ImportError:
        return


def _say(text: str) -> None:
    typer.echo(text, err=True)
