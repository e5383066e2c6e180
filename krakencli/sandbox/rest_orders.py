"""Trading over REST (protocol notes, REST §6): its names become v2's, the answers have its own shapes."""

from __future__ import annotations

from collections.abc import Mapping

from krakencli.sandbox import order_form
from krakencli.sandbox.description import describe, rest
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.pairs import Pair
from krakencli.sandbox.times import whole
from krakencli.sandbox.trading.account import Account
from krakencli.sandbox.trading.order import UserOrder
from krakencli.sandbox.trading.refusal import PAIR, UNKNOWN, OrderRefusedError, invalid

Query = Mapping[str, str]


def add(exchange: Exchange, account: Account, query: Query) -> object:
    """`AddOrder`."""
    pair = find_pair(exchange, query)
    params = order_form.adding(exchange, pair, query)
    order = exchange.service.add(account, params)
    told = {"descr": order_form.words(exchange, pair, params, order)}
    return told if order is None else {**told, "txid": [order.order_id]}


def amend(exchange: Exchange, account: Account, query: Query) -> object:
    """`AmendOrder`, whose parameters have v2's names."""
    names = ("order_qty", "limit_price", "display_qty", "trigger_price")
    params = order_form.amending(query, {name: name for name in names})
    return {"amend_id": exchange.service.amend(account, _named(account, query), params)}


def edit(exchange: Exchange, account: Account, query: Query) -> object:
    """`EditOrder`: the answer tells of the new order and of the old one."""
    pair, old = find_pair(exchange, query), account.find(query.get("txid", ""))
    changed = order_form.editing(exchange, pair, query, old)
    order = exchange.service.edit(account, old, changed)
    if order is None or old is None:
        return {"status": "ok", "originaltxid": query.get("txid", "")}
    words = describe(order, rest(pair))
    return {
        "status": "ok",
        "txid": order.order_id,
        "originaltxid": old.order_id,
        "volume": pair.qty_text(order.qty),
        "price": words.price,
        "price2": words.price2,
        "orders_cancelled": 1,
        "descr": {"order": words.words},
    }


def cancel(exchange: Exchange, account: Account, query: Query) -> object:
    """`CancelOrder`: by id, by own id, or all with a tag."""
    named = query.get("txid", "")
    if named.isascii() and named.isdigit():
        orders = account.tagged(int(named))
        if not orders:
            raise OrderRefusedError(UNKNOWN)
        for order in orders:
            exchange.service.cancel(account, order)
        return {"count": len(orders)}
    exchange.service.cancel(account, _named(account, query))
    return {"count": 1}


def cancel_all(exchange: Exchange, account: Account, _: Query) -> object:
    """`CancelAll`."""
    return {"count": exchange.service.cancel_all(account)}


def cancel_all_after(exchange: Exchange, account: Account, query: Query) -> object:
    """`CancelAllOrdersAfter`."""
    given = query.get("timeout", "")
    timeout = int(given) if given.isascii() and given.isdigit() else None
    when = exchange.service.cancel_all_after(account, timeout)
    return {"currentTime": whole(exchange.now()), "triggerTime": "0" if when is None else whole(when)}


def find_pair(exchange: Exchange, query: Query) -> Pair:
    """The pair of an order. Raises OrderRefusedError for one that is not listed."""
    pair = exchange.listing.find(query.get("pair", ""))
    if pair is None:
        raise OrderRefusedError(PAIR)
    return pair


def _named(account: Account, query: Query) -> UserOrder | None:
    if query.get("cl_ord_id"):
        return account.find(cl_ord_id=query["cl_ord_id"])
    if not query.get("txid"):
        raise invalid("txid")
    return account.find(query["txid"])
