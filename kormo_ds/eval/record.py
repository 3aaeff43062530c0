"""The numbers of an evaluation: over all documents, by language, by source, by synthesizer."""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from kormo_ds.eval.bits_per_byte import Score
from kormo_ds.model.bits import bits_per_byte

_GRAINS = ((), ("lang",), ("lang", "source"), ("lang", "source", "synthesizer"))


def rows(
    scores: Iterable[Score], *, run: str, checkpoint: str, task: str, at: datetime | None = None
) -> list[dict[str, Any]]:
    """Rows of the lake's `evals`, from all documents down to single synthesizers.

    A column that a row does not divide by is None, so all documents come first with None in `lang`,
    `source` and `synthesizer`. Documents without synthesizer have no row of the finest sort: what a
    source's own row holds beyond those of its synthesizers is theirs. A group without any byte has
    no value.

    Args:
        scores: of `bits_per_byte.scores`.
        run: name of the run.
        checkpoint: 'step-000100', or 'init'.
        task: what was evaluated, 'held_out@1'.
        at: when; default now.
    """
    known = list(scores)
    when = (at or datetime.now(UTC)).replace(tzinfo=None)
    about = {"run": run, "checkpoint": checkpoint, "metric": "bits_per_byte", "task": task}
    return [
        about
        | {"lang": None, "source": None, "synthesizer": None}
        | key
        | numbers
        | {"created_at": when}
        for grain in _GRAINS
        for key, numbers in _groups(known, grain)
    ]


def _groups(
    scores: Sequence[Score], grain: tuple[str, ...]
) -> list[tuple[dict[str, str], dict[str, Any]]]:
    groups: dict[tuple[str, ...], list[Score]] = {}
    for score in scores:
        key = tuple(getattr(score.document, column) for column in grain)
        if None not in key:
            groups.setdefault(key, []).append(score)
    return [(dict(zip(grain, key, strict=True)), _numbers(groups[key])) for key in sorted(groups)]


def _numbers(scores: Sequence[Score]) -> dict[str, Any]:
    """Bits over bytes of all, and its standard error as a ratio of two means over documents."""
    n_bytes = sum(score.n_bytes for score in scores)
    n = len(scores)
    value = bits_per_byte((score.bits for score in scores), n_bytes)
    error = None
    if value is not None and n > 1:
        squares = math.fsum((score.bits - value * score.n_bytes) ** 2 for score in scores)
        error = math.sqrt(squares * n / (n - 1)) / n_bytes
    return {"value": value, "stderr": error, "n_documents": n, "n_bytes": n_bytes}
