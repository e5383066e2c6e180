"""Calls of one backfill: politely apart, repeated while that may help, ended by a deadline or a stop.

Pace and waits: protocol notes REST §4 (1-2 s between calls of Trades), limits and errors §1, §2, §7.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from krakencli.credentials import Credentials
from krakencli.errors import StreamError
from krakencli.rest.client import Client

PAUSE = 1.0
"""Seconds between two calls, as the exchange advises."""
RATE_PAUSE = 5.0
"""Seconds after `EAPI:Rate limit exceeded`, at least."""
BLOCKED_PAUSE = 60.0
"""Seconds after a 403 or 429 that did not come from the API."""
LONGEST_PAUSE = 60.0

_THROTTLED = re.compile(r"eservice\s*:\s*throttled\s*:\s*([0-9]{1,12})", re.IGNORECASE)
_RATE = re.compile(r"eapi\s*:\s*rate limit exceeded", re.IGNORECASE)
_BLOCKED = re.compile(r"HTTP (403|429)\b")


class Stop(Protocol):
    """A threading.Event, as far as it is looked at."""

    def is_set(self) -> bool: ...


@dataclass(slots=True)
class Pace:
    """When the last call was made; one for all backfills that are made one after the other."""

    last: float | None = None


@dataclass(slots=True)
class Calls:
    """`within` seconds from now on; `sleep` may return early when `stop` is set (`stop.wait` does).

    `unit` is the length of a second; `wall` is the time of day, which `Throttled` names a moment of. With
    `credentials` the methods are private ones, signed with them.
    """

    client: Client
    within: float
    clock: Callable[[], float]
    sleep: Callable[[float], object]
    unit: float = 1.0
    stop: Stop | None = None
    pace: Pace = field(default_factory=Pace)
    wall: Callable[[], float] = time.time
    credentials: Credentials | None = None
    _ends_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._ends_at = self.clock() + self.within

    @property
    def over(self) -> bool:
        """Whether it was told to stop, or has no time left."""
        return (self.stop is not None and self.stop.is_set()) or self.clock() >= self._ends_at

    def ask(self, method: str, **params: str | int | bool | None) -> Any | None:
        """The result of a method; None where the time is over before there is one.

        A refusal that may pass is waited for as it asks; where that takes too long, or is of no use, it is
        raised.
        """
        refusals = 0
        while self._pause():
            try:
                return self._call(method, **params)
            except StreamError as error:
                if not self._may_pass(error) or not self._wait(self._delay(error, refusals)):
                    raise
            refusals += 1
        return None

    def _call(self, method: str, **params: str | int | bool | None) -> Any:
        if self.credentials is None:
            return self.client.public(method, **params)
        return self.client.private(method, self.credentials, **params)

    def _may_pass(self, error: StreamError) -> bool:
        """Whether to ask again: a nonce is refused where another program uses the key too."""
        return error.retryable or (self.credentials is not None and "nonce" in error.message)

    def _pause(self) -> bool:
        """Keep the distance from the last call; False where the time is over."""
        due = 0.0 if self.pace.last is None else self.pace.last + PAUSE * self.unit - self.clock()
        if not self._wait(due):
            return False
        self.pace.last = self.clock()
        return True

    def _wait(self, seconds: float) -> bool:
        if self.over or self.clock() + seconds >= self._ends_at:
            return False
        if seconds > 0:
            self.sleep(seconds)
        return not self.over

    def _delay(self, error: StreamError, refusals: int) -> float:
        """Seconds before the call may be made again, doubling where nothing else is known."""
        throttled = _THROTTLED.search(error.message)
        if throttled is not None:
            return max(float(throttled[1]) - self.wall(), PAUSE * self.unit)
        least = RATE_PAUSE if _RATE.search(error.message) else PAUSE
        if _BLOCKED.search(error.message):
            least = BLOCKED_PAUSE
        return min(least * 2.0**refusals, LONGEST_PAUSE) * self.unit
