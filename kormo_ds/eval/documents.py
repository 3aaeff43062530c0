"""The documents that an evaluation reads: those of a recorded mixture, each once."""

from collections.abc import Iterator
from dataclasses import dataclass

from kormo_ds.recorded import Recorded

_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Document:
    """A text and what its numbers are grouped by."""

    doc_id: str
    text: str
    lang: str
    source: str
    synthesizer: str | None
    """The model that wrote it, None where a person did."""


def documents(mixture: Recorded) -> Iterator[Document]:
    """Clean text and origin of each document in the mixture's first pass, in its order.

    A language or source that is not known is called 'unknown'.

    Raises:
        BadInput: the mixture was recorded before text_clean was written.
        Damaged: as `kormo_ds.recorded.Recorded`.
    """
    mixture.text()
    for part in mixture.read(["text_clean", "lang", "source", "synthesizer"]):
        if part.turn:
            return
        for row in part.columns.to_pylist():
            yield Document(
                doc_id=row["doc_id"],
                text=row["text_clean"] or "",
                lang=row["lang"] or _UNKNOWN,
                source=row["source"] or _UNKNOWN,
                synthesizer=row["synthesizer"],
            )
