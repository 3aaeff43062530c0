"""One document: the requests that translate it, and the document that their answers make."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kormo_ds.documents import conversation
from kormo_ds.documents.document import Document, Reject, Turn, Unusable, excerpt
from kormo_ds.documents.identity import doc_id
from kormo_ds.documents.translated import SOURCE_REASONING, UNTRANSLATED_ROLES
from kormo_ds.generate.answers import Answer
from kormo_ds.generate.prompt import Prompt
from kormo_ds.generate.request import Request
from kormo_ds.generate.translate.chosen import Parent
from kormo_ds.generate.translate.pieces import Piece, cut, join
from kormo_ds.generate.translate.protect import Changed, Protected, protect
from kormo_ds.generate.translate.settings import Settings

REASONS = {
    "nothing_to_translate": "the document holds no letter outside of code, formulas and addresses",
    "refused": "the server refuses a piece for good",
    "truncated": "the answer to a piece ended at max_tokens",
    "empty_answer": "the answer to a piece holds nothing",
    "marker_lost": "a marker did not come back, and with it code, a formula or an address",
    "marker_doubled": "a marker came back twice or more",
    "marker_unknown": "a marker came back that was not given",
    "no_conversation": "the translated turns are no conversation any more",
}
"""Why a document has no translation."""


@dataclass(frozen=True)
class How:
    """How documents are translated."""

    prompt: Prompt
    synthesizer: str
    settings: Settings

    def source_of(self, parent: Parent) -> str:
        """The `source` of a document's translation."""
        return self.settings.source or f"{parent.source}_{self.settings.to}"


class Part(NamedTuple):
    """A text of a document: the whole, or one field of a turn."""

    turn: int
    """-1 for the text of a document without turns."""
    field: str
    pieces: list[Piece]
    protected: list[Protected]
    """One for each piece."""


class Failed(Exception):
    """A document that has no translation; `reason` is a key of `REASONS`."""

    def __init__(self, reason: str, detail: str, piece: int = 0):
        super().__init__(reason, detail, piece)
        self.reason, self.detail, self.piece = reason, detail, piece


def parts(parent: Parent, how: How) -> list[Part]:
    """The texts of a document that are to be translated, cut and protected."""
    found = []
    for turn, field, text in _texts(parent, how):
        pieces = cut(text, how.settings.piece)
        protected = [protect(piece.text, how.settings.protect) for piece in pieces]
        found.append(Part(turn, field, pieces, protected))
    return found


def requests(parent: Parent, how: How) -> Iterator[Request]:
    """What is asked for a document: one request a piece that holds something to translate."""
    for part in parts(parent, how):
        before = ""
        for piece, protected in zip(part.pieces, part.protected, strict=True):
            if not protected.is_empty:
                yield Request(
                    messages=how.prompt.messages(protected.text, {}, before),
                    sampling=how.settings.sampling,
                    prompt_id=how.prompt.name,
                    parent_id=parent.doc_id,
                )
            before = _tail(piece.text, how.settings.context)


def translation(
    parent: Parent, how: How, answers: Sequence[Answer]
) -> tuple[str, list[Turn] | None]:
    """The text and turns that the answers to a document's `requests`, in order, make.

    Raises:
        Failed: an answer cannot be used.
    """
    waiting = iter(enumerate(answers, start=1))
    turns: list[Turn] | None = None
    if parent.messages:
        turns = [
            Turn(role=t["role"], content=t["content"], reasoning=t["reasoning"])
            for t in parent.messages
        ]
    text = parent.text
    if not answers:
        raise Failed("nothing_to_translate", parent.text)
    for part in parts(parent, how):
        made = []
        for piece, protected in zip(part.pieces, part.protected, strict=True):
            said = piece.text if protected.is_empty else _said(protected, *next(waiting))
            made.append(Piece(piece.separator, said))
        if turns is None:
            text = join(made)
        elif part.field == "content":
            turns[part.turn]["content"] = join(made)
        else:
            turns[part.turn]["reasoning"] = join(made)
    if turns is None:
        return text, None
    try:
        conversation.check(turns)
    except Unusable as error:
        raise Failed("no_conversation", f"{error.reason}: {error.detail}") from error
    return conversation.text(turns), turns


def document(parent: Parent, how: How, answers: Sequence[Answer]) -> Document | Reject:
    """The translated document, or why there is none."""
    settings, source = how.settings, how.source_of(parent)
    try:
        text, turns = translation(parent, how, answers)
    except Failed as failed:
        name = f"{parent.doc_id} {how.prompt.name} {how.synthesizer}"
        detail = excerpt(failed.detail)
        return Reject(f"documents/{parent.doc_id}", name, failed.piece, failed.reason, detail)
    keeps = settings.keep_reasoning and any(turn["reasoning"] for turn in turns or ())
    data = text.encode()
    return Document(
        doc_id=doc_id(source, parent.doc_id, data, turns),
        source_id=parent.doc_id,
        text=data,
        lang=settings.to,
        source=source,
        origin="translated",
        kind=parent.kind,
        url=parent.url,
        license=parent.license,
        parent_id=parent.doc_id,
        synthesizer=how.synthesizer,
        prompt_style=how.prompt.style,
        prompt_id=how.prompt.name,
        meta=SOURCE_REASONING if keeps else None,
        messages=turns,
    )


def _texts(parent: Parent, how: How) -> Iterator[tuple[int, str, str]]:
    if not parent.messages:
        yield -1, "text", parent.text
        return
    for i, turn in enumerate(parent.messages):
        if turn["role"] in UNTRANSLATED_ROLES:
            continue
        if turn["reasoning"] and not how.settings.keep_reasoning:
            yield i, "reasoning", turn["reasoning"]
        yield i, "content", turn["content"]


def _said(protected: Protected, number: int, answer: Answer) -> str:
    """What an answer makes of a piece."""
    if answer.error or answer.finish_reason == "content_filter":
        raise Failed("refused", protected.text, number)
    if answer.finish_reason == "length":
        raise Failed("truncated", answer.text[-200:], number)
    if not answer.text.strip():
        raise Failed("empty_answer", protected.text, number)
    try:
        return protected.restored(answer.text.strip())
    except Changed as changed:
        raise Failed(changed.reason, changed.detail, number) from changed


def _tail(text: str, chars: int) -> str:
    """The end of a text, from the beginning of a word on."""
    if not chars or len(text) <= chars:
        return text if chars else ""
    return text[-chars:].split(maxsplit=1)[-1]
