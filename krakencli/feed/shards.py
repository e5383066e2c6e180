"""Which subscriptions share a connection. Pure.

Hosts are apart, a connection carries at most so many subscriptions, and what records would not tell apart
goes to different connections: two depths of a book, two triggers of a ticker. Only `ohlc` may have several
intervals on one, for its candles say which is theirs (protocol notes v2 §4, rule 6).
"""

from collections.abc import Iterable

from krakencli.model import Subscription, Value

PER_CONNECTION = 100
MOST_LEVEL3 = 200
"""Symbols of level3 that one connection may have (protocol notes v2 §8)."""

Params = tuple[tuple[str, Value], ...]


def shards(wanted: Iterable[Subscription], per_connection: int = PER_CONNECTION) -> list[list[Subscription]]:
    """Groups for one connection each, in the order of `wanted` as far as their kinds allow."""
    groups: list[tuple[list[Subscription], dict[str, Params]]] = []
    for subscription in dict.fromkeys(wanted):
        most = min(per_connection, MOST_LEVEL3) if subscription.wire == "level3" else per_connection
        params = () if subscription.wire == "ohlc" else subscription.params
        for members, taken in groups:
            fits = members[0].host == subscription.host and len(members) < most
            if fits and taken.get(subscription.wire, params) == params:
                break
        else:
            members, taken = [], {}
            groups.append((members, taken))
        members.append(subscription)
        taken[subscription.wire] = params
    return [members for members, _ in groups]
