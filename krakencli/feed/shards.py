"""Which subscriptions share a connection. Pure.

Hosts are apart; one connection carries at most so many subscriptions; and those that the exchange would take
for one another go to different connections: two depths of one book, two triggers of one ticker. Only `ohlc`
may run with several intervals of a symbol side by side (protocol notes v2 §4, rule 6).
"""

from collections.abc import Iterable

from krakencli.model import Subscription

PER_CONNECTION = 100
MOST_LEVEL3 = 200
"""Symbols of level3 that one connection may have (protocol notes v2 §8)."""

_Identity = tuple[object, ...]


def shards(wanted: Iterable[Subscription], per_connection: int = PER_CONNECTION) -> list[list[Subscription]]:
    """Groups for one connection each, in the order of `wanted` as far as their kinds allow."""
    groups: list[tuple[list[Subscription], set[_Identity]]] = []
    for subscription in dict.fromkeys(wanted):
        most = min(per_connection, MOST_LEVEL3) if subscription.wire == "level3" else per_connection
        identity = _identity(subscription)
        for members, taken in groups:
            fits = members[0].host == subscription.host and len(members) < most
            if fits and identity not in taken:
                break
        else:
            members, taken = [], set()
            groups.append((members, taken))
        members.append(subscription)
        taken.add(identity)
    return [members for members, _ in groups]


def _identity(subscription: Subscription) -> _Identity:
    """What the exchange tells subscriptions of one connection apart by."""
    interval = dict(subscription.params).get("interval") if subscription.wire == "ohlc" else None
    return subscription.wire, subscription.symbol, interval
