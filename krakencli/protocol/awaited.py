"""Which acknowledged subscriptions still owe their snapshot. Sans I/O; `now` is monotonic seconds.

An acknowledgement proves nothing: a subscription may be granted and never deliver, while heartbeats go on
(protocol notes v2 §3.2). Symbols are decoded only as long as something is owed.
"""

from collections.abc import Iterable

import msgspec

from krakencli.model import Subscription
from krakencli.protocol.messages import Update

SNAPSHOT_WITHIN = 10.0
BY_DEFAULT = frozenset(("ticker", "book", "level3", "ohlc", "instrument"))
"""Channels that send a snapshot unless told otherwise (protocol notes v2 §4, rule 5)."""


class _Symbol(msgspec.Struct, gc=False):
    symbol: str | None = None


_symbol = msgspec.json.Decoder(_Symbol)


def owes_snapshot(subscription: Subscription) -> bool:
    """Whether its acknowledgement is to be followed by one."""
    asked = subscription.snapshot
    return subscription.wire in BY_DEFAULT if asked is None else asked


class Awaited:
    """Subscriptions from their acknowledgement until something of them comes."""

    def __init__(self) -> None:
        self._since: dict[Subscription, float] = {}
        self._late: set[Subscription] = set()
        self._paid: set[Subscription] = set()

    def __bool__(self) -> bool:
        """Whether anything is owed."""
        return bool(self._since or self._late)

    def granted(self, subscriptions: Iterable[Subscription], now: float) -> None:
        owing = [one for one in subscriptions if owes_snapshot(one)]
        self.forget(owing)
        self._since.update(dict.fromkeys(owing, now))

    def forget(self, subscriptions: Iterable[Subscription]) -> None:
        """Nothing is owed by these, and nothing was paid."""
        for one in subscriptions:
            self._since.pop(one, None)
            self._late.discard(one)
            self._paid.discard(one)

    def came(self, updates: Iterable[Update]) -> None:
        """Data, of whatever type, pays what its subscription owes."""
        names = {(update.channel, symbol) for update in updates for symbol in (None, *_symbols(update))}
        for one in [one for one in (*self._since, *self._late) if (one.wire, one.symbol) in names]:
            self.forget([one])
            self._paid.add(one)

    def owes(self, subscription: Subscription) -> bool:
        """Whether it is still awaited."""
        return subscription in self._since or subscription in self._late

    def paid(self, subscription: Subscription) -> bool:
        """Whether something of it came since it was granted."""
        return subscription in self._paid

    def forgive(self, seconds: float) -> None:
        """Time in which nobody looked does not count."""
        self._since = {one: since + seconds for one, since in self._since.items()}

    def overdue(self, now: float, unit: float) -> list[Subscription]:
        """What has been owed for too long, each once."""
        late = [one for one, since in self._since.items() if now - since >= SNAPSHOT_WITHIN * unit]
        for one in late:
            del self._since[one]
        self._late.update(late)
        return late


def _symbols(update: Update) -> Iterable[str | None]:
    """What a message is about."""
    try:
        return {_symbol.decode(item).symbol for item in update.data}
    except msgspec.DecodeError:
        return ()
