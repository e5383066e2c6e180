"""v1's trading requests: from the fields of a request to those of each answer (protocol notes v1 §8).

An answer only says whether the request was accepted; what happens to orders is told by `openOrders`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from krakencli.sandbox import order_form
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.order_form import Query
from krakencli.sandbox.pairs import Pair
from krakencli.sandbox.times import SECOND, whole
from krakencli.sandbox.trading.account import Account
from krakencli.sandbox.trading.order import UserOrder
from krakencli.sandbox.trading.refusal import PAIR, OrderRefusedError, invalid
from krakencli.sandbox.v1_params import Request
from krakencli.sandbox.v1_requests import check, form

Fields = dict[str, Any]
Handler = Callable[[Exchange, Account, Request], Iterable[Fields]]
"""Carries a trading request out: the fields of each answer but event, status and reqid. With `errorMessage`
the status is error.
"""

_AMENDED = {
    "volume": "order_qty",
    "display_volume": "display_qty",
    "limit_price": "limit_price",
    "trigger_price": "trigger_price",
}


def _add(exchange: Exchange, account: Account, request: Request) -> Iterator[Fields]:
    """What is only checked has no txid."""
    query = form(request)
    pair = _pair(exchange, query)
    params = order_form.adding(exchange, pair, query)
    order = exchange.service.add(account, params)
    told = {"descr": order_form.words(exchange, pair, params, order)["order"]}
    yield told if order is None else {**told, "txid": order.order_id}


def _edit(exchange: Exchange, account: Account, request: Request) -> Iterator[Fields]:
    query = form(request)
    pair, named = _pair(exchange, query), query.get("orderid", "")
    found = _by_id(account, named)
    if len(found) > 1:
        raise invalid("orderid")
    old = found[0] if found else None
    params = order_form.editing(exchange, pair, {**query, "userref": query.get("newuserref", "")}, old)
    order = exchange.service.edit(account, old, params)
    told = {"descr": _changes(query, pair), "originaltxid": old.order_id if old else named}
    yield told if order is None else {**told, "txid": order.order_id}


def _changes(query: Query, pair: Pair) -> str:
    """`order edited price = 141.00`: recorded of a price, and told alike of the others."""
    digits = {"volume": pair.qty_precision, "price": pair.price_precision, "price2": pair.price_precision}
    told = [f"{name} = {_padded(query[name], count)}" for name, count in digits.items() if query.get(name)]
    return f"order edited {', '.join(told)}".rstrip()


def _padded(given: str, digits: int) -> str:
    """A decimal with so many digits; a distance as it came."""
    whole_, _, fraction = given.partition(".")
    return f"{whole_}.{fraction.ljust(digits, '0')}" if digits and given[-1].isdigit() else given


def _amend(exchange: Exchange, account: Account, request: Request) -> Iterator[Fields]:
    query = form(request)
    names = [name for name in ("txid", "cl_ord_id") if query.get(name)]
    if len(names) != 1:
        raise invalid("txid")
    (name,) = names
    own = name == "cl_ord_id"
    order = account.find(cl_ord_id=query[name]) if own else account.find(query[name])
    amend_id = exchange.service.amend(account, order, order_form.amending(query, _AMENDED))
    yield {"amend_id": amend_id, name: query[name]}


def _cancel(exchange: Exchange, account: Account, request: Request) -> Iterator[Fields]:
    """One answer for each order, be it found or not, and none says which one it is about."""
    wanted: list[UserOrder | None] = []
    for one in _listed(request, "txid"):
        wanted += _by_id(account, one) or [None]
    wanted += [account.find(cl_ord_id=one) for one in _listed(request, "cl_ord_id")]
    if not wanted:
        raise invalid("txid")
    for order in wanted:
        try:
            exchange.service.cancel(account, order)
        except OrderRefusedError as error:
            yield {"errorMessage": str(error)}
        else:
            yield {}


def _cancel_all(exchange: Exchange, account: Account, _: Request) -> Iterator[Fields]:
    yield {"count": exchange.service.cancel_all(account)}


def _cancel_after(exchange: Exchange, account: Account, request: Request) -> Iterator[Fields]:
    when = exchange.service.cancel_all_after(account, request.get("timeout"))
    trigger = "0" if when is None else _rounded_up(when)
    yield {"currentTime": _rounded_up(exchange.now()), "triggerTime": trigger}


def _rounded_up(ns: int) -> str:
    return whole(ns + SECOND - 1)


def _pair(exchange: Exchange, query: Query) -> Pair:
    """By its wsname only, as in subscriptions."""
    pair = exchange.listing.find(query.get("pair", ""))
    if pair is None or pair.wsname != query["pair"]:
        raise OrderRefusedError(PAIR)
    return pair


def _by_id(account: Account, named: str) -> list[UserOrder]:
    """The open orders that an id or a userref names."""
    if named.isascii() and named.isdigit():
        return account.tagged(int(named))
    order = account.find(named)
    return [] if order is None else [order]


def _listed(request: Request, name: str) -> list[str]:
    """An array of ids; a userref may be a number, too."""
    values = request.get(name, [])
    if not isinstance(values, list) or not all(type(one) in {str, int} for one in values):
        raise invalid(name)
    return [str(one) for one in values]


def _answering(act: Handler) -> Handler:
    """What the exchange refuses is an answer as well."""

    def handler(exchange: Exchange, account: Account, request: Request) -> Iterator[Fields]:
        try:
            check(request)
            yield from act(exchange, account, request)
        except OrderRefusedError as error:
            yield {"errorMessage": str(error)}

    return handler


HANDLERS: dict[str, Handler] = {
    "addOrder": _answering(_add),
    "editOrder": _answering(_edit),
    "amendOrder": _answering(_amend),
    "cancelOrder": _answering(_cancel),
    "cancelAll": _answering(_cancel_all),
    "cancelAllOrdersAfter": _answering(_cancel_after),
}
