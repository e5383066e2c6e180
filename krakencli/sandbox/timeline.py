"""When the events of one symbol happen: a past that grows denser towards the start, then a steady seeded
rate.

The past is spread evenly over the logarithm of its age, so that a few thousand events give ten non-empty
candles of every interval from one minute to fifteen days.
"""

from __future__ import annotations

import math
from random import Random

from krakencli.sandbox.times import DAY, SECOND

_OLDEST = 170 * DAY
_YOUNGEST = SECOND // 10


class Timeline:
    """Gives the time of each event in turn, in nanoseconds, never falling."""

    def __init__(self, name: str, start: int, history: int, rate: float) -> None:
        """`name` seeds it; `history` events lie before `start`, then `rate` a second follow (0:
        none ever).
        """
        self._random = Random(name)  # noqa: S311 - reproducible on purpose
        self._rate = rate
        self._last = start
        self._past = self._history(start, history)

    def next(self) -> int | None:
        """The next event's time; None when there will be none."""
        if self._past:
            return self._past.pop()
        if self._rate <= 0:
            return None
        self._last += max(1000, int(self._random.expovariate(self._rate) * SECOND))
        return self._last

    def postpone(self, delay: int) -> None:
        """Shifts everything that is still to come after the start by `delay` nanoseconds."""
        self._last += delay

    def _history(self, start: int, count: int) -> list[int]:
        """Newest first, so that the next one is popped from the end."""
        if not count:
            return []
        thinning = math.log(_OLDEST / _YOUNGEST)
        ages = sorted(self._random.random() for _ in range(count))
        return [start - int(_YOUNGEST * math.exp(age * thinning)) for age in ages]
