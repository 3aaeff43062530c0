"""Errors that a user can mend; the command line prints them as one line and exits with 2.

    KormoError
     ├─ UnknownName       a step, run, tokenizer, … that does not exist, with the nearest one
     ├─ BadInput          a file, value or row that cannot be used
     ├─ BadConfig         a run or setting that contradicts itself or its surroundings
     └─ Damaged           something written earlier is incomplete or does not match its checksums

The lake has a tree of its own (`lake.LakeError`), since it stands below this package.
"""

import difflib
from collections.abc import Iterable


class KormoError(Exception):
    """Something the user can mend. The message says what, the value, and the way out."""


class UnknownName(KormoError):
    """A name that is not known; `unknown` writes its message."""


class BadInput(KormoError):
    """Input that cannot be used."""


class BadConfig(KormoError):
    """Settings that cannot be used."""


class Damaged(KormoError):
    """Something written earlier is incomplete or was changed since."""


def unknown(kind: str, name: str, known: Iterable[str], hint: str = "") -> UnknownName:
    """The error for an unknown name: the nearest known one first, then all of them.

    >>> str(unknown("step", "lenght", ["length", "clean"]))
    "unknown step 'lenght'; did you mean 'length'? known: clean, length"
    """
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1)
    guess = f"; did you mean '{near[0]}'?" if near else ";"
    listed = ", ".join(known) if known else "none yet"
    return UnknownName(
        f"unknown {kind} '{name}'{guess} known: {listed}{'; ' + hint if hint else ''}"
    )
