"""What is to happen at a time: orders that expire, switches that cancel everything."""

from __future__ import annotations

import heapq
from collections.abc import Callable


class Alarms:
    """Alarms in order of their times (nanoseconds)."""

    def __init__(self) -> None:
        self._set: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0

    def set(self, time: int, ring: Callable[[], None]) -> None:
        """Calls `ring` once it is `time`."""
        self._count += 1
        heapq.heappush(self._set, (time, self._count, ring))

    def ring(self, now: int) -> None:
        """Calls all whose time has come."""
        while self._set and self._set[0][0] <= now:
            heapq.heappop(self._set)[2]()
