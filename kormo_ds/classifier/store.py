"""Where models are kept: <lake>/TASK/NAME, complete once its card is there.

    model.bin       the model, a fastText file of dimension 1
    held_out.json   what it is worth on documents that it was not trained on
    rows.lance      the documents it was made from: doc_id, label, split, score; in SQL TASK."NAME"
    card.json       all that is known of it; written last, and without it the name is free

A model is never changed: its percentiles and its fingerprint stay what they were.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from kormo_ds.classifier import percentiles
from kormo_ds.classifier.linear import Linear
from kormo_ds.errors import BadInput, Damaged, unknown
from lake import files

if TYPE_CHECKING:
    from lake import Lake

CARD, MODEL, HELD_OUT, ROWS = "card.json", "model.bin", "held_out.json", "rows"
_NAME = re.compile(r"\w[\w-]*")


@dataclass(frozen=True)
class Card:
    """What is known of a model."""

    task: str
    name: str
    lang: str
    positive: str
    """Label of what the score is the probability of."""
    negative: str
    settings: dict[str, Any]
    """As they were given, and the defaults of the others."""
    queries: dict[str, str]
    """The two queries as they were asked."""
    documents_version: int
    """Version of `documents` that they were asked of."""
    counts: dict[str, int]
    edges: list[float]
    """99 percentiles of the scores of the language's documents."""
    n_edge_documents: int
    held_out: dict[str, Any]
    """Of `measure`."""
    model_sha256: str
    created_at: str
    versions: dict[str, str]

    @property
    def fingerprint(self) -> str:
        """Changes with every score and bin that the model gives."""
        facts = [self.lang, self.model_sha256, self.edges]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]

    def to_bytes(self) -> bytes:
        """As JSON."""
        facts = asdict(self) | {"fingerprint": self.fingerprint}
        return json.dumps(facts, indent=2, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Scorer:
    """A model with its card, ready to score texts of its language."""

    card: Card
    linear: Linear

    def score(self, texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities (float32) and percentile bins (int8)."""
        scores = self.linear.score(texts).astype(np.float32)
        return scores, percentiles.bins(scores, self._edges)

    @cached_property
    def _edges(self) -> np.ndarray:
        return np.array(self.card.edges, np.float32)


def check_name(name: str) -> None:
    """Refuse a name that cannot be a folder and a table.

    Raises:
        BadInput: anything but letters, digits, '_' and '-'.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(f"'{name}' cannot name a model; use letters, digits, '_' and '-'")


def names(lk: "Lake", task: str) -> list[str]:
    """The models of a task that are complete."""
    found = files.names(lk.path(task))
    return [name for name in found if files.exists(lk.path(task, name, CARD))]


def card(lk: "Lake", task: str, name: str) -> Card:
    """What is known of the model `name`.

    Raises:
        UnknownName: there is none of that name.
        Damaged: its card cannot be read.
    """
    if not _NAME.fullmatch(name) or not files.exists(lk.path(task, name, CARD)):
        hint = f"train it with: kormo {task} train {name}"
        raise unknown(f"{task} model", name, names(lk, task), hint)
    return _card(lk.path(task, name))


def scorer(folder: str) -> Scorer:
    """The model in a folder (a path or a URI).

    Raises:
        Damaged: a file is missing, or is not what the card says.
    """
    found = _card(folder)
    try:
        content = files.read_bytes(files.join(folder, MODEL))
    except FileNotFoundError as error:
        raise Damaged(f"{folder} has a card and no {MODEL}; train it again") from error
    if hashlib.sha256(content).hexdigest() != found.model_sha256:
        raise Damaged(
            f"{folder}/{MODEL} is not the file that its card describes (other SHA-256); "
            "train it again under another name"
        )
    return Scorer(found, Linear.from_bytes(content, f"{folder}/{MODEL}"))


def _card(folder: str) -> Card:
    try:
        facts = json.loads(files.read_bytes(files.join(folder, CARD)))
        return Card(**{field.name: facts[field.name] for field in fields(Card)})
    except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
        raise Damaged(f"{folder}/{CARD} cannot be read: {error!r}; train it again") from error
