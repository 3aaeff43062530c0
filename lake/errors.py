"""What can go wrong with a lake, each with the way out in its message.

LakeError
├─ NoLake        nothing at the root
├─ NoTable       a table that is not part of a lake, or not written yet
├─ NoColumn      a column that a table does not have
├─ NoVersion     a version or tag that does not exist
├─ ColumnTaken   a column that another step, version or setting owns
├─ LakeLocked    another process is writing
├─ BadQuery      SQL, a header or a parameter that cannot be used
├─ BadContract   a query that returns other columns than it must
└─ BadRows       rows that a table cannot take
"""

import difflib
from collections.abc import Iterable


class LakeError(Exception):
    """Something the user can mend; the message is one line."""


class NoLake(LakeError):
    """There is no lake at the root."""


class NoTable(LakeError):
    """The table does not exist."""


class NoColumn(LakeError):
    """The column does not exist."""


class NoVersion(LakeError):
    """The version or tag does not exist."""


class ColumnTaken(LakeError):
    """The column was written by another step, version or setting."""


class LakeLocked(LakeError):
    """Another process holds the writer lock."""


class BadQuery(LakeError):
    """The SQL, its header or a parameter cannot be used."""


class BadContract(LakeError):
    """The query's result has other columns or types than it must have."""


class BadRows(LakeError):
    """The rows do not fit the table or break a step's promise."""


def among(name: str, known: Iterable[str]) -> str:
    """The tail of an 'unknown name' message: the nearest name, then all of them."""
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1)
    guess = f"did you mean '{near[0]}'? " if near else ""
    return f"{guess}known: {', '.join(known) if known else 'none yet'}"
