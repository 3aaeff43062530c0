"""How a task was asked, in the name that the lake's `evals` knows it by.

    kobest_boolq (0-shot)
    arc_easy (25-shot, local data, first 100)

Two numbers of one task are comparable where these names are equal, so that is what the column
`task` holds: the dashboard and the report put equal names side by side.
"""

import re
from dataclasses import dataclass
from typing import Self

_NAME = re.compile(
    r"(?P<task>[^ ]+) \((?P<shots>\d+)-shot(?P<local>, local data)?(?:, first (?P<first>\d+))?\)"
)


@dataclass(frozen=True)
class Protocol:
    """A task and how it was asked."""

    task: str
    """The harness's name."""
    shots: int
    """Examples before each question; of a group those of its first task."""
    local: bool = False
    """Are its questions those of `data=FOLDER`?"""
    first: int | None = None
    """How many questions were asked of each task, where not all."""

    def __str__(self) -> str:
        local = ", local data" if self.local else ""
        first = f", first {self.first}" if self.first else ""
        return f"{self.task} ({self.shots}-shot{local}{first})"

    @classmethod
    def parse(cls, name: str) -> Self | None:
        """The protocol that a name in `evals` tells of; None where it is none of the harness's.

        >>> Protocol.parse("piqa (5-shot, first 10)")
        Protocol(task='piqa', shots=5, local=False, first=10)
        """
        found = _NAME.fullmatch(name)
        if not found:
            return None
        first = found["first"]
        local = bool(found["local"])
        return cls(found["task"], int(found["shots"]), local, int(first) if first else None)
