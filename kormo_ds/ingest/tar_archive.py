"""Tar archives of text files, plain, gzip or Zstandard, in the order of their names.

A tar can only be read from its start, so it is read once: the wanted members go to a temporary
file and come back sorted. Memory: one member and the list of wanted ones; disk: their bytes.
"""

import tarfile
import tempfile
from collections.abc import Iterator
from typing import IO, NamedTuple

from kormo_ds.documents.document import Reject, excerpt
from kormo_ds.ingest import text
from kormo_ds.ingest.reading import File, Reading
from kormo_ds.ingest.rows import Row
from kormo_ds.ingest.streams import BlockFile, BrokenFile, blocks

SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.zst")


class _Member(NamedTuple):
    name: str
    path: str
    size: int
    start: int
    """Where its bytes are in the temporary file; -1 if it is too large to be kept."""


def read(file: File, reading: Reading) -> Iterator[Row | Reject]:
    """The text members that are wanted; what a damaged archive has lost is one reject."""
    with tempfile.TemporaryFile() as kept:
        members: list[_Member] = []
        damage = None
        try:
            for member in _keep(file, reading, kept):
                members.append(member)  # noqa: PERF402  what came before a damage stays
        except (tarfile.TarError, BrokenFile) as error:
            damage = error
        for member in sorted(members, key=lambda member: member.name):
            if member.start < 0:
                yield text.oversized(member.path, member.name, member.size, reading)
                continue
            kept.seek(member.start)
            yield text.row(member.path, member.name, kept.read(member.size))
    if damage is not None:
        yield Reject(str(file.path), file.member(""), 0, "broken_file", excerpt(str(damage)))


def _keep(file: File, reading: Reading, kept: IO[bytes]) -> Iterator[_Member]:
    """Copy the wanted members to `kept`, one after the other."""
    stream = BlockFile(blocks(file.path, reading.advance))
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for info in archive:
            if not info.isfile():
                continue
            if not info.name.lower().endswith(text.SUFFIXES):
                reading.selection.leave_out()
                continue
            name = reading.selection.choose(file.member(info.name))
            if name is None:
                continue
            path = f"{file.path}/{info.name}"
            if info.size > reading.max_text_bytes:
                yield _Member(name, path, info.size, -1)
                continue
            content = archive.extractfile(info)
            assert content is not None  # a regular file has content
            data = content.read()
            start = kept.tell()
            kept.write(data)
            yield _Member(name, path, info.size, start)
        # tarfile takes a damaged header, and a cut between two members, for the end
        while block := archive.fileobj.read(1 << 20):
            if block.strip(b"\0"):
                raise BrokenFile("damaged: data after the last member that can be read")
    if stream.tail.strip(b"\0"):
        raise BrokenFile("cut off: the archive lacks its end mark")
