"""What a checkpoint and the folders that it names say of themselves, for its card.

Nothing is worked out that is not written there: the checkpoint's state and settings, the summary
and measurements that its run's folder keeps of this very run, the facts of its sequences. What is
missing is None. Costs reading those small files and one scan of metrics.jsonl.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from kormo_ds import sequences
from kormo_ds.config import Run
from kormo_ds.errors import Damaged, UnknownName
from kormo_ds.run_record import lineage, lines, manifest
from kormo_ds.run_record.lineage import Link
from kormo_ds.run_record.state import State
from kormo_ds.text.tokens import Vocabulary


@dataclass(frozen=True)
class Facts:
    """What is known of a checkpoint without a lake."""

    run: Run
    state: State
    vocabulary: Vocabulary
    checkpoint: str
    """Its folder's name, 'step-000100'."""
    manifest_sha256: str
    lineage: list[Link]
    """Itself and its ancestors."""
    git_commit: str | None
    """Of the code, at the end of the run."""
    tokens_per_s: float | None
    """The median of its steps."""
    validation: dict[str, Any] | None
    """The newest line of validation.jsonl up to this checkpoint."""
    sequences: dict[str, Any] | None
    """Facts of the sequences that it was reading last; None where they are not at hand."""


def of(checkpoint: Path, run: Run, vocabulary: Vocabulary) -> Facts:
    """The facts of a complete checkpoint."""
    state = State.read(checkpoint)
    folder = checkpoint.parent.parent
    rates = [line.get("tokens_per_s") for line in _until(folder / lines.METRICS, state)]
    known = [rate for rate in rates if rate is not None]
    validated = _until(folder / lines.VALIDATION, state)
    return Facts(
        run=run,
        state=state,
        vocabulary=vocabulary,
        checkpoint=checkpoint.name,
        manifest_sha256=hashlib.sha256((checkpoint / manifest.MANIFEST).read_bytes()).hexdigest(),
        lineage=lineage.of(checkpoint),
        git_commit=_summary(folder, state).get("git_commit") or None,
        tokens_per_s=median(known) if known else None,
        validation=validated[-1] if validated else None,
        sequences=_sequences(run, state),
    )


def _until(path: Path, state: State) -> list[dict[str, Any]]:
    """The lines of the steps that the checkpoint has done."""
    return [line for line in lines.read(path) if line["step"] < state.step]


def _summary(folder: Path, state: State) -> dict[str, Any]:
    """The summary in the run's folder, if it is of the run that wrote the checkpoint."""
    try:
        found: dict[str, Any] = json.loads((folder / "summary.json").read_text())
    except FileNotFoundError:
        return {}
    return found if found["run_id"] == state.run_id else {}


def _sequences(run: Run, state: State) -> dict[str, Any] | None:
    try:
        found = sequences.open(run.data.sequences)
    except (UnknownName, Damaged):
        return None
    return found.facts if found.fingerprint == state.sequences else None
