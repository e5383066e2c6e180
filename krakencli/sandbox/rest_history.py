"""Orders and trades as REST tells them (protocol notes, REST §5): the newest first, fifty a page.

`start` is exclusive and `end` inclusive; both take unix seconds or an id, which stands for the time at which
that order was opened or that trade happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from krakencli.sandbox.decimals import units
from krakencli.sandbox.description import closing, describe, rest
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.numbers import text
from krakencli.sandbox.order_form import is_true
from krakencli.sandbox.pairs import Pair
from krakencli.sandbox.rest_text import moment
from krakencli.sandbox.trading.account import Account, OwnTrade
from krakencli.sandbox.trading.order import UserOrder
from krakencli.sandbox.trading.refusal import UNKNOWN, OrderRefusedError, invalid
from krakencli.sandbox.trading.taking import consolidated

Query = Mapping[str, str]
Item = TypeVar("Item", UserOrder, OwnTrade)

_PAGE = 50
_MOST_ORDERS, _MOST_TRADES = 50, 20
_PADDED = 5
_STATUS = {"filled": "closed", "canceled": "canceled", "expired": "expired"}


def open_orders(_: Exchange, account: Account, query: Query) -> object:
    """`OpenOrders`."""
    found = _filtered(account.open.values(), query)
    return {"open": {one.order_id: order_row(one, is_true(query, "trades")) for one in reversed(found)}}


def closed_orders(_: Exchange, account: Account, query: Query) -> object:
    """`ClosedOrders`."""
    by = query.get("closetime", "both")
    if by not in {"open", "close", "both"}:
        raise invalid("closetime")
    over = [one for one in account.orders.values() if not one.is_open]
    over.sort(key=lambda one: one.opened if by == "open" else one.closed, reverse=True)

    def times(order: UserOrder) -> tuple[int, ...]:
        return {"open": (order.opened,), "close": (order.closed,), "both": (order.opened, order.closed)}[by]

    known = {one.order_id: one.opened for one in account.orders.values()}
    found = _between(_filtered(over, query), query, times, known)
    rows = {one.order_id: order_row(one, is_true(query, "trades")) for one in _page(found, query)}
    return {"closed": rows, **_count(found, query)}


def query_orders(_: Exchange, account: Account, query: Query) -> object:
    """`QueryOrders`: open ones or closed ones, as far as the key may see them."""
    rows: dict[str, object] = {}
    for order_id in _ids(query, _MOST_ORDERS):
        order = account.orders.get(order_id)
        if order is None:
            raise OrderRefusedError(UNKNOWN)
        account.need("open-orders" if order.is_open else "closed-orders")
        rows[order_id] = order_row(order, is_true(query, "trades"))
    return rows


def trades_history(_: Exchange, account: Account, query: Query) -> object:
    """`TradesHistory`: the fills of a taker order are one trade unless each is wanted apart."""
    if query.get("type", "all") not in {
        "all",
        "any position",
        "closed position",
        "closing position",
        "no position",
    }:
        raise invalid("type")
    known = {one.exec_id: one.time for one in account.trades}
    apart = not is_true(query, "consolidate_taker", default=True)
    trades = account.trades if apart else consolidated(account.trades)
    found = _between(list(reversed(trades)), query, lambda one: (one.time,), known)
    rows = {one.exec_id: trade_row(one) for one in _page(found, query)}
    return {"trades": rows, **_count(found, query)}


def query_trades(_: Exchange, account: Account, query: Query) -> object:
    """`QueryTrades`."""
    known = {one.exec_id: one for one in account.trades}
    rows: dict[str, object] = {}
    for exec_id in _ids(query, _MOST_TRADES):
        if exec_id not in known:
            raise OrderRefusedError("EQuery:Unknown trade")
        rows[exec_id] = trade_row(known[exec_id])
    return rows


def order_row(order: UserOrder, with_trades: bool) -> dict[str, object]:
    """An order, as every call that tells of orders tells it."""
    pair, ask = order.pair, order.ask
    zero = text(0, _PADDED)
    row: dict[str, object] = {
        "refid": order.parent,
        "userref": ask.userref or 0,
        "status": _STATUS.get(order.status, "open"),
        "opentm": moment(order.opened),
        "starttm": 0,
        "expiretm": moment(ask.expires or 0),
        "descr": descr(order),
        "vol": pair.qty_text(order.qty),
        "vol_exec": pair.qty_text(order.cum_qty),
        "cost": text(order.cum_cost, pair.cost_precision),
        "fee": text(order.cum_fee, pair.cost_precision),
        "price": pair.price_text(order.average),
        "stopprice": _padded(pair, order.trigger or 0) if order.fired else zero,
        "limitprice": _padded(pair, order.limit or 0) if order.fired else zero,
        "misc": "amended" if order.amended else "",
        "oflags": ("fcib" if ask.in_base else "fciq") + (",post" if ask.post_only else ""),
    }
    if ask.cl_ord_id is not None:
        row["cl_ord_id"] = ask.cl_ord_id
    if order.trigger is not None:
        row["trigger"] = ask.reference
    if not order.is_open:
        row |= {"closetm": moment(order.closed), "reason": order.reason or None}
    if with_trades:
        row["trades"] = [one.exec_id for one in order.trades]
    return row


def descr(order: UserOrder) -> dict[str, object]:
    """What was asked for, in REST's names and in words."""
    price, price2, words = describe(order, rest(order.pair))
    return {
        "pair": order.pair.altname,
        "type": "buy" if order.ask.buy else "sell",
        "ordertype": order.ask.kind,
        "price": price,
        "price2": price2,
        "leverage": "none",
        "order": words,
        "close": "" if order.ask.close is None else closing(order.ask.close, rest(order.pair)).words,
    }


