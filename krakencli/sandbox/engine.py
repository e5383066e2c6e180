"""The state of the matching engine, which every connection is told (protocol notes §3.1)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable


class Engine:
    """`state` is `online` unless something was scheduled; the market itself goes on regardless."""

    def __init__(self) -> None:
        self.state = "online"
        self._coming: deque[str] = deque()
        self._seconds = 0.0
        self._next: float | None = None
        self._told: Callable[[str], None] | None = None

    def schedule(self, states: Iterable[str], seconds: float, told: Callable[[str], None]) -> None:
        """Goes through `states`, the first with the next tick and the others `seconds` apart; `told` learns
        each. Replaces what was scheduled before.
        """
        self._coming, self._seconds, self._told = deque(states), seconds, told
        self._next = None

    def tick(self, now: float) -> None:
        """Lets time pass; at most one state comes with a tick, so that none is missed."""
        if not self._coming or (self._next is not None and now < self._next):
            return
        self._next = now + self._seconds
        self.state = self._coming.popleft()
        if self._told is not None:
            self._told(self.state)
