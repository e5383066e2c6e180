"""v2's trading requests: from the checked parameters to the fields of each response (protocol notes v2 §12).

A response only says whether the request was accepted; what happens to orders is told by `executions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.times import whole
from krakencli.sandbox.trading.account import Account
from krakencli.sandbox.trading.order import UserOrder
from krakencli.sandbox.trading.refusal import OrderRefusedError, invalid
from krakencli.sandbox.v2_orders import check
from krakencli.sandbox.v2_params import Params

Fields = dict[str, Any]


def carry_out(exchange: Exchange, account: Account, method: str, params: Params) -> Iterator[Fields]:
    """The fields of each response, as the request is carried out. Raises RefusedError for parameters that
    cannot be.
    """
    check(method, params)
    try:
        yield from _METHODS[method](exchange, account, params)
    except OrderRefusedError as error:
        yield {"error": str(error), "success": False}


def _add(exchange: Exchange, account: Account, params: Params) -> Iterator[Fields]:
    order = exchange.service.add(account, params)
    yield _result({"order_id": order.order_id if order else "", **_own_id(params)})


def _amend(exchange: Exchange, account: Account, params: Params) -> Iterator[Fields]:
    name = _the_id(params)
    amend_id = exchange.service.amend(account, account.find(**{name: params[name]}), params)
    yield _result({"amend_id": amend_id, name: params[name]})


def _edit(exchange: Exchange, account: Account, params: Params) -> Iterator[Fields]:
    old = params.get("order_id", "")
    order = exchange.service.edit(account, account.find(old), params)
    yield _result({"order_id": order.order_id if order else "", "original_order_id": old})


def _cancel(exchange: Exchange, account: Account, params: Params) -> Iterator[Fields]:
    """One response for each order, be it found or not."""
    wanted: list[tuple[Fields, UserOrder | None]] = [
        ({name: value}, account.find(**{name: value}))
        for name in ("order_id", "cl_ord_id")
        for value in params.get(name, ())
    ]
    for tag in params.get("order_userref", ()):
        tagged = account.tagged(tag)
        wanted += [({"order_id": order.order_id}, order) for order in tagged] or [({}, None)]
    if not wanted:
        raise invalid("order_id")
    for named, order in wanted:
        try:
            exchange.service.cancel(account, order)
        except OrderRefusedError as error:
            yield {"error": str(error), "success": False}
        else:
            yield _result(named)


def _cancel_all(exchange: Exchange, account: Account, _: Params) -> Iterator[Fields]:
    yield _result({"count": exchange.service.cancel_all(account)})


def _cancel_after(exchange: Exchange, account: Account, params: Params) -> Iterator[Fields]:
    when = exchange.service.cancel_all_after(account, params.get("timeout"))
    yield _result({"currentTime": whole(exchange.now()), "triggerTime": "0" if when is None else whole(when)})


def _batch_add(exchange: Exchange, account: Account, params: Params) -> Iterator[Fields]:
    orders = params.get("orders", [])
    rows = exchange.service.add_batch(account, params, orders)
    yield _result([_row(row, order) for row, order in zip(rows, orders, strict=True)])


def _batch_cancel(exchange: Exchange, account: Account, params: Params) -> Iterator[Fields]:
    """The count stands at top level, as it was recorded."""
    named, own = params.get("orders", []), params.get("cl_ord_id", [])
    if not 2 <= len(named) + len(own) <= 50:
        raise invalid("orders")
    found: list[UserOrder | None] = [account.find(cl_ord_id=one) for one in own]
    for one in named:
        found += account.tagged(int(one)) if one.isascii() and one.isdigit() else [account.find(one)]
    yield {"orders_cancelled": exchange.service.cancel_batch(account, found), "success": True}


def _row(row: UserOrder | OrderRefusedError | None, order: Params) -> Fields:
    if isinstance(row, OrderRefusedError):
        return {**_own_id(order), "error": str(row)}
    return {"order_id": row.order_id if row else "", **_own_id(order)}


def _own_id(params: Params) -> Fields:
    return {name: params[name] for name in ("cl_ord_id", "order_userref") if name in params}


def _the_id(params: Params) -> str:
    named = [name for name in ("order_id", "cl_ord_id") if name in params]
    if len(named) != 1:
        raise invalid("order_id")
    return named[0]


def _result(result: object) -> Fields:
    return {"result": result, "success": True}


_METHODS: dict[str, Callable[[Exchange, Account, Params], Iterator[Fields]]] = {
    "add_order": _add,
    "amend_order": _amend,
    "edit_order": _edit,
    "cancel_order": _cancel,
    "cancel_all": _cancel_all,
    "cancel_all_orders_after": _cancel_after,
    "batch_add": _batch_add,
    "batch_cancel": _batch_cancel,
}
