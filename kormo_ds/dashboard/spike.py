"""From a spike to its documents: a step of a run as Arrow tables, by `kormo_ds.trace.step`."""

import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from kormo_ds.dashboard.run_files import typed
from kormo_ds.trace import step
from lake import Lake

DOCUMENTS = pa.schema(
    [
        ("row", pa.int64()),
        ("row_loss", pa.float64()),
        ("is_skipped", pa.bool_()),
        ("n_tokens", pa.int64()),
        ("doc_id", pa.string()),
        ("component", pa.string()),
        ("lang", pa.string()),
        ("source", pa.string()),
        ("synthesizer", pa.string()),
        ("reasons", pa.string()),
    ]
)
GROUPS = pa.schema(
    [
        ("of", pa.string()),
        ("name", pa.string()),
        ("n_pieces", pa.int64()),
        ("step_percent", pa.float64()),
        ("all_percent", pa.float64()),
        ("chance", pa.float64()),
        ("row_loss", pa.float64()),
        ("is_over", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class Documents:
    """What a step read."""

    step: step.Step
    table: pa.Table
    """DOCUMENTS, the rows of highest loss first; `reasons` are those that are not 'kept', as JSON
    by column."""


def documents(lk: Lake, folder: Path, number: int) -> Documents:
    """The documents of step `number` of the run in `folder`; costs a read of the step's rows.

    Raises:
        BadInput: not a run's folder, or a step that it does not have.
        UnknownName, Damaged: its sequences are not there.
    """
    found = step.read(lk, folder, number)
    rows = [
        {
            "row": part.row,
            "row_loss": part.loss,
            "is_skipped": part.is_skipped,
            "n_tokens": part.end - part.start,
            "doc_id": part.doc_id,
            "component": part.component,
            **{name: part.known.get(name) for name in step.GROUPS},
            "reasons": json.dumps(part.reasons, ensure_ascii=False) if part.reasons else None,
        }
        for part in found.parts
    ]
    return Documents(found, typed(rows, DOCUMENTS))


def groups(lk: Lake, found: Documents) -> pa.Table:
    """GROUPS of the step against all rows; costs a scan of all document ids of its sequences."""
    rows = [
        {
            "of": one.kind,
            "name": one.share.group,
            "n_pieces": one.share.in_step,
            "step_percent": 100 * one.share.of_step,
            "all_percent": 100 * one.share.of_all,
            "chance": one.share.chance,
            "row_loss": one.loss,
            "is_over": one.share.over,
        }
        for one in step.shares(lk, found.step)
    ]
    return typed(rows, GROUPS)
