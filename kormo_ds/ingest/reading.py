"""What a reader is given: a file, and what its source wants to know of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from kormo_ds.documents.document import Reject
from kormo_ds.ingest.patterns import Selection
from kormo_ds.ingest.rows import Row
from kormo_ds.progress import Advance


class File(NamedTuple):
    """A file on disk that a reader can open."""

    path: Path
    name: str
    """Its name inside the source; empty for an archive that is the source itself."""
    size: int
    """Bytes on disk."""

    def member(self, name: str) -> str:
        """The name inside the source of a member of this archive."""
        return f"{self.name}/{name}" if self.name else name


@dataclass(frozen=True)
class Reading:
    """How the files of one source are read."""

    selection: Selection
    """The names that are wanted; archives ask it for each member."""
    max_chars: int
    """Longest text that can be a document."""
    columns: frozenset[str] | None
    """Columns that the mapping looks at, dots for inner ones; None for all."""
    advance: Advance
    """Told the bytes read from disk."""

    @property
    def max_text_bytes(self) -> int:
        """A file with more bytes than this has a text of more than `max_chars`."""
        return 4 * self.max_chars + 3

    @property
    def max_page_bytes(self) -> int:
        """A page with more bytes is not parsed; 16 MiB of markup are allowed for."""
        return self.max_text_bytes + (16 << 20)

    @property
    def max_line_bytes(self) -> int:
        r"""A longer line of JSON is not read: \u escapes take six bytes, other columns 1 MiB."""
        return 6 * self.max_chars + (1 << 20)


Reader = Callable[[File, Reading], Iterator[Row | Reject]]
