"""How far behind the exchange the reading is. Sans I/O.

The time of a message is compared with the clock here, against the smallest difference ever seen on the
connection: so neither a wrong clock nor a recording from another year counts, only what grows. A slow reader
is queued by the exchange, not cut off (protocol notes v2 §3.4), and lateness shows nowhere else.
"""

import msgspec

from krakencli.protocol.messages import Update
from krakencli.times import unix

LATE = 2.0
"""Seconds behind that are worth a word."""
PUNCTUAL = 1.0
AGAIN_AFTER = 10.0
LOOK_EVERY = 1.0


class _Stamped(msgspec.Struct, gc=False):
    timestamp: str = ""


_stamped = msgspec.json.Decoder(_Stamped)


class Lag:
    """One connection's. `look` at a message now and then; `unit` is the length of a second."""

    def __init__(self, unit: float = 1.0) -> None:
        self._unit = unit
        self._smallest: float | None = None
        self._look_at = self._tell_at = float("-inf")
        self._late = False

    def due(self, now: float) -> bool:
        """Whether it is worth while to look at a message."""
        return now >= self._look_at

    def look(self, update: Update, wall: float, now: float, *, backlog: bool) -> float | None:
        """Seconds behind, where that is to be told; 0.0 when it has caught up after it was told.

        `wall` is Unix time, `backlog` whether more has arrived than was taken: without one nobody is late.
        """
        self._look_at = now + LOOK_EVERY * self._unit
        sent = _time_of(update)
        if sent is None:
            return None
        offset = wall - sent
        self._smallest = offset if self._smallest is None else min(self._smallest, offset)
        behind = offset - self._smallest
        if self._late and (not backlog or behind < PUNCTUAL * self._unit):
            self._late = False
            return 0.0
        if not backlog or behind < LATE * self._unit or (self._late and now < self._tell_at):
            return None
        self._late, self._tell_at = True, now + AGAIN_AFTER * self._unit
        return behind


def _time_of(update: Update) -> float | None:
    """The exchange's time of a message's last item, as Unix time; None where it has none."""
    try:
        text = update.timestamp or _stamped.decode(update.data[-1]).timestamp
        return unix(text)
    except (IndexError, ValueError):
        return None
