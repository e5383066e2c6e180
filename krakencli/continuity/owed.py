"""Rows that were printed, in case the stream brings them after all: then they are no trades of their own."""

from collections import deque
from collections.abc import Iterable

from krakencli.continuity.matching import TOLERANCE, Key, Row, Seen, seen

OWED_FOR = 10.0
"""Seconds; a frame that is later than this is told apart by the next comparison only."""
OWED_MOST = 1_000
"""The newest of them: what was made long before cannot come late."""


class Owed:
    """`now` is monotonic seconds; `unit` is the length of a second."""

    def __init__(self, unit: float) -> None:
        self._for = OWED_FOR * unit
        self._until: deque[tuple[float, Key, int]] = deque()
        self._times: dict[Key, list[int]] = {}

    def __bool__(self) -> bool:
        return bool(self._until)

    def add(self, rows: Iterable[Row], now: float) -> None:
        for time, key, _ in (seen(row.item) for row in rows):
            self._until.append((now + self._for, key, time))
            self._times.setdefault(key, []).append(time)
            if len(self._until) > OWED_MOST:
                self._drop()

    def take(self, trade: Seen) -> bool:
        """Whether it was printed already; each row is the answer once."""
        times = self._times.get(trade.key, [])
        for time in times:
            if abs(time - trade.time) <= TOLERANCE:
                times.remove(time)
                return True
        return False

    def expire(self, now: float) -> None:
        while self._until and self._until[0][0] <= now:
            self._drop()

    def _drop(self) -> None:
        _, key, time = self._until.popleft()
        times = self._times.get(key, [])
        if time in times:  # otherwise it came
            times.remove(time)
        if not times:
            self._times.pop(key, None)
