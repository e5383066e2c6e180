"""Trades and orders of REST as reports that `executions` would have sent. Values in, values out.

REST: protocol notes §5. Reports: v2 §11.1. Numbers keep REST's digits; a field that REST lacks is absent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from krakencli.errors import RemoteError
from krakencli.exact import Number, encoded
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
            "last_qty": _number(trade["vol"]),
            "last_price": _number(trade["price"]),
            "liquidity_ind": "m" if trade.get("maker") else "t",
            "cost": _number(trade["cost"]),
            "order_type": trade["ordertype"],
            "timestamp": _time(trade["time"]),
            "fees": [{"asset": quote, "qty": _number(trade["fee"])}],
        }
        return encoded(fields)
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
            "order_qty": _number(order["vol"]),
            "cum_qty": _number(order["vol_exec"]),
            "cum_cost": _number(order["cost"]),
            "avg_price": _number(order["price"]),
            **({"reason": order["reason"]} if order.get("reason") else {}),
            **({"cl_ord_id": order["cl_ord_id"]} if order.get("cl_ord_id") else {}),
            "order_id": name,
        }
        return encoded(fields)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        raise RemoteError("REST answered QueryOrders in a shape that is not known") from None


def _number(text: object) -> Number:
    return Number(f"{Decimal(str(text)):f}")


def _time(seconds: object) -> str:
    """REST's seconds as RFC 3339, to the microsecond."""
    return stamp(int(Decimal(str(seconds)) * 10**6))
