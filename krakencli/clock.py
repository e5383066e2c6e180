"""Time as the program sees it, as one value, so that tests may bring their own."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from krakencli.times import stamp


@dataclass(frozen=True, slots=True)
class Clock:
    """`monotonic` measures waits, `wall` dates events; both count seconds. `unit` scales every delay."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    unit: float = 1.0

    def stamp(self) -> str:
        """Now, as the exchange writes times: RFC 3339, UTC, microseconds."""
        return stamp(datetime.fromtimestamp(self.wall(), UTC))
