"""API v1's private data: `[[{id: {...}}, ...], channel, {"sequence": n}]` (protocol notes v1 §7). Sans I/O.

`openOrders` tells a new order whole and then only what changes: `Account` keeps the open ones of a
connection, so that each record is the order as it stands.
"""

from typing import Any

from msgspec import Raw

from krakencli.channels import order_v1, own_trades
from krakencli.protocol.messages import Update

CHANNELS = ("openOrders", "ownTrades")


class Account:
    """What one connection has been told of open orders."""

    def __init__(self) -> None:
        self._orders: dict[str, dict[str, Any]] = {}

    def decode(self, message: list[Any]) -> Update | None:
        """None for a frame that is none of theirs; ValueError where it cannot be read.

        The first message of a subscription is its snapshot, also where it brings the first order only. It is
        none where its trades have fields of news: whether an empty snapshot is sent is not known (§7).
        """
        rows, channel, label = message
        if channel not in CHANNELS or not isinstance(label, dict):
            return None
        sequence = label.get("sequence")
        if type(sequence) is not int:
            raise ValueError(f"no {channel} of API v1: no sequence")
        first = sequence == 1
        if first and channel == "openOrders":
            self._orders.clear()
        try:
            items = [self._item(channel, name, news) for row in rows for name, news in row.items()]
            bare = channel == "openOrders" or not any(map(_is_news, rows))
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"no {channel} of API v1: {error!r}") from None
        return Update(channel, "snapshot" if first and bare else "update", items, sequence)

    def _item(self, channel: str, name: str, news: dict[str, Any]) -> Raw:
        if channel == "ownTrades":
            return Raw(own_trades.decode_v1(name, news))
        order = self._orders.setdefault(name, {})
        order_v1.merged(order, news)
        if order.get("status") in order_v1.OVER:
            del self._orders[name]
        return Raw(order_v1.decode_v1(name, order, news))


def _is_news(row: dict[str, dict[str, Any]]) -> bool:
    """Whether a trade has what snapshots leave out."""
    return any(name in trade for trade in row.values() for name in ("userref", "cl_ord_id"))
