"""Answers that are kept, the least recently used ones dropped when they are too many bytes.

Whoever asks for what somebody else is making waits for that one instead of making it again.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Kept(Generic[T]):
    """A value from the cache, and whether this call made it."""

    value: T
    is_new: bool


class Cache(Generic[T]):
    """Values by key, up to `max_bytes` of them; thread-safe."""

    def __init__(self, max_bytes: int, size: Callable[[T], int]):
        self._max_bytes = max_bytes
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._making: dict[Hashable, Future[T]] = {}
        self._bytes = 0

    @property
    def n_bytes(self) -> int:
        """Bytes of what is kept now."""
        return self._bytes

    def get(self, key: Hashable, make: Callable[[], T]) -> Kept[T]:
        """The value of a key, made if it is not there; an error of making goes to all who wait."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return Kept(self._kept[key], is_new=False)
            there = self._making.get(key)
            mine: Future[T] = Future()
            if there is None:
                self._making[key] = mine
        if there is not None:
            return Kept(there.result(), is_new=False)
        try:
            value = make()
        except BaseException as error:
            with self._lock:
                del self._making[key]
            mine.set_exception(error)
            raise
        with self._lock:
            del self._making[key]
            self._keep(key, value)
        mine.set_result(value)
        return Kept(value, is_new=True)

    def _keep(self, key: Hashable, value: T) -> None:
        self._kept[key] = value
        self._bytes += self._size(value)
        while self._bytes > self._max_bytes:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= self._size(dropped)
