"""Rows of the lake's `evals`: one a cell, language and form, and the reach of each language."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from kormo_ds.eval.needle.grid import Cell
from kormo_ds.eval.needle.score import Accuracy, Reach

ACCURACY, REACH = "needle_accuracy", "needle_reach"


def rows(
    cells: Mapping[Cell, Accuracy],
    reaches: Iterable[Reach],
    *,
    run: str,
    checkpoint: str,
    mixture: str,
    seed: int,
    threshold: float,
    at: datetime | None = None,
) -> list[dict[str, Any]]:
    """Rows with the numbers of all cells, and the reach in tokens.

    `length=` and `depth=` in the task are what `sql/stats/eval_heatmap.sql` places a cell by. Of a
    cell `n_documents` is the number of questions, of a reach the number of lengths.

    Args:
        cells: of `score.accuracies`.
        reaches: of `score.reaches`.
        run: name of the run.
        checkpoint: 'step-000100', or 'init'.
        mixture: the haystacks' documents, 'held_out@1'.
        seed: of haystacks and needles.
        threshold: of the reaches.
        at: when; default now.
    """
    when = (at or datetime.now(UTC)).replace(tzinfo=None)

    def row(metric: str, task: str, lang: str, value: float, **more: Any) -> dict[str, Any]:
        about = {"run": run, "checkpoint": checkpoint, "metric": metric, "lang": lang}
        task = f"needle {task} {mixture} seed={seed}"
        nothing = {"source": None, "synthesizer": None, "stderr": None, "n_bytes": None}
        return about | nothing | {"task": task, "value": value, "created_at": when} | more

    found = [
        row(
            ACCURACY,
            f"{cell.form} length={cell.length} depth={cell.depth}",
            cell.lang,
            accuracy.value,
            stderr=accuracy.stderr,
            n_documents=accuracy.n,
        )
        for cell, accuracy in cells.items()
    ]
    return found + [
        row(
            REACH,
            f"threshold={threshold:g}",
            reach.lang,
            float(reach.length),
            n_documents=len(reach.by_length),
        )
        for reach in reaches
    ]


def new(rows: Sequence[dict[str, Any]], known: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that say something that the newest known one of the same name does not say.

    Args:
        rows: of `rows`.
        known: rows of `evals`, in the order in which they were found.
    """
    name = ("run", "checkpoint", "metric", "task", "lang")
    said = {
        tuple(row[key] for key in name): (row["value"], row["stderr"], row["n_documents"])
        for row in known
    }
    return [
        row
        for row in rows
        if said.get(tuple(row[key] for key in name))
        != (row["value"], row["stderr"], row["n_documents"])
    ]
