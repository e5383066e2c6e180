"""A counter that calls fill and time empties, as the exchange limits its clients (protocol notes, limits §3
and §4).

Points are integers: a hundredth of a point for each nanosecond of the sandbox's second, so that no decay is
ever rounded.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Tier = Literal["starter", "intermediate", "pro"]


class Limits(NamedTuple):
    """What a tier allows; decays are in hundredths of a point a second."""

    trading: int
    trading_decay: int
    open_orders: int
    calls: int
    calls_decay: int


TIERS: dict[str, Limits] = {
    "starter": Limits(60, 100, 60, 15, 33),
    "intermediate": Limits(125, 234, 80, 20, 50),
    "pro": Limits(180, 375, 225, 20, 100),
}


class Counter:
    """One counter. Costs are in halves of a point, since half a point is the smallest."""

    def __init__(self, most: int, decay: int, second: int) -> None:
        """`most` points are let through, `decay` hundredths go in each of its `second` nanoseconds."""
        self._point = 100 * second
        self._most = most * self._point
        self._decay = decay
        self._value = 0
        self._time = 0

    def spend(self, halves: int, now: int) -> bool:
        """Adds to the counter; whether it still is within its limit."""
        self._value = self.value(now) + halves * self._point // 2
        self._time = now
        return self._value <= self._most

    def would_fit(self, halves: int, now: int) -> bool:
        """Whether `spend` would be within the limit."""
        return self.value(now) + halves * self._point // 2 <= self._most

    def value(self, now: int) -> int:
        """What has not yet gone."""
        return max(0, self._value - max(0, now - self._time) * self._decay)

    def hundredths(self, now: int) -> int:
        """The same in hundredths of a point, for the reports."""
        return self.value(now) * 100 // self._point


# What an order of less than so many seconds costs more, in points (protocol notes, limits §4).
_BY_AGE: dict[str, tuple[tuple[int, int], ...]] = {
    "amend": ((5, 3), (10, 2), (15, 1)),
    "edit": ((5, 6), (10, 5), (15, 4), (45, 2), (90, 1)),
    "cancel": ((5, 8), (10, 6), (15, 5), (45, 4), (90, 2), (300, 1)),
}


def penalty(request: str, age: int, second: int) -> int:
    """The points that a request about an order of `age` nanoseconds costs beyond its fixed part."""
    return next((points for seconds, points in _BY_AGE[request] if age < seconds * second), 0)
