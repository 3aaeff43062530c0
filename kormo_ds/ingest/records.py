"""The records of a WARC archive, one after the other; one that is damaged costs itself alone.

A record ends where its Content-Length says, and there the archive must end or another record must
begin. Where it does not, or where the bytes end too soon, the record is lost and reading goes on
at the next `WARC/1.` that ends a line; a member of a compressed archive that begins so is a
limit which no Content-Length crosses. Memory: one record, of at most `limit` bytes.
"""

import re
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from kormo_ds.ingest.members import RECORD, Archive, Piece, Place

_HEAD_BYTES = 1 << 16
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*([0-9]{1,15})[ \t]*\r?$", re.I | re.M)
_NEXT = re.compile(re.escape(RECORD) + rb"[0-9]\r?\n[A-Za-z]")
_SOMETHING = re.compile(rb"[^\r\n]")
_NEXT_BYTES = len(RECORD) + 4
_GAP = 16
"""White space that is looked through for the record that follows; two line ends are the rule."""


class Record(NamedTuple):
    """A record that is whole."""

    number: int
    """From 1, lost ones counted."""
    place: Place
    head: bytes
    """Its WARC header, with the empty line."""
    body: bytes | None
    """Its block; None if that is larger than the limit."""
    length: int
    """Bytes of its block."""


class Lost(NamedTuple):
    """A record, or bytes between records, that cannot be read."""

    number: int
    place: Place
    why: str


class _Broken(Exception):
    """What stands at the current place is no record."""


def records(archive: Archive, limit: int) -> Iterator[Record | Lost]:
    """All records in their order, and what was lost between them."""
    window, number = _Window(archive), 0
    while window.enter():
        while window.at_something():
            number += 1
            place = window.place
            try:
                yield _record(window, number, limit)
            except _Broken as error:
                yield Lost(number, place, f"{error}; {window.resynchronise()}")
        place = window.place
        if damage := window.take_damage():  # no record had begun that it could have cut
            number += 1
            yield Lost(number, place, f"{damage}; {window.read_on()}")


def _record(window: "_Window", number: int, limit: int) -> Record:
    place = window.place
    if not (window.holds(len(RECORD)) and window.data.startswith(RECORD)):
        raise _Broken(f"{bytes(window.data[:20])!r} begins no record")
    while (end := _HEAD_END.search(window.data, 0, _HEAD_BYTES)) is None:
        if len(window.data) >= _HEAD_BYTES:
            window.drop(len(RECORD))
            raise _Broken(f"a header of more than {_HEAD_BYTES:,} bytes")
        if not window.more():
            window.drop(len(RECORD))
            raise _Broken(window.take_damage() or "the header is cut off")
    head = bytes(window.data[: end.end()])
    if _NEXT.search(head, len(RECORD)):
        window.drop(len(RECORD))
        raise _Broken("the header is cut off by that of another record")
    stated = _LENGTH.search(head)
    if stated is None:
        window.drop(len(head))
        raise _Broken("the header has no Content-Length that is a number")
    length = int(stated[1])
    if length > limit:
        _skip(window, len(head), length)
        return Record(number, place, head, None, length)
    return Record(number, place, head, _body(window, len(head), length), length)


def _body(window: "_Window", start: int, length: int) -> bytes:
    end = start + length
    whole = window.holds(end)
    if whole and window.record_may_follow(end):
        body = bytes(memoryview(window.data)[start:end])
        window.drop(end)
        return body
    window.drop(start)  # the next record may stand inside what this one claims
    if damage := window.take_damage():
        raise _Broken(damage)
    raise _Broken(
        f"Content-Length is {length:,}, and there no record ends"
        if whole
        else f"cut off, or Content-Length is not {length:,}"
    )


