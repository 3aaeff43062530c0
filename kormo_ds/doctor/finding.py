"""What a check found: one line, and how it is mended."""

from dataclasses import dataclass
from typing import Literal

from kormo_ds.errors import KormoError

Mark = Literal["ok", "note", "FAIL"]
"""note: works, and could be better or is to be known. FAIL: something will not work."""


@dataclass(frozen=True)
class Finding:
    """One line of `kormo doctor`."""

    mark: Mark
    what: str
    found: str
    mend: str = ""
    """A command where there is one; never empty under a note or a FAIL."""

    def __post_init__(self) -> None:
        assert self.mend or self.mark == "ok", f"{self.what}: {self.found}: how is it mended?"


def ok(what: str, found: str) -> Finding:
    """Nothing is to be done."""
    return Finding("ok", what, found)


def note(what: str, found: str, mend: str) -> Finding:
    """It works; `mend` makes it better."""
    return Finding("note", what, found, mend)


def fail(what: str, found: str, mend: str) -> Finding:
    """It will not work before `mend`."""
    return Finding("FAIL", what, found, mend)


def first_line(error: BaseException) -> str:
    r"""An error in one line; its kind too, where it is none of ours.

    >>> first_line(ValueError("no such thing\nand more"))
    'ValueError: no such thing'
    """
    text = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    if isinstance(error, KormoError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
