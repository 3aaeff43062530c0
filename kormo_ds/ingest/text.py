"""Text, Markdown and reStructuredText: one file, one row, its text as it is but for a BOM."""

import codecs
from collections.abc import Iterator

from kormo_ds.documents.document import Reject, excerpt
from kormo_ds.ingest.reading import File, Reading
from kormo_ds.ingest.rows import Row

SUFFIXES = (".md", ".rst", ".txt")


def read(file: File, reading: Reading) -> Iterator[Row | Reject]:
    """The row of a text file, or why it has none."""
    path = str(file.path)
    if file.size > reading.max_text_bytes:
        yield oversized(path, file.name, file.size, reading)
    else:
        yield row(path, file.name, file.path.read_bytes())
    reading.advance(file.size)


def row(file: str, name: str, data: bytes) -> Row | Reject:
    """The bytes of a text file, or of an archive's member, as a row."""
    try:
        return Row(file, name, 0, {"text": data.removeprefix(codecs.BOM_UTF8).decode()})
    except UnicodeDecodeError as error:
        return Reject(file, name, 0, "invalid_utf8", bad_bytes(error))


def oversized(file: str, name: str, size: int, reading: Reading) -> Reject:
    """The reject for a file that is too large to be read at all."""
    detail = f"{size:,} bytes; max_chars={reading.max_chars}"
    return Reject(file, name, 0, "too_long", detail)


def bad_bytes(error: UnicodeDecodeError) -> str:
    """Where the bytes stop being UTF-8, with what stands around it."""
    around = error.object[max(0, error.start - 40) : error.start + 40]
    return excerpt(f"{error.reason} at byte {error.start}: {around!r}")
