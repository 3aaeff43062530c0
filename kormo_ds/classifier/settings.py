"""How a two-class model is trained: what it is called, on what, and with which numbers.

The numbers of fastText are those of DCLM's quality classifier (Li et al. 2024, section 4.4), but
for `thread` and `bucket`, which say why beside them.
"""

from dataclasses import dataclass
from typing import Any

from kormo_ds.errors import BadConfig


@dataclass(frozen=True)
class Task:
    """What a model tells apart."""

    name: str
    """Also the folder of its models in the lake."""
    positive: str
    """Label of what the score is the probability of, without `__label__`."""
    negative: str
    """Label of the rest."""


@dataclass
class Settings:
    """What a model is trained on, and how."""

    lang: str = ""
    """Language of the model; documents of others are left out. Must be given."""
    positives: str = ""
    """A `select` that returns doc_id, or a recorded mixture NAME@VERSION. Must be given."""
    negatives: str = ""
    """The same for the other class. Must be given."""
    lang_column: str = "lang"
    """Column that says the language: what the source claims, or `lang_detected`."""
    per_class: int = 200_000
    """Documents of a class at most; DCLM's number."""
    balance: bool = True
    """Give both classes as many documents as the smaller one has."""
    min_documents: int = 1_000
    """With fewer documents of a class nothing is trained."""
    overlap: str = "refuse"
    """What becomes of documents in both classes: refuse, or drop from both."""
    held_out: float = 0.1
    """Share of documents, by md5 of their id, that the model is measured on instead."""
    threshold: float = 0.5
    """Score from which a held-out document counts as positive."""
    edge_documents: int = 100_000
    """Documents of the language, by md5 of their id, whose scores make the percentiles; 0: all."""
    seed: int = 42
    """Of the order of documents and of which are left out for balance."""
    lr: float = 0.1
    """Learning rate."""
    dim: int = 100
    """Numbers a word vector has while training; the model that is kept needs one."""
    ws: int = 5
    """Context window; DCLM sets it, training of classes has no use for it."""
    epoch: int = 5
    """Passes over the documents."""
    min_count: int = 1
    """Words that are rarer are left out."""
    word_ngrams: int = 2
    """Longest n-gram of words."""
    bucket: int = 2**21
    """Hash buckets of n-grams: fastText's 2,000,000 as a power of two. Training takes 400 bytes of
    memory a bucket (840 MB), the model that is kept 4 (8 MB)."""
    thread: int = 1
    """One makes the same model every time; more are faster, and no two models are alike."""

    def check(self) -> None:
        """Refuse what cannot be trained with.

        Raises:
            BadConfig: a setting that is missing or out of bounds.
        """
        for name in ("lang", "positives", "negatives"):
            if not getattr(self, name):
                raise BadConfig(
                    f"{name}=… is missing; needed are lang=ko and two queries, positives='select "
                    "doc_id from documents where …' (or a mixture NAME@VERSION) and negatives=…"
                )
        for name in ("per_class", "min_documents", "dim", "epoch", "min_count", "thread"):
            self._need(name, getattr(self, name) >= 1, "1 or more")
        for name in ("word_ngrams", "bucket", "ws"):
            self._need(name, 1 <= getattr(self, name) < 2**31, "1 or more")
        self._need("edge_documents", self.edge_documents >= 0, "0 or more")
        self._need("lr", self.lr > 0, "more than 0")
        self._need("held_out", 0 < self.held_out < 1, "a share between 0 and 1")
        self._need("threshold", 0 <= self.threshold <= 1, "a probability from 0 to 1")
        self._need("overlap", self.overlap in ("refuse", "drop"), "refuse or drop")
        self._need(
            "lang_column", self.lang_column in ("lang", "lang_detected"), "lang or lang_detected"
        )

    def _need(self, name: str, holds: bool, wanted: str) -> None:
        value: Any = getattr(self, name)
        if not holds:
            raise BadConfig(f"{name}={value} cannot be used; give {wanted}")
