"""The exchange's clock: the machine's monotonic clock, moved to where the market's time begins."""

from __future__ import annotations

import time


class MarketClock:
    """Nanoseconds since 1970 that never go back. Calling it gives the time."""

    def __init__(self, start: int | None, speed: int = 1) -> None:
        """`start` is the time to begin with; None takes the machine's wall clock once. `speed` times as many
        nanoseconds pass as on the machine.
        """
        self.speed = speed
        self._start = time.time_ns() if start is None else start
        self._began = time.monotonic_ns()

    def __call__(self) -> int:
        return self._start + (time.monotonic_ns() - self._began) * self.speed

    def hold_back(self, delay: int) -> None:
        """Lets the clock lose `delay` nanoseconds."""
        self._start -= delay
