"""The answers of a test, on the disk as soon as a batch has them, so that a killed test goes on.

One JSON line an answer, in a file whose name is a fingerprint of all that decides an answer: the
checkpoint, the tokenizer, the haystacks' documents, the templates, the seed and the settings. So
nothing is asked twice, and nothing is taken for what another model said. A line that a kill cut off
is asked again.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kormo_ds.eval.needle.grid import Cell
from kormo_ds.eval.needle.prompt import Prompt


@dataclass(frozen=True)
class Answer:
    """What a model said to one prompt."""

    cell: Cell
    sample: int
    keys: tuple[str, ...]
    values: tuple[str, ...]
    n_tokens: int
    """Of the prompt, BOS included."""
    text: str
    """What it said, without the beginning that the prompt gave it."""
    score: float
    """Share of the values that it said."""

    @classmethod
    def to(cls, prompt: Prompt, text: str, score: float) -> "Answer":
        """The answer to a prompt."""
        return cls(
            prompt.cell, prompt.sample, prompt.keys, prompt.values, len(prompt.ids), text, score
        )


@dataclass(frozen=True)
class Answers:
    """The file of one test."""

    path: Path

    def read(self) -> dict[tuple[Cell, int], Answer]:
        """The answers that are there, by cell and sample; a line that was cut off is removed."""
        if not self.path.exists():
            return {}
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self.path, whole)
        found = {}
        for line in content[:whole].decode().splitlines():
            answer = _answer(json.loads(line))
            found[answer.cell, answer.sample] = answer
        return found

    def add(self, answers: Iterable[Answer]) -> None:
        """Write answers and have them on the disk."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lines = "".join(json.dumps(asdict(answer), ensure_ascii=False) + "\n" for answer in answers)
        with self.path.open("ab") as file:
            file.write(lines.encode())
            file.flush()
            os.fsync(file.fileno())


def _answer(said: dict[str, Any]) -> Answer:
    cell = Cell(**said.pop("cell"))
    keys, values = tuple(said.pop("keys")), tuple(said.pop("values"))
    return Answer(cell=cell, keys=keys, values=values, **said)
