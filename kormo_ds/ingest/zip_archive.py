"""Zip archives and wheels of text files, in the order of their names.

Memory: one member, and the archive's list of members. A zip that is cut off has lost that list, so
nothing of it can be read.
"""

import zipfile
import zlib
from collections.abc import Iterator

from kormo_ds.documents.document import Reject, excerpt
from kormo_ds.ingest import text
from kormo_ds.ingest.reading import File, Reading
from kormo_ds.ingest.rows import Row

SUFFIXES = (".zip", ".whl")


def read(file: File, reading: Reading) -> Iterator[Row | Reject]:
    """The text members that are wanted; a damaged one is one reject."""
    try:
        with zipfile.ZipFile(file.path) as archive:
            for info in sorted(archive.infolist(), key=lambda info: info.filename):
                yield from _member(archive, info, file, reading)
    except zipfile.BadZipFile as error:
        name = file.member("")
        yield Reject(str(file.path), name, 0, "broken_file", excerpt(str(error)))
    reading.advance(file.size)


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: File, reading: Reading
) -> Iterator[Row | Reject]:
    if info.is_dir():
        return
    if not info.filename.lower().endswith(text.SUFFIXES):
        reading.selection.leave_out()
        return
    name = reading.selection.choose(file.member(info.filename))
    if name is None:
        return
    path = f"{file.path}/{info.filename}"
    if info.file_size > reading.max_text_bytes:
        yield text.oversized(path, name, info.file_size, reading)
        return
    try:
        data = archive.read(info)
    # RuntimeError: the member is encrypted; NotImplementedError: its compression is not known
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        yield Reject(path, name, 0, "broken_file", excerpt(str(error)))
        return
    yield text.row(path, name, data)
