"""What a mixture is made of, as a tree: component, language, source."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lake
from kormo_ds.recorded import Mixture

_LEVELS = (("component",), ("lang",), ("source", "origin", "synthesizer"))
_COUNTS = ("n_documents", "n_bytes", "n_tokens", "n_repeated_bytes")


@dataclass(frozen=True)
class Branch:
    """A part of a mixture and its parts. Counts are None where they were not measured."""

    label: str
    n_documents: int
    n_bytes: int | None
    n_tokens: int | None
    repeats: float | None
    """Passes over its bytes, on average."""
    share: float | None
    """Of the mixture's bytes, repeats included, 0..1."""
    branches: tuple["Branch", ...]


def tree(lk: lake.Lake, mixture: Mixture) -> Branch:
    """The mixture with its components, their languages and their sources, the largest first."""
    rows = (
        lk.dataset("mixture_totals")
        .to_table(filter=f"mixture = '{mixture.mixture}' and version = {mixture.version}")
        .to_pylist()
    )
    drawn = _total(rows, "n_repeated_bytes")
    return _branch(mixture.name, rows, _LEVELS, drawn)


def _branch(
    label: str,
    rows: Sequence[dict[str, Any]],
    levels: Sequence[tuple[str, ...]],
    drawn: int | None,
) -> Branch:
    n_documents, n_bytes, n_tokens, n_repeated = (_total(rows, count) for count in _COUNTS)
    parts: dict[str, list[dict[str, Any]]] = {}
    if levels:
        for row in rows:
            words = [str(row[key]) for key in levels[0] if row[key] is not None]
            parts.setdefault(" · ".join(words) or "unknown", []).append(row)
    branches = [_branch(name, part, levels[1:], drawn) for name, part in parts.items()]
    if len(branches) == 1 and branches[0].label == label:  # component 'ko' of language 'ko'
        return branches[0]
    branches.sort(key=lambda branch: (-(branch.share or 0), -branch.n_documents, branch.label))
    return Branch(
        label=label,
        n_documents=n_documents or 0,
        n_bytes=n_bytes,
        n_tokens=n_tokens,
        repeats=n_repeated / n_bytes if n_repeated is not None and n_bytes else None,
        share=n_repeated / drawn if n_repeated is not None and drawn else None,
        branches=tuple(branches),
    )


def _total(rows: Sequence[dict[str, Any]], count: str) -> int | None:
    """The sum of a count; None where a row lacks it."""
    values = [row[count] for row in rows]
    return None if None in values else sum(values)