def _skip(window: "_Window", start: int, length: int) -> None:
    """Pass over a block that is too large to be kept, and see that a record ends there."""
    window.drop(start)
    inside, left = window.place, length
    while left and (window.data or window.more()):
        left -= window.drop(left)
    if left or not window.record_may_follow(0):
        window.back_to(inside)
        raise _Broken(f"Content-Length is {length:,}, and there no record ends")


class _Window:
    """The bytes from the current place on, up to a limit: where a record must begin anew."""

    def __init__(self, archive: Archive):
        self._archive = archive
        self._pieces = archive.pieces()
        self._next: Piece | None = next(self._pieces, None)
        self._marks: deque[tuple[int, Place]] = deque()
        """Bytes and place of each piece that `data` is made of."""
        self._end = Place(0, 0)
        self.data = bytearray()

    @property
    def place(self) -> Place:
        """Where in the archive the first byte is, or would be."""
        if self._marks:
            return self._marks[0][1]
        return self._next.place if self._next else self._end

    def enter(self) -> bool:
        """Go on beyond the limit; False at the end of the archive."""
        if self._next is None:
            return False
        if not self._next.damage:  # which is told before it is passed
            self._take(self._next)
        return True

    def more(self) -> bool:
        """Take more bytes; False at the limit."""
        if self._next is None or self._next.begins:
            return False
        self._take(self._next)
        return True

    def holds(self, n: int) -> bool:
        """Take bytes until there are `n`; False if there are fewer before the limit."""
        while len(self.data) < n:
            if not self.more():
                return False
        return True

    def at_something(self) -> bool:
        """Pass over line ends; False if nothing else comes before the limit."""
        while True:
            if (found := _SOMETHING.search(self.data)) is not None:
                self.drop(found.start())
                return True
            self.drop(len(self.data))
            if not self.more():
                return False

    def drop(self, n: int) -> int:
        """Pass over at most `n` of the bytes that are held, and say how many."""
        n = left = min(n, len(self.data))
        del self.data[:n]
        while left:
            size, place = self._marks.popleft()
            if size > left:
                moved = Place(place.member, place.inside + left)
                self._marks.appendleft((size - left, moved))
            left -= min(size, left)
        return n

    def record_may_follow(self, at: int) -> bool:
        """True if a record ends after `at` bytes: two line ends follow, a record, or the limit.

        A member that turns out to be damaged at its end has a wrong checksum: nothing of it counts.
        """
        self.holds(at + _GAP)
        following = bytes(self.data[at : at + _GAP]).lstrip(b"\r\n")
        if following:
            return self.data.startswith(b"\r\n\r\n", at) or following.startswith(RECORD)
        after = self._next
        return after is None or not after.damage or after.place.member != self._end.member

    def take_damage(self) -> str:
        """Why the bytes end at the limit, once; empty if nothing is damaged there."""
        if self._next is None or not self._next.damage:
            return ""
        damage = self._next.damage
        self._next = next(self._pieces, None)
        return damage

    def resynchronise(self) -> str:
        """Go to the next bytes that begin a record, or to the limit, and say where that is."""
        while (found := _NEXT.search(self.data)) is None:
            self.drop(max(0, len(self.data) - _NEXT_BYTES))
            if not self.more():
                self.drop(len(self.data))
                return self.read_on()
        self.drop(found.start())
        return self.read_on()

    def read_on(self) -> str:
        """The place as the end of a message."""
        at_end = not self.data and self._next is None
        return "to the end of the file" if at_end else f"read on at {self.place}"

    def back_to(self, place: Place) -> None:
        """Read again from a place before the current one."""
        self._pieces.close()
        self._pieces = self._archive.pieces(place)
        self._next = next(self._pieces, None)
        self.data.clear()
        self._marks.clear()

    def _take(self, piece: Piece) -> None:
        if piece.data:
            self.data += piece.data
            self._marks.append((len(piece.data), piece.place))
        self._end = Place(piece.place.member, piece.place.inside + len(piece.data))
        self._next = next(self._pieces, None)
