"""What `ownTrades` tells of a fill, or of those of a taker order together (protocol notes v1 §7.2)."""

from __future__ import annotations

from krakencli.sandbox.trading.account import OwnTrade
from krakencli.sandbox.v1_orders import own_ids
from krakencli.sandbox.v1_text import cost, dump, price, time, volume

POSITION = "TKH2SE-M7IF5-CFI7LT"
"""The one that the exchange names where there is none: recorded in accounts that have nothing in common."""


def told(one: OwnTrade) -> str:
    """A trade that has just happened."""
    return dump({one.exec_id: {**_fields(one), **own_ids(one.order)}})


def past(one: OwnTrade) -> str:
    """A trade of the snapshot, which does not tell the client's own ids."""
    return dump({one.exec_id: _fields(one)})


def _fields(one: OwnTrade) -> dict[str, str]:
    order, pair = one.order, one.order.pair
    return {
        "cost": cost(pair, one.cost),
        "fee": cost(pair, one.fee),
        "margin": cost(pair, 0),
        "ordertxid": order.order_id,
        "ordertype": order.ask.kind,
        "pair": pair.wsname,
        "postxid": POSITION,
        "price": price(pair, one.price),
        "time": time(one.time),
        "type": "buy" if order.ask.buy else "sell",
        "vol": volume(pair, one.qty),
    }
