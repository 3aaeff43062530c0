"""What was seen so far: a Bloom filter of n-grams or a set of paragraphs, saved with its place.

A saved filter says how many rows of `documents` it has seen and which came last, so it goes on with
later appends, and after a kill with the rows whose columns were committed later than it was saved.
The file is one line of JSON and then the words of the filter, checked by a hash of both.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

import numpy as np

from kormo_ds.dedup import decide
from kormo_ds.errors import Damaged
from kormo_ds.text import bloom
from lake import files

MAGIC = "kormo-seen-1"
_SMALLEST_SET = 1 << 16


@dataclass
class Seen:
    """A filter and how far it has come."""

    identity: str
    """Fingerprint of the settings; another one is another filter."""
    plan: bloom.Plan | None
    """The size of a Bloom filter; None for a set of paragraphs, which grows."""
    rows: int = 0
    """Rows of `documents` that it has seen."""
    last: str = ""
    """doc_id of the last of them."""
    n_added: int = 0
    """Distinct entries."""
    words: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint64), repr=False)
    """uint64: the bits of the Bloom filter, or the table of the set."""

    @classmethod
    def new(cls, identity: str, plan: bloom.Plan | None) -> Self:
        """One that has seen nothing."""
        words = bloom.empty(plan) if plan else np.zeros(_SMALLEST_SET, np.uint64)
        return cls(identity, plan, words=words)

    def room_for(self, n: int) -> None:
        """Let a set grow so that `n` more leave it half empty; a Bloom filter keeps its size."""
        size = len(self.words)
        if self.plan is not None or 2 * (self.n_added + n) <= size:
            return
        while size < 2 * (self.n_added + n):
            size *= 2
        grown = np.zeros(size, np.uint64)
        decide.moved(self.words, grown)
        self.words = grown

    @property
    def fp(self) -> float:
        """Share of unseen entries that would be taken for seen ones, from the bits that are set."""
        return bloom.measured_fp(self.words, self.plan.rounds) if self.plan else 0.0

    def save(self, uri: str) -> None:
        """Write the file whole or not at all."""
        facts = asdict(replace(self, words=np.zeros(0, np.uint64)))
        del facts["words"]
        facts |= {"magic": MAGIC, "size": len(self.words)}
        facts["sha256"] = _sha256(facts, self.words)
        files.write_bytes(uri, json.dumps(facts).encode() + b"\n", self.words.view(np.uint8).data)

    @classmethod
    def load(cls, uri: str) -> Self | None:
        """The filter of a file; None where there is no file.

        Raises:
            Damaged: the file is not what `save` wrote.
        """
        try:
            file = files.open_bytes(uri)
        except FileNotFoundError:
            return None
        with file:
            try:
                facts: dict[str, Any] = json.loads(_line(file))
                known = facts.pop("sha256")
                plan = bloom.Plan(**facts["plan"]) if facts["plan"] else None
                words = bloom.empty(plan) if plan else np.zeros(facts["size"], np.uint64)
                n = file.readinto(words.view(np.uint8).data)
            except (ValueError, KeyError, TypeError) as error:
                raise _damaged(uri) from error
        if n != words.nbytes or known != _sha256(facts, words):
            raise _damaged(uri)
        for name in ("magic", "size", "plan"):
            del facts[name]
        return cls(**facts, plan=plan, words=words)


def _line(file: Any) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        byte = file.read(1)
        if not byte or len(line) > 1 << 16:
            raise ValueError("no header")
        line += byte
    return line


def _sha256(facts: dict[str, Any], words: np.ndarray) -> str:
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    digest.update(words.view(np.uint8).data)
    return digest.hexdigest()


def _damaged(uri: str) -> Damaged:
    return Damaged(
        f"{uri} is not a whole filter; remove it: the next run makes it again from the documents"
    )
