"""A checkpoint and those it comes from, nearest first: their data, and what passed between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kormo_ds.run_record.state import State


@dataclass(frozen=True)
class Link:
    """One checkpoint of a lineage."""

    run: str
    checkpoint: str
    """Its folder, as it was named when it was read."""
    steps: int
    tokens: int
    """Tokens of this run alone, padding included."""
    data: Sequence[dict[str, Any]]
    """From which step on which mixture and sequences were read."""
    passed: tuple[str, ...] = ()
    """What the run above took over from it, weights first; empty for the first link."""
    changed: tuple[str, ...] = ()
    """Settings by which the run above is another function of the same weights, 'key old → new'."""

    def mixtures(self) -> str:
        """Its data as 'mixture' or, where it changed, 'mixture, from step N mixture'.

        '' of a checkpoint that is older than this record.
        """
        if not self.data:
            return ""
        first, *later = self.data
        named = [mixture(first), *(f"from step {d['from_step']} {mixture(d)}" for d in later)]
        return ", ".join(named)


def of(folder: Path, state: State | None = None) -> list[Link]:
    """The checkpoint at `folder` and its ancestors; costs reading its state.json, if not given."""
    state = state or State.read(folder)
    run = folder.resolve().parent.parent.name
    itself = Link(run, str(folder), state.step, state.tokens, state.data)
    return [itself, *(_ancestor(one) for one in state.lineage)]


def mixture(data: dict[str, Any]) -> str:
    """What one entry of `data` is called: its mixture, or its sequences where none is known.

    >>> mixture({"mixture": "", "sequences": "f58a50f2e7e1e5e5"})
    'sequences f58a50f2e7e1'
    """
    return data["mixture"] or f"sequences {data['sequences'][:12]}"


def _ancestor(one: dict[str, Any]) -> Link:
    kept = [item for item, fate in one["handover"].items() if fate == "keep"]
    known = {key: one[key] for key in ("run", "checkpoint", "steps", "tokens", "data")}
    return Link(**known, passed=("weights", *kept), changed=tuple(one.get("changed", ())))
