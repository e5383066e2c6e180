"""What `openOrders` tells of an order: all of it when it is new, then only what has changed (protocol notes
v1 §7.1).

Full objects have their keys in alphabetical order, the others as they were recorded. What the notes leave
open is told like the recorded kind that is nearest: an amendment has the whole `descr` with the new prices,
`misc` says `partial` of an order that is filled in part, and a distance keeps its sign.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from krakencli.sandbox.description import Spelling, closing, describe
from krakencli.sandbox.pairs import Pair
from krakencli.sandbox.trading.account import Report
from krakencli.sandbox.trading.order import TRAILING, Ask, UserOrder
from krakencli.sandbox.v1_text import cash, cost, dump, price, time, volume

Fields = dict[str, Any]

_STATUS = {"pending_new": "pending", "filled": "closed", "canceled": "canceled", "expired": "expired"}


def full(order: UserOrder, shown: int) -> str:
    """An order with all that is known of it; of an iceberg so many lots show."""
    return dump(_named(order, _everything(order) | _shown(order, shown)))


def told(report: Report, with_count: bool = False) -> str:
    """What a report comes to; with the pair's counter, in text, if it is wanted."""
    order = report.order
    fields = _CHANGES[report.event](order, report.time)
    if with_count:
        fields["ratecount"] = f"{report.hundredths // 100}.{report.hundredths % 100:02d}"
    named = _named(order, fields)
    return dump(named) if report.event == "pending_new" else json.dumps(named, separators=(",", ":"))


def descr(order: UserOrder) -> Fields:
    """What was asked for."""
    pair = order.pair
    spelling = _spelling(pair)
    first, second, words = describe(order, spelling)
    close = order.ask.close
    return {
        "close": None if close is None else closing(close, spelling).words,
        "leverage": None,
        "order": words,
        "ordertype": order.ask.kind,
        "pair": pair.wsname,
        "price": first,
        "price2": second,
        "type": "buy" if order.ask.buy else "sell",
    }


def _spelling(pair: Pair) -> Spelling:
    unset = price(pair, 0)
    return Spelling(pair.wsname, lambda ticks: price(pair, ticks), unset, f"market {unset}")


def own_ids(order: UserOrder) -> Fields:
    """The client's tag, 0 without one, and the client's own id, if it has one."""
    own = {} if order.ask.cl_ord_id is None else {"cl_ord_id": order.ask.cl_ord_id}
    return {"userref": order.ask.userref or 0, **own}


def _everything(order: UserOrder) -> Fields:
    ask, amended = order.ask, {"amended": True} if order.amended else {}
    return {
        **_sums(order),
        "descr": descr(order),
        "expiretm": None if ask.expires is None else time(ask.expires),
        "misc": _misc(order),
        "oflags": _oflags(ask),
        "opentm": time(order.opened),
        "refid": order.parent,
        "starttm": None,
        "status": _STATUS.get(order.status, "open"),
        "timeinforce": "GTD" if ask.expires is not None else ask.force.upper(),
        "vol": _wanted(order),
        **_triggered(order),
        **_shown(order, min(order.display, order.left)),
        **own_ids(order),
        **amended,
        **_contingent(order),
        **({} if ask.sender is None else {"sender_sub_id": ask.sender}),
    }


def _contingent(order: UserOrder) -> Fields:
    """What closes each fill."""
    close = order.ask.close
    if close is None:
        return {}
    first, second, _ = closing(close, _spelling(order.pair))
    told = {"oflags": _oflags(close), "ordertype": close.kind, "price": first, "price2": second}
    return {"contingent": told}


def _opened(order: UserOrder, _: int) -> Fields:
    return {"status": "open", **own_ids(order)}


def _filled(order: UserOrder, _: int) -> Fields:
    return {**_sums(order), **own_ids(order)}


def _ended(order: UserOrder, _: int) -> Fields:
    reason = {"cancel_reason": order.reason} if order.status == "canceled" else {}
    return {
        "lastupdated": time(order.closed),
        "status": _STATUS[order.status],
        **_sums(order),
        **own_ids(order),
        **reason,
    }


def _amended(order: UserOrder, now: int) -> Fields:
    return {
        "lastupdated": time(now),
        "vol": _wanted(order),
        "descr": descr(order),
        **_triggered(order),
        **_shown(order, min(order.display, order.left)),
        **own_ids(order),
        "amended": True,
        "amend_reason": "User requested",
    }


def _moved(order: UserOrder, now: int) -> Fields:
    """A trailing stop has moved, or the trigger was reached."""
    return {"lastupdated": time(now), **_triggered(order), "misc": _misc(order), **own_ids(order)}


def _refilled(order: UserOrder, _: int) -> Fields:
    return {"display_volume_remain": volume(order.pair, min(order.display, order.left)), **own_ids(order)}


def _sums(order: UserOrder) -> Fields:
    return {
        "vol_exec": _done(order),
        "cost": cost(order.pair, order.cum_cost),
        "fee": cost(order.pair, order.cum_fee),
        "avg_price": price(order.pair, order.average),
    }


def _triggered(order: UserOrder) -> Fields:
    """Prices that move, or have been reached; nought before that."""
    tells = order.fired or order.ask.kind in TRAILING
    return {
        "limitprice": price(order.pair, (order.limit or 0) if tells else 0),
        "stopprice": price(order.pair, (order.trigger or 0) if tells else 0),
    }


def _shown(order: UserOrder, shown: int) -> Fields:
    """Of an iceberg."""
    if not order.display:
        return {}
    pair = order.pair
    return {"display_volume": volume(pair, order.display), "display_volume_remain": volume(pair, shown)}


def _wanted(order: UserOrder) -> str:
    """The volume: of an order for cash what is to be spent."""
    ask = order.ask
    return volume(order.pair, order.qty) if ask.cash is None else cash(order.pair, ask.cash)


def _done(order: UserOrder) -> str:
    """What of that has been filled."""
    if order.ask.cash is None:
        return volume(order.pair, order.cum_qty)
    return cash(order.pair, order.cum_cost)


def _oflags(ask: Ask) -> str:
    flags = ["fcib" if ask.in_base else "fciq"]
    return ",".join(flags + ["post"] * ask.post_only + ["viqc"] * (ask.cash is not None))


def _misc(order: UserOrder) -> str:
    words = []
    if order.fired:
        words.append("touched" if order.ask.kind.startswith("take-profit") else "stopped")
    return ",".join(words + ["partial"] * (0 < order.cum_qty < order.qty))


def _named(order: UserOrder, fields: Fields) -> Fields:
    return {order.order_id: fields}


_CHANGES: dict[str, Callable[[UserOrder, int], Fields]] = {
    "pending_new": lambda order, _: _everything(order),
    "new": _opened,
    "trade": _filled,
    "filled": _ended,
    "canceled": _ended,
    "expired": _ended,
    "amended": _amended,
    "status": _moved,
    "iceberg_refill": _refilled,
}
