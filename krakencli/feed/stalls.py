"""Subscriptions that are acknowledged and do not deliver, and what is tried with each. Sans I/O."""

from collections.abc import Iterator
from typing import Literal

from krakencli.model import Subscription
from krakencli.protocol.session import Session

Remedy = Literal["subscribing again", "connecting again", "none"]
REMEDIES: tuple[Remedy, ...] = ("subscribing again", "connecting again", "none")
"""In this order. Some markets have nothing to send, so that a third try would help nobody."""


class Stalls:
    """One connection's, over all of its links."""

    def __init__(self) -> None:
        self._tried: dict[Subscription, int] = {}

    def tried(self, subscription: Subscription) -> bool:
        """Whether it does not deliver, and something was tried with it."""
        return subscription in self._tried

    def look(self, session: Session, now: float, *, caught_up: bool) -> Iterator[tuple[Subscription, Remedy]]:
        """What is overdue and the remedy that is next; nothing before all is taken that has arrived."""
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
