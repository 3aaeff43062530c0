"""Rows that are replayed without their content: `data.skip_rows`.

A skipped row keeps its place in its step, and every other row keeps its own: its tokens become
padding and none is scored. Other rows in its stead would be seen once more than the mixture says,
or move all rows behind them; and a loss that is divided by the scored tokens of the step needs no
correction when there are fewer of them. Its documents' lengths stay, so the step costs what it did.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from kormo_ds.errors import BadConfig, BadInput
from kormo_ds.sequences import Rows

_WANTED = "row numbers, spans [first, one past the last], or a file of them, one a line"


def numbers(setting: Any, n_rows: int) -> np.ndarray:
    """The row numbers that `data.skip_rows` names, int64, ascending, each once.

    Args:
        setting: row numbers and [first, end) pairs in a list, or the path of a file with one row
            number, or first and end of a span, a line.
        n_rows: rows of the sequences.

    Raises:
        BadConfig: something else, or a file that is not there.
        BadInput: a row that does not exist.
    """
    if not isinstance(setting, str):
        entries = list(setting or ())
    else:
        entries = _lines(Path(setting)) if setting else []
    found = [np.empty(0, np.int64)]
    for entry in entries:
        span = [entry, entry + 1] if type(entry) is int else entry
        pair = isinstance(span, list | tuple) and len(span) == 2
        if not pair or any(type(end) is not int for end in span) or span[0] >= span[1]:
            raise BadConfig(f"data.skip_rows has {entry!r}; it takes {_WANTED}")
        if span[0] < 0 or span[1] > n_rows:
            wrong = span[0] if span[0] < 0 or span[0] >= n_rows else span[1] - 1
            raise BadInput(
                f"data.skip_rows names row {wrong}; rows of these sequences go from 0 to "
                f"{n_rows - 1}"
            )
        found.append(np.arange(*span))
    return np.unique(np.concatenate(found))


def spans(rows: np.ndarray) -> list[list[int]]:
    """Ascending row numbers as [first, end) pairs.

    >>> spans(np.array([3, 4, 5, 9]))
    [[3, 6], [9, 10]]
    """
    groups = np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1) if len(rows) else []
    return [[int(group[0]), int(group[-1]) + 1] for group in groups]


def write(path: Path, rows: np.ndarray) -> None:
    """A file that `data.skip_rows` takes."""
    lines = [f"{first} {end}\n" for first, end in spans(np.unique(rows))]
    aside = path.with_suffix(".part")
    aside.write_text("".join(lines))
    aside.replace(path)


def blanked(rows: Rows, skipped: np.ndarray, pad: int) -> Rows:
    """`rows` with the tokens of those where `skipped`, bool [n], is true as padding, unscored."""
    if not skipped.any():
        return rows
    n_tokens = rows.input_ids.shape[1]
    whole = (np.zeros(1, np.int32), np.full(1, n_tokens, np.int32))
    return replace(
        rows,
        input_ids=np.where(skipped[:, None], np.int32(pad), rows.input_ids),
        unscored=[
            whole if skip else span for skip, span in zip(skipped, rows.unscored, strict=True)
        ],
    )


def recorded(known: Sequence[dict[str, Any]], step: int, rows: np.ndarray) -> list[dict[str, Any]]:
    """What state.json keeps: from which step on which rows are skipped; the last entry holds."""
    here = spans(rows)
    if here == (known[-1]["rows"] if known else []):
        return list(known)
    return [*known, {"from_step": step, "rows": here}]


def _lines(path: Path) -> list[Any]:
    if not path.is_file():
        raise BadConfig(f"data.skip_rows = '{path}': there is no such file; it takes {_WANTED}")
    entries: list[Any] = []
    for line in path.read_text().splitlines():
        words = line.replace(",", " ").split()
        if not all(word.isdigit() for word in words) or len(words) > 2:
            raise BadConfig(f"data.skip_rows: {path} has a line {line!r}; it takes {_WANTED}")
        ends = [int(word) for word in words]
        entries += [ends] if len(ends) == 2 else ends
    return entries
