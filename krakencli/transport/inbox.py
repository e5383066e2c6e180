"""The way from the reader threads to the main thread: one queue, bounded in bytes.

A full inbox makes the readers wait, so that TCP pushes back on the exchange and nothing is lost. What the
program itself puts in weighs nothing and is never held back. Room wakes one reader at a time, for a batch of
one fills it again: twenty that wake for each batch would spend a third of the time on waking.
"""

import queue
import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Inbox(Generic[T]):
    """Many threads put, one takes.

    The limit is a promise of freshness as well: what waits here is printed within a few milliseconds.
    """

    def __init__(self, limit: int = 1 * 1024 * 1024) -> None:
        self._limit = limit
        self._queue: queue.SimpleQueue[tuple[T | None, int, int]] = queue.SimpleQueue()
        self._size = 0
        self._count = 0
        self._room = threading.Condition()

    def wake(self) -> None:
        """Make a waiting `get` return None at once; a signal handler may call it."""
        self._queue.put((None, 0, 0))

    @property
    def count(self) -> int:
        """How many messages wait."""
        return self._count

    def put(self, item: T, size: int = 0, count: int = 0) -> None:
        """Add an item of `size` bytes that holds `count` messages; never waits."""
        if size:
            with self._room:
                self._size += size
                self._count += count
        self._queue.put((item, size, count))

    def wait_for_room(self, timeout: float) -> bool:
        """Wait until less than the limit is queued; False where that took longer than `timeout` seconds."""
        if self._size < self._limit:
            return True
        with self._room:
            return self._room.wait_for(lambda: self._size < self._limit, timeout)

    def get(self, timeout: float) -> T | None:
        """The oldest item, or None when `timeout` seconds brought none."""
        try:
            item, size, count = self._queue.get(timeout=timeout) if timeout > 0 else self._queue.get_nowait()
        except queue.Empty:
            return None
        if size:
            with self._room:
                self._size -= size
                self._count -= count
                if not self._size:
                    self._room.notify_all()
                elif self._size < self._limit:
                    self._room.notify()
        return item

    def empty(self) -> bool:
        return self._queue.empty()
