"""Subscriptions that are acknowledged and do not deliver, and what is tried with each. Sans I/O."""

from collections.abc import Iterator
from typing import Literal

from krakencli.model import Subscription
from krakencli.protocol.session import Session

Remedy = Literal["subscribing again", "connecting again", "none"]
REMEDIES: tuple[Remedy, ...] = ("subscribing again", "connecting again", "none")
"""In this order. Some markets have nothing to send, so that a third try would help nobody."""
LOOKING_EVERY = 1.0
"""Longer than this between two looks, and the program was busy with something else."""


class Stalls:
    """One connection's, over all of its links. `unit` is the length of a second."""

    def __init__(self, unit: float) -> None:
        self._unit = unit
        self._tried: dict[Subscription, int] = {}
        self._looked_at = 0.0

    def tried(self, subscription: Subscription) -> bool:
        """Whether it does not deliver, and something was tried with it."""
        return subscription in self._tried

    def opened(self, now: float) -> None:
        """A new link has been opened."""
        self._looked_at = now

    def look(self, session: Session, now: float, *, caught_up: bool) -> Iterator[tuple[Subscription, Remedy]]:
        """What is overdue and the remedy that is next; nothing before all is taken that has arrived."""
        gone_by, self._looked_at = now - self._looked_at, now
        if gone_by > LOOKING_EVERY * self._unit:
            session.forgive(gone_by)
        if not caught_up:
            return
        for one in [one for one in self._tried if session.delivers(one)]:
            del self._tried[one]
        for subscription in session.overdue(now):
            times = self._tried.get(subscription, 0)
            if times >= len(REMEDIES) - 1:
                session.expect_nothing(subscription)
            if times < len(REMEDIES):
                self._tried[subscription] = times + 1
                yield subscription, REMEDIES[times]
