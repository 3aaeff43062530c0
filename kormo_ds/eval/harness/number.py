"""One number that an evaluation found, and the row of the lake's `evals` that it becomes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kormo_ds.eval.harness.protocol import Protocol


@dataclass(frozen=True)
class Number:
    """What an evaluation found."""

    protocol: Protocol
    metric: str
    """e.g. 'acc'; 'exact_match,strict-match' where answers were filtered first."""
    value: float
    stderr: float | None
    n: int
    """Questions behind it."""
    lang: str | None
    """Where it is known."""

    @property
    def key(self) -> str:
        """Its name in metrics.jsonl and wandb."""
        return f"eval/{self.protocol.task}/{self.metric}"


def rows(
    numbers: Iterable[Number], *, run: str, checkpoint: str, at: datetime | None = None
) -> list[dict[str, Any]]:
    """Rows of the lake's `evals`; `task` tells how each was asked, `n_documents` of how many.

    Args:
        numbers: what was found.
        run: name of the run.
        checkpoint: 'step-000100', or 'init'.
        at: when; default now.
    """
    when = (at or datetime.now(UTC)).astimezone(UTC).replace(tzinfo=None)
    return [
        {
            "run": run,
            "checkpoint": checkpoint,
            "metric": one.metric,
            "task": str(one.protocol),
            "lang": one.lang,
            "source": None,
            "synthesizer": None,
            "value": one.value,
            "stderr": one.stderr,
            "n_documents": one.n,
            "n_bytes": None,
            "created_at": when,
        }
        for one in numbers
    ]
