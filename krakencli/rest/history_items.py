"""Trades and orders of REST as reports that `executions` would have sent. Values in, values out.

REST: protocol notes §5. Reports: v2 §11.1. Numbers keep REST's digits; a field that REST lacks is absent.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from krakencli.errors import RemoteError
from krakencli.rest.backfill_items import stamp

_ENDS = {"closed": "filled", "canceled": "canceled", "expired": "expired"}
"""An order's status in REST, once it is over, and in v2."""


@dataclass(frozen=True, slots=True)
class Names:
    """`symbol` gives v2's name of a pair by any of REST's, or the text itself where it is not known."""

    symbol: Callable[[str], str]


def fill_of(name: str, trade: Any, names: Names) -> bytes:
    """A trade of TradesHistory as a report; RemoteError where it is none."""
    try:
        symbol = names.symbol(trade["pair"])
        quote = symbol.partition("/")[2]
        fields = {
            "order_id": trade["ordertxid"],
            "exec_id": name,
            "exec_type": "trade",
            "trade_id": int(trade["trade_id"]),
            "symbol": symbol,
            "side": trade["type"],
            "last_qty": _Number(trade["vol"]),
            "last_price": _Number(trade["price"]),
            "liquidity_ind": "m" if trade.get("maker") else "t",
            "cost": _Number(trade["cost"]),
            "order_type": trade["ordertype"],
            "timestamp": _time(trade["time"]),
            "fees": [{"asset": quote, "qty": _Number(trade["fee"])}],
        }
        return _encoded(fields)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        raise RemoteError("REST answered TradesHistory in a shape that is not known") from None


def end_of(name: str, order: Any, names: Names) -> bytes | None:
    """An order of QueryOrders as the report that ended it; None while it is not over."""
    try:
        status = _ENDS.get(order["status"])
        if status is None:
            return None
        description = order["descr"]
        fields = {
            "timestamp": _time(order.get("closetm") or order["opentm"]),
            "order_status": status,
            "exec_type": status,
            "symbol": names.symbol(description["pair"]),
            "side": description["type"],
            "order_type": description["ordertype"],
            "order_qty": _Number(order["vol"]),
            "cum_qty": _Number(order["vol_exec"]),
            "cum_cost": _Number(order["cost"]),
            "avg_price": _Number(order["price"]),
            **({"reason": order["reason"]} if order.get("reason") else {}),
            **({"cl_ord_id": order["cl_ord_id"]} if order.get("cl_ord_id") else {}),
            "order_id": name,
        }
        return _encoded(fields)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        raise RemoteError("REST answered QueryOrders in a shape that is not known") from None


class _Number(str):
    """A number's text, to be written without quotes."""

    __slots__ = ()

    def __new__(cls, text: object) -> "_Number":
        value = Decimal(str(text))
        if not value.is_finite():
            raise ValueError(f"{text!r} is no number")
        return super().__new__(cls, f"{value:f}")


def _encoded(value: Any) -> bytes:
    return _json(value).encode()


def _json(value: Any) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{_json(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _time(seconds: object) -> str:
    """REST's seconds as RFC 3339, to the microsecond."""
    return stamp(int(Decimal(str(seconds)) * 10**6))
