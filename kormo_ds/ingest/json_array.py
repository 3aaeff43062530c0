"""One JSON array in a file: each element is a row.

The text is decoded a block at a time and each element by Python's own parser, which is asked again
with twice as much text where an element goes on. Memory: a few blocks and one element. What is
broken ends the file, since nothing tells where the next element begins.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

from kormo_ds.documents.document import Reject, excerpt
from kormo_ds.ingest.reading import File, Reading
from kormo_ds.ingest.rows import Row
from kormo_ds.ingest.streams import BrokenFile

DECODER = json.JSONDecoder(parse_constant=lambda name: None)
"""NaN and Infinity, which JSON does not have, are read as null."""
_LEAST = 1 << 18
"""Characters that are read at a time at least."""
_SPACE = re.compile(r"[ \t\r\n]*")
_BAD_BYTE = re.compile("[\udc80-\udcff]")
_CUT = 16
"""An error this near to the end of what was read may be a cut: of a number, a word, an escape."""


def read(file: File, stream: Iterator[bytes], reading: Reading) -> Iterator[Row | Reject]:
    """The elements in their order, numbered from 1; `stream` begins with the array's bracket."""
    path, number, limit = str(file.path), 1, reading.max_line_bytes
    text = _Text(stream, limit)
    try:
        text.peek()
        text.at += 1
        closed = text.peek() == "]"
        text.at += closed
        while not closed:
            values, has_bad_bytes = text.element()
            if has_bad_bytes:
                yield Reject(path, file.name, number, "invalid_utf8", excerpt(values))
            elif not isinstance(values, dict):
                yield Reject(path, file.name, number, "not_an_object", excerpt(values))
            else:
                yield Row(path, file.name, number, values)
            number += 1
            mark = text.peek()
            if mark not in (",", "]"):
                what = f"{mark!r} follows an element" if mark else "cut off inside the array"
                raise BrokenFile(what)
            closed = mark == "]"
            text.at += 1
        if text.peek():
            raise BrokenFile("something follows the array")
    except _TooLong:
        detail = f"an element of more than {limit:,} characters; what follows it was not read"
        yield Reject(path, file.name, number, "too_long", detail)
    except (BrokenFile, ValueError, RecursionError) as error:
        around = text.text[text.at : text.at + 100]
        shown = excerpt(f"{text.damage or error}; what follows was not read: {around}")
        yield Reject(path, file.name, number, "broken_file", shown)


class _TooLong(Exception):
    """An element is longer than may be read."""


class _Text:
    """What was read of the file and not yet used; grows where an element goes on."""

    def __init__(self, stream: Iterator[bytes], limit: int):
        self.text, self.at = "", 0
        self.damage: BrokenFile | None = None
        self._stream, self._limit = stream, limit
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
        self._has_bad_bytes = self._ended = False

    def peek(self) -> str:
        """The next character that is not white space, '' at the end."""
        while True:
            match = _SPACE.match(self.text, self.at)
            assert match is not None  # nothing is enough
            self.at = match.end()
            if self.at < len(self.text) or not self._more():
                return self.text[self.at : self.at + 1]

    def element(self) -> tuple[Any, bool]:
        """The next element, and whether bytes of it are not UTF-8."""
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if self._is_certain(error) or not self._more():
                    raise
                continue
            if end == len(self.text) and self._more():  # a number may go on
                continue
            bad = self._has_bad_bytes and _BAD_BYTE.search(self.text, self.at, end) is not None
            self.at = end
            return value, bad

    def _is_certain(self, error: json.JSONDecodeError) -> bool:
        """True for an error that more text would not mend."""
        return error.pos < len(self.text) - _CUT and not error.msg.startswith("Unterminated")

    def _more(self) -> bool:
        """Read on until what is left has doubled; False where the file has no more."""
        left = self.text[self.at :]
        if len(left) > self._limit:
            raise _TooLong
        parts, size = [left], len(left)
        while not self._ended and size <= max(2 * len(left), _LEAST):
            parts.append(self._next())
            size += len(parts[-1])
        self.text, self.at = "".join(parts), 0
        return size > len(left)

    def _next(self) -> str:
        """The next block as text; a stream that breaks ends here, and `damage` says why."""
        try:
            block = next(self._stream, None)
        except BrokenFile as error:
            self.damage, block = error, None
        self._ended = block is None
        part = self._decoder.decode(block or b"", self._ended)
        self._has_bad_bytes = self._has_bad_bytes or _BAD_BYTE.search(part) is not None
        return part
