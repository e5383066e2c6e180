"""Several orders in one REST call: `AddOrderBatch` and `CancelOrderBatch`.

They are the socket's batch_add and batch_cancel (protocol notes v2 §12.6 and §12.7) with REST's names; the
answers have the shape that python-kraken-sdk and ccxt read.
"""

from __future__ import annotations

from collections.abc import Mapping

from krakencli.sandbox import order_form
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.order_form import is_true
from krakencli.sandbox.rest_orders import find_pair
from krakencli.sandbox.trading.account import Account
from krakencli.sandbox.trading.order import UserOrder
from krakencli.sandbox.trading.refusal import OrderRefusedError, invalid

Query = Mapping[str, str]

_MOST_CANCELLED = 50


def add_batch(exchange: Exchange, account: Account, query: Query) -> object:
    """`AddOrderBatch`: a row for each order, in the order of the request."""
    pair = find_pair(exchange, query)
    orders = [order_form.adding(exchange, pair, one) for one in listed(query, "orders")]
    shared = {"symbol": pair.symbol, "validate": is_true(query, "validate")}
    if query.get("deadline"):
        shared["deadline"] = query["deadline"]
    rows = exchange.service.add_batch(account, shared, orders)
    if shared["validate"]:
        words = [order_form.words(exchange, pair, order, None) for order in orders]
        return {"orders": [{"descr": one} for one in words]}
    return {"orders": [_row(exchange, row) for row in rows]}


def cancel_batch(exchange: Exchange, account: Account, query: Query) -> object:
    """`CancelOrderBatch`: by ids, tags and own ids; tells how many were cancelled."""
    named = [one for one in query.get("orders", "").split(",") if one]
    own = [one for one in query.get("cl_ord_ids", "").split(",") if one]
    if not 0 < len(named) + len(own) <= _MOST_CANCELLED:
        raise invalid("orders")
    found: list[UserOrder | None] = [account.find(cl_ord_id=one) for one in own]
    for one in named:
        found += account.tagged(int(one)) if one.isascii() and one.isdigit() else [account.find(one)]
    return {"count": exchange.service.cancel_batch(account, found)}


def listed(query: Query, name: str) -> list[dict[str, str]]:
    """The objects of a list, whose fields are named `name[0][field]` as forms spell it."""
    found: dict[int, dict[str, str]] = {}
    for key, value in query.items():
        if not key.startswith(f"{name}["):
            continue
        place, bracket, field = key.removeprefix(f"{name}[").partition("][")
        if not (bracket and place.isascii() and place.isdigit()):
            raise invalid(name)
        head, _, rest = field.partition("]")
        found.setdefault(int(place), {})[head + rest] = value
    return [found[place] for place in sorted(found)]


def _row(exchange: Exchange, row: UserOrder | OrderRefusedError | None) -> dict[str, object]:
    if not isinstance(row, UserOrder):
        return {"error": str(row)}
    return {"txid": row.order_id, "descr": order_form.words(exchange, row.pair, {}, row)}
