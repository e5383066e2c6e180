"""What is to be streamed, kept as intent, and how far each of it has come on the present connection."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from krakencli.model import Subscription


@dataclass(frozen=True, slots=True)
class Grant:
    """What the exchange acknowledged, `after` so many seconds from the request; None where nobody knows."""

    acknowledged: Mapping[str, Any]
    warnings: tuple[str, ...] = ()
    after: float | None = None


class Wanted:
    """The subscriptions that are wanted, and what is consulted beside them once.

    A subscription that was ever granted is wanted on, whatever the exchange says later; one that is refused
    at once is not. What is consulted is nobody's stream: it is asked for on this connection only, at the
    time given.
    """

    def __init__(self, subscriptions: Iterable[Subscription]) -> None:
        self.all = dict.fromkeys(subscriptions)
        self.active: set[Subscription] = set()
        self.grants: dict[Subscription, Grant] = {}
        self.refusals: dict[Subscription, str] = {}
        self.consulted: dict[Subscription, float] = {}
        self._missed_since: dict[Subscription, str] = {}

    @property
    def channels(self) -> set[str]:
        """The wire's names of the channels whose data is wanted; status where nothing else is."""
        return {s.wire for s in self.all} or {"status"}

    def of(self, wire: str, symbol: str | None) -> list[Subscription]:
        return [s for s in self.all if s.wire == wire and s.symbol == symbol]

    def granted(self, subscription: Subscription, grant: Grant) -> str | None:
        """Since when nobody listened to it, where an earlier connection that had it was lost."""
        self.active.add(subscription)
        self.grants[subscription] = grant
        self.refusals.pop(subscription, None)
        return self._missed_since.pop(subscription, None)

    def refused(self, subscription: Subscription, reason: str, time: str) -> bool:
        """Whether to ask again for what was refused, at this time (RFC 3339); it is wanted no more where not.
        What was streamed until then is missed from then on.
        """
        self.refusals[subscription] = reason
        if subscription in self.active:
            self.active.discard(subscription)
            self._missed_since.setdefault(subscription, time)
        if subscription in self.grants:
            return True
        self.all.pop(subscription, None)
        return False

    def drop(self, wire: str, symbol: str) -> list[Subscription]:
        """Take out what is about the channel's symbol."""
        dropped = self.of(wire, symbol)
        for subscription in dropped:
            del self.all[subscription]
            self.active.discard(subscription)
        return dropped

    def disconnected(self, time: str) -> None:
        """The connection is gone; `time` is RFC 3339."""
        self._missed_since = dict.fromkeys(self.active, time) | self._missed_since
        self.active.clear()
        self.consulted.clear()
