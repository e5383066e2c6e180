"""Trading over REST (protocol notes, REST §6): its names become v2's, the answers have its own shapes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.pairs import Pair
from krakencli.sandbox.rest_history import describe, description, is_true
from krakencli.sandbox.times import SECOND, micro, whole
from krakencli.sandbox.trading.account import Account
from krakencli.sandbox.trading.asks import read_ask
from krakencli.sandbox.trading.order import STOPS, UserOrder
from krakencli.sandbox.trading.refusal import PAIR, UNKNOWN, OrderRefusedError, invalid

Query = Mapping[str, str]

_TEXTS = {
    "type": "side",
    "ordertype": "order_type",
    "timeinforce": "time_in_force",
    "cl_ord_id": "cl_ord_id",
    "deadline": "deadline",
}
_FLAGS = {"post": "post_only", "nompp": "no_mpp"}


def add(exchange: Exchange, account: Account, query: Query) -> object:
    """`AddOrder`."""
    pair = find_pair(exchange, query)
    params = {"symbol": pair.symbol, **read_order(exchange, query)}
    order = exchange.service.add(account, params)
    if order is None:
        ask = read_ask(params, pair, exchange.now())
        words = description(ask, ask.qty, ask.limit, ask.trigger)
        return {"descr": {"order": words["order"]}}
    return {"descr": {"order": describe(order)["order"]}, "txid": [order.order_id]}


def amend(exchange: Exchange, account: Account, query: Query) -> object:
    """`AmendOrder`, whose parameters have v2's names."""
    names = ("order_qty", "limit_price", "display_qty", "trigger_price")
    params: dict[str, Any] = {name: _decimal(query, name) for name in names if query.get(name)}
    params |= {"deadline": query["deadline"]} if "deadline" in query else {}
    params |= {"post_only": is_true(query, "post_only")} if "post_only" in query else {}
    return {"amend_id": exchange.service.amend(account, _named(account, query), params)}


def edit(exchange: Exchange, account: Account, query: Query) -> object:
    """`EditOrder`: the answer tells of the new order and of the old one."""
    pair, old = find_pair(exchange, query), account.find(query.get("txid", ""))
    changed = read_order(exchange, query, old.ask.kind if old else "")
    order = exchange.service.edit(account, old, {"symbol": pair.symbol, **changed})
    if order is None or old is None:
        return {"status": "ok", "originaltxid": query.get("txid", "")}
    words = describe(order)
    return {
        "status": "ok",
        "txid": order.order_id,
        "originaltxid": old.order_id,
        "volume": pair.qty_text(order.qty),
        "price": words["price"],
        "price2": words["price2"],
        "orders_cancelled": 1,
        "descr": {"order": words["order"]},
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


def read_order(exchange: Exchange, query: Query, kind: str = "") -> dict[str, Any]:
    """The order's parameters in v2's names and types; `kind` is that of an order that is edited.

    Raises OrderRefusedError.
    """
    params: dict[str, Any] = {name: query[rest] for rest, name in _TEXTS.items() if query.get(rest)}
    kind = params.get("order_type", kind)
    if kind in STOPS:
        params |= _stop(query)
    elif query.get("price"):
        params["limit_price"] = _decimal(query, "price")
    params |= {
        name: _decimal(query, rest)
        for rest, name in (("volume", "order_qty"), ("displayvol", "display_qty"))
        if query.get(rest)
    }
    if query.get("userref"):
        params["order_userref"] = _integer(query, "userref")
    if query.get("stptype"):
        params["stp_type"] = query["stptype"].replace("-", "_")
    params |= _flags(query) | _times(exchange, query)
    if "viqc" in query.get("oflags", "").split(","):
        params["cash_order_qty"] = params.pop("order_qty", None)
    return params


def _stop(query: Query) -> dict[str, Any]:
    """The trigger in `price`, the limit in `price2`; with a sign they are distances, with `%` in percent."""
    params: dict[str, Any] = {}
    if query.get("price"):
        value, kind = _relative(query, "price")
        params["triggers"] = {"price": value, "price_type": kind, "reference": query.get("trigger", "last")}
    if query.get("price2"):
        params["limit_price"], params["limit_price_type"] = _relative(query, "price2")
    return params


def _relative(query: Query, name: str) -> tuple[Decimal | None, str]:
    given = query[name]
    kind = "pct" if given.endswith("%") else "quote" if given[0] in "+-" else "static"
    value = _decimal({name: given.removesuffix("%").lstrip("+-")}, name)
    return (-value if value is not None and given[0] == "-" else value), kind


def _flags(query: Query) -> dict[str, Any]:
    flags = [flag for flag in query.get("oflags", "").split(",") if flag]
    params: dict[str, Any] = {_FLAGS[flag]: True for flag in flags if flag in _FLAGS}
    if "fcib" in flags:
        params["fee_preference"] = "base"
    if query.get("leverage", "none") not in {"none", "0", ""}:
        params["margin"] = True
    for name in ("reduce_only", "validate"):
        if is_true(query, name):
            params[name] = True
    if any(name.startswith("close[") for name in query):
        params["conditional"] = {}
    return params


def _times(exchange: Exchange, query: Query) -> dict[str, Any]:
    """`starttm` and `expiretm`: unix seconds, or seconds from now after a plus."""
    params: dict[str, Any] = {}
    for rest, name in (("starttm", "effective_time"), ("expiretm", "expire_time")):
        given = query.get(rest, "0")
        digits = given.removeprefix("+")
        if not (digits.isascii() and digits.isdigit()):
            raise invalid(rest)
        if int(digits):
            params[name] = micro(int(digits) * SECOND + (exchange.now() if given[0] == "+" else 0))
    return params


def _decimal(query: Query, name: str) -> Decimal | None:
    given = query.get(name, "")
    if not given:
        return None
    if not given.replace(".", "", 1).isdigit() or not given.isascii():
        raise invalid(name)
    return Decimal(given)


def _integer(query: Query, name: str) -> int:
    try:
        return int(query[name])
    except ValueError:
        raise invalid(name) from None
