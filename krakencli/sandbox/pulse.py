"""Heartbeats and the idle time-out of one connection (protocol notes §3.2 and §3.4)."""

from __future__ import annotations

from typing import Literal

IDLE_SECONDS = 60


class Pulse:
    """Keeps the two times that matter; `second` scales both (1.0: real seconds)."""

    def __init__(self, mode: Literal["always", "idle"], second: float) -> None:
        self._mode = mode
        self._second = second
        self._next_beat: float | None = None
        self._last_request: float | None = None
        self._has_sent = False

    def sent(self) -> None:
        """A frame went out."""
        self._has_sent = True

    def received(self, now: float) -> None:
        """The client asked for something."""
        self._last_request = now

    def start(self, now: float) -> None:
        """The first subscribe request starts the heartbeat, even a refused one."""
        if self._next_beat is None:
            self._next_beat = now + self._second

    def beat(self, now: float) -> bool:
        """Whether a heartbeat is due now; in mode `idle` only after a second without any other frame."""
        if self._next_beat is None or now < self._next_beat:
            return False
        # A late tick does not make the next one early, but after a stall there is no burst.
        steady = self._next_beat + self._second
        self._next_beat = steady if steady > now else now + self._second
        is_due = self._mode == "always" or not self._has_sent
        self._has_sent = False
        return is_due

    def is_idle(self, now: float) -> bool:
        """Whether the client has been silent for a minute; the first call starts the count for a silent
        client.
        """
        if self._last_request is None:
            self._last_request = now
        return now - self._last_request >= IDLE_SECONDS * self._second
