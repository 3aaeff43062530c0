"""An archive's bytes, unpacked, with the places where a record must begin; damage is passed over.

WARC files are compressed record by record: each record is a gzip member or a Zstandard frame of its
own. So a member that begins with `WARC/1.` begins a record, whatever came before it, and after a
damaged one reading goes on at the next such member. A member that begins otherwise continues the
one before. Plain files are one member. Memory: one slice, unpacked at most to some 16 MiB.
"""

import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from kormo_ds.progress import Advance

RECORD = b"WARC/1."
_READ = 1 << 20
_LOOK = 1 << 18
"""Packed bytes that show whether a member begins with a record: a block of Zstandard, and more."""


class Place(NamedTuple):
    """A place in an archive."""

    member: int
    """Byte of the file at which its member begins; 0 in a plain file."""
    inside: int
    """Byte inside the unpacked member."""

    def __str__(self) -> str:
        if self.member == 0 or self.inside == 0:
            return f"byte {self.member + self.inside:,}"
        return f"byte {self.inside:,} of the member at byte {self.member:,}"


START = Place(0, 0)


class Piece(NamedTuple):
    """Some unpacked bytes."""

    place: Place
    data: bytes
    begins: bool = False
    """A record begins here, or could: what came before does not go on."""
    damage: str = ""
    """Why what should have come here is lost; `data` is empty then."""


class Archive:
    """A WARC file: gzip, Zstandard or plain by the end of its name."""

    def __init__(self, path: Path, advance: Advance):
        """`advance` is told the bytes read from disk, each once."""
        self._path, self._advance, self._told = path, advance, 0
        name = path.name.lower()
        self._codec: _Codec | None = _Gzip() if name.endswith(".gz") else None
        if name.endswith(".zst"):
            self._codec = _Zstd()

    def pieces(self, start: Place = START) -> Generator[Piece, None, None]:
        """The bytes from a place on that is in a member which can be read."""
        with self._path.open("rb", buffering=_READ) as file:
            if self._codec is None:
                yield from self._plain(file, start.inside)
            else:
                yield from self._members(file, start, self._codec)
            self._tell(file.seek(0, 2))

    def _plain(self, file: BinaryIO, at: int) -> Iterator[Piece]:
        file.seek(at)
        while data := file.read(_READ):
            yield Piece(Place(0, at), data, at == 0)
            at += len(data)
            self._tell(at)

    def _members(self, file: BinaryIO, start: Place, codec: "_Codec") -> Iterator[Piece]:
        at: int | None = start.member
        skip = start.inside
        while at is not None:
            file.seek(at)
            head = file.read(8)
            if not head:
                return
            if codec.skipped(head):
                n_bytes = int.from_bytes(head[4:8], "little")
                codec.learn(head, file.read(min(n_bytes, _READ)) if at == 0 else b"")
                at += 8 + n_bytes
                continue
            file.seek(at)
            at = yield from self._member(file, at, skip, codec)
            skip = 0

    def _member(
        self, file: BinaryIO, at: int, skip: int, codec: "_Codec"
    ) -> Generator[Piece, None, int | None]:
        """One member, from `skip` unpacked bytes on; returns where the next one is."""
        decoder, inside, waiting, damage = codec.new(), 0, b"", ""
        while not decoder.eof:
            packed = file.read(codec.slice_bytes)
            self._tell(file.tell())
            if not packed:
                damage = "cut off: the file ends inside a compressed member"
                break
            try:
                waiting += decoder.decompress(packed)
            except codec.errors as error:
                damage = f"damaged compressed data: {error}"
                break
            if inside == 0 and len(waiting) < len(RECORD) and not decoder.eof:
                continue
            if waiting and inside + len(waiting) > skip:
                new = max(skip - inside, 0)
                begins = skip == inside == 0 and (at == 0 or waiting.startswith(RECORD))
                yield Piece(Place(at, inside + new), waiting[new:], begins)
            inside, waiting = inside + len(waiting), b""
        if not damage:
            return file.tell() - len(decoder.unused_data)
        yield Piece(Place(at, 0), b"", True, damage)
        return self._after(file, at + 1, codec)

    def _after(self, file: BinaryIO, at: int, codec: "_Codec") -> int | None:
        """Where the next member from `at` on begins that begins with a record."""
        while True:
            file.seek(at)
            block = file.read(_READ)
            found = block.find(codec.magic)
            if found >= 0:
                at += found
                file.seek(at)
                if codec.unpacks_to(file.read(_LOOK), RECORD):
                    return at
                at += 1
            elif len(block) < len(codec.magic):
                return None
            else:
                at += max(1, len(block) - len(codec.magic) + 1)

    def _tell(self, at: int) -> None:
        if at > self._told:
            self._advance(at - self._told)
            self._told = at


class _Codec:
    """A compression whose members stand one after the other."""

    magic: bytes
    slice_bytes: int
    errors: type[Exception]

    def new(self) -> Any:
        """A decoder of one member."""
        raise NotImplementedError

    def skipped(self, head: bytes) -> bool:
        """True for a member without data."""
        return False

    def learn(self, head: bytes, content: bytes) -> None:
        """Take what a member without data holds."""

    def unpacks_to(self, packed: bytes, begin: bytes) -> bool:
        """True if a member begins here whose content begins with `begin`."""
        try:
            return bool(self.new().decompress(packed).startswith(begin))
        except self.errors:
            return False


class _Gzip(_Codec):
    magic = b"\x1f\x8b\x08"
    slice_bytes = 1 << 14  # at most 1,032 times as much comes out
    errors = zlib.error

    def new(self) -> Any:
        return zlib.decompressobj(wbits=31)


class _Zstd(_Codec):
    """Zstandard; a first frame that is skippable may hold the dictionary of all others."""

    magic = b"\x28\xb5\x2f\xfd"
    slice_bytes = 1 << 12  # a block of 4 bytes can stand for 128 KiB

    def __init__(self) -> None:
        import zstandard

        self._zstd: Any = zstandard
        self._decompressor = zstandard.ZstdDecompressor()
        self.errors = zstandard.ZstdError

    def new(self) -> Any:
        return self._decompressor.decompressobj()

    def skipped(self, head: bytes) -> bool:
        return head[1:4] == b"\x2a\x4d\x18" and head[0] & 0xF0 == 0x50

    def learn(self, head: bytes, content: bytes) -> None:
        if head[0] != 0x5D or not content:
            return
        if content.startswith(self.magic):
            content = self._decompressor.decompress(content, max_output_size=_READ)
        words = self._zstd.ZstdCompressionDict(content)
        self._decompressor = self._zstd.ZstdDecompressor(dict_data=words)
