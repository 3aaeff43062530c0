"""Checkpoints beside a suite's published figures, with what differs in protocol.

A number of ours stands in a row where task and metric are the suite's. Of several, the one asked
most like the suite is taken (all questions, the hub's data, the suite's shots), then the newest. An
average is given only where every entry of the language has a number: another set is another
average.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kormo_ds.eval.harness.protocol import Protocol
from kormo_ds.eval.suite import Entry, Suite


@dataclass(frozen=True)
class Cell:
    """One number of ours."""

    value: float
    """In percent."""
    stderr: float | None
    differs: tuple[str, ...]
    """How it was asked otherwise than the suite has it."""

    def __str__(self) -> str:
        error = "" if self.stderr is None else f" ±{self.stderr:.1f}"
        return f"{self.value:.2f}{error}{'*' if self.differs else ''}"


@dataclass(frozen=True)
class Report:
    """What stands beside each other."""

    columns: list[str]
    """Published models, then checkpoints as 'run step-000100'."""
    rows: list[list[str]]
    """Benchmark, language, then a text for each column; averages last."""
    notes: list[str]


def report(suite: Suite, evals: Sequence[Mapping[str, Any]], differs: Mapping[str, str]) -> Report:
    """Put checkpoints beside a suite.

    Args:
        suite: its entries and figures.
        evals: rows of the lake's `evals`, of one or more checkpoints.
        differs: how a task over local files differs from the harness's, by its name.
    """
    published = list(dict.fromkeys(name for e in suite.entries for name in e.figures))
    found = sorted({(row["run"], row["checkpoint"]) for row in evals}, key=_order)
    cells = {
        (entry.name, one): _cell(entry, [r for r in evals if _of(r) == one], differs)
        for entry in suite.entries
        for one in found
    }
    rows = [
        [entry.name, entry.lang]
        + [_figure(entry.figures.get(name)) for name in published]
        + [str(cells[entry.name, one] or "-") for one in found]
        for entry in suite.entries
    ]
    for lang in dict.fromkeys(entry.lang for entry in suite.entries):
        members = [entry.name for entry in suite.entries if entry.lang == lang]
        given = [suite.averages.get(name, {}).get(lang) for name in published]
        ours = [_average([cells[name, one] for name in members]) for one in found]
        rows.append([f"average of {len(members)}", lang, *map(_figure, given), *ours])
    columns = published + [f"{run} {checkpoint}" for run, checkpoint in found]
    return Report(columns, rows, _notes(suite, cells))


def markdown(made: Report, suite: Suite) -> str:
    """The report as a page."""
    head = ["benchmark", "language", *made.columns]
    lines = [f"# {suite.name}: checkpoints beside published figures", ""]
    lines += [f"In percent. Figures: {suite.source}. {suite.protocol.strip()}", ""]
    lines += ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    lines += ["| " + " | ".join(row) + " |" for row in made.rows]
    lines += ["", "Published averages of other models (en, ko):", ""]
    lines += [
        f"- {name}: {', '.join(f'{value:.2f}' for value in of.values())}"
        for name, of in suite.averages.items()
    ]
    lines += ["", "## What differs", "", *(f"- {note}" for note in made.notes), ""]
    return "\n".join(lines)


def _cell(
    entry: Entry, evals: Sequence[Mapping[str, Any]], differs: Mapping[str, str]
) -> Cell | None:
    known = []
    for row in evals:
        protocol = Protocol.parse(row["task"])
        if protocol and protocol.task == entry.task and row["metric"] == entry.metric:
            likeness = (
                protocol.first is None,
                not protocol.local,
                entry.shots is None or protocol.shots == entry.shots,
                row["created_at"],
            )
            known.append((likeness, protocol, row))
    if not known:
        return None
    _, protocol, row = max(known, key=lambda one: one[0])
    said = []
    if protocol.first:
        said.append(f"the first {protocol.first} questions of each task")
    if entry.shots is not None and protocol.shots != entry.shots:
        said.append(f"{protocol.shots}-shot, not {entry.shots}")
    if protocol.local:
        said.append(f"local data: {differs.get(protocol.task, 'as its tasks say')}")
    error = row["stderr"]
    return Cell(100 * row["value"], None if error is None else 100 * error, tuple(said))


def _notes(suite: Suite, cells: Mapping[tuple[str, Any], Cell | None]) -> list[str]:
    notes = [f"{entry.name}: {entry.why}" for entry in suite.entries if entry.why]
    for (name, (run, checkpoint)), cell in cells.items():
        if cell and cell.differs:
            notes.append(f"{name}, {run} {checkpoint} (*): {'; '.join(cell.differs)}")
    return notes


def _average(cells: Sequence[Cell | None]) -> str:
    there = [cell.value for cell in cells if cell]
    if len(there) < len(cells):
        return f"- ({len(there)} of {len(cells)})"
    return f"{sum(there) / len(there):.2f}{'*' if any(c and c.differs for c in cells) else ''}"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _of(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["run"], row["checkpoint"]


def _order(one: tuple[str, str]) -> tuple[str, bool, str]:
    """The untrained model before the checkpoints of its run."""
    return one[0], one[1] != "init", one[1]