def trade_row(one: OwnTrade) -> dict[str, object]:
    """A trade, as every call that tells of trades tells it."""
    pair = one.order.pair
    return {
        "ordertxid": one.order.order_id,
        "postxid": f"TK{one.exec_id[2:]}",
        "pair": pair.internal,
        "time": moment(one.time),
        "type": "buy" if one.order.ask.buy else "sell",
        "ordertype": one.order.ask.kind,
        "price": _padded(pair, one.price),
        "cost": text(one.cost, pair.cost_precision),
        "fee": text(one.fee, pair.cost_precision),
        "vol": pair.qty_text(one.qty),
        "margin": text(0, _PADDED),
        "leverage": "0",
        "misc": "",
        "trade_id": one.trade_id,
        "maker": one.maker,
    }


def _padded(pair: Pair, price: int) -> str:
    places = max(pair.price_precision, _PADDED)
    return text(price * 10 ** (places - pair.price_precision), places)


def _filtered(orders: Iterable[UserOrder], query: Query) -> list[UserOrder]:
    found = list(orders)
    if "userref" in query:
        found = [one for one in found if str(one.ask.userref) == query["userref"]]
    if "cl_ord_id" in query:
        found = [one for one in found if one.ask.cl_ord_id == query["cl_ord_id"]]
    return found


def _between(
    items: list[Item], query: Query, times: Callable[[Item], tuple[int, ...]], known: Mapping[str, int]
) -> list[Item]:
    """Those of which one of the times lies after `start` and not after `end`."""
    start, end = _bound(query, "start", known), _bound(query, "end", known)
    return [
        one
        for one in items
        if any((start is None or start < time) and (end is None or time <= end) for time in times(one))
    ]


def _bound(query: Query, name: str, known: Mapping[str, int]) -> int | None:
    given = query.get(name, "")
    if not given:
        return None
    if given in known:
        return known[given]
    try:
        count = units(Decimal(given), 9)
    except InvalidOperation:
        count = None
    if count is None:
        raise invalid(name)
    return count


def _page(items: Sequence[Item], query: Query) -> Sequence[Item]:
    offset = query.get("ofs", "0") or "0"
    if not (offset.isascii() and offset.isdigit()):
        raise invalid("ofs")
    return items[int(offset) : int(offset) + _PAGE]


def _count(items: Sequence[Item], query: Query) -> dict[str, object]:
    return {} if is_true(query, "without_count") else {"count": len(items)}


def _ids(query: Query, most: int) -> list[str]:
    ids = [one for one in query.get("txid", "").split(",") if one]
    if not 0 < len(ids) <= most:
        raise invalid("txid")
    return ids
