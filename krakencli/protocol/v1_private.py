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

        The first message of a subscription is its snapshot, also where it brings the first order only.
        """
        rows, channel, label = message
        if channel not in CHANNELS or not isinstance(label, dict):
            return None
        sequence = label.get("sequence")
        try:
            items = [self._item(channel, name, news) for row in rows for name, news in row.items()]
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"no {channel} of API v1: {error!r}") from None
        type_ = "snapshot" if sequence == 1 else "update"
        return Update(channel, type_, items, sequence if type(sequence) is int else None)

    def _item(self, channel: str, name: str, news: dict[str, Any]) -> Raw:
        if channel == "ownTrades":
            return Raw(own_trades.decode_v1(name, news))
        order = self._orders.setdefault(name, {})
        order_v1.merged(order, news)
        if order.get("status") in order_v1.OVER:
            del self._orders[name]
        return Raw(order_v1.decode_v1(name, order, news))
