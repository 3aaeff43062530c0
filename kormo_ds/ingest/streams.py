"""Bytes of plain, gzip and Zstandard files, block by block, then line by line.

Memory is bounded by a block and a line: compressed data is fed in slices so small that even a file
of zeros does not swell. A stream that ends inside a compressed frame raises `BrokenFile` after all
that could be read was given out; the readers of both libraries end there in silence.
"""

import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from kormo_ds.progress import Advance

READ_BYTES = 1 << 20
_GZIP_SLICE = 1 << 16  # at most 1,032 times as much comes out
_ZSTD_SLICE = 1 << 12  # a block of 4 bytes can stand for 128 KiB


class BrokenFile(Exception):
    """The file is damaged or cut off from here on."""


def blocks(path: Path, advance: Advance) -> Iterator[bytes]:
    """The decompressed content of `path`; `advance` is told the bytes read from disk.

    Compression goes by the name: .gz and .tgz, .zst, else none. Several frames or members one
    after the other are one stream.

    Raises:
        BrokenFile: the compressed data is damaged or cut off.
    """
    raw = _read(path, advance)
    name = path.name.lower()
    if name.endswith((".gz", ".tgz")):
        return _decompressed(raw, lambda: zlib.decompressobj(wbits=31), _GZIP_SLICE, zlib.error)
    if name.endswith(".zst"):
        import zstandard

        new = zstandard.ZstdDecompressor().decompressobj
        return _decompressed(raw, new, _ZSTD_SLICE, zstandard.ZstdError)
    return raw


def _read(path: Path, advance: Advance) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while block := file.read(READ_BYTES):
            advance(len(block))
            yield block


def _decompressed(
    raw: Iterator[bytes], new: Callable[[], Any], slice_bytes: int, damage: type[Exception]
) -> Iterator[bytes]:
    decoder, inside = new(), False
    for chunk in raw:
        view, at = memoryview(chunk), 0
        while at < len(view):
            piece = view[at : at + slice_bytes]
            try:
                block = decoder.decompress(piece)
            except damage as error:
                raise BrokenFile(f"damaged compressed data: {error}") from error
            at, inside = at + len(piece), True
            if decoder.eof:
                at -= len(decoder.unused_data)
                decoder, inside = new(), False
            if block:
                yield block
    if inside:
        raise BrokenFile("cut off: the file ends inside a compressed frame")


def lines(stream: Iterator[bytes], limit: int) -> Iterator[bytes | None]:
    r"""The lines of `stream` without their \n; None stands for a line of more than `limit` bytes.

    >>> list(lines(iter([b"a\nb", b"c\n\nlonger\nd"]), 3))
    [b'a', b'bc', b'', None, b'd']
    """
    pieces: list[bytes] = []
    size = 0
    for block in stream:
        found = block.split(b"\n")
        size += len(found[0])
        if size <= limit:
            pieces.append(found[0])
        else:
            pieces.clear()
        if len(found) == 1:
            continue
        yield b"".join(pieces) if size <= limit else None
        for line in found[1:-1]:
            yield line if len(line) <= limit else None
        pieces, size = [found[-1]], len(found[-1])
    if size:
        yield b"".join(pieces) if size <= limit else None


class BlockFile(io.RawIOBase):
    """A stream of blocks as a file that can be read once, for `tarfile`."""

    def __init__(self, stream: Iterator[bytes]):
        """`stream` yields blocks that are not empty."""
        self._stream = stream
        self._block = memoryview(b"")
        self.tail = b""
        """The last 512 bytes given out, or all if there were fewer."""

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` from the rest of the current block; 0 at the end."""
        if not self._block:
            self._block = memoryview(next(self._stream, b""))
        given, self._block = self._block[: len(buffer)], self._block[len(buffer) :]
        buffer[: len(given)] = given
        self.tail = (self.tail + bytes(given[-512:]))[-512:]
        return len(given)
