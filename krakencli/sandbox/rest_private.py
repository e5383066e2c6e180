"""REST's private calls: who calls, how often, and which call it is (protocol notes, REST §2, §3 and §5).

Key, signature and nonce are looked at first, then the call counter, then the right; parameters come last. The
calls themselves stand here, in `rest_history`, in `rest_orders` and in `rest_batch`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from krakencli.sandbox import rest_batch, rest_history, rest_orders
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.numbers import text
from krakencli.sandbox.rest_text import dump
from krakencli.sandbox.settings import RIGHTS
from krakencli.sandbox.tokens import LIFETIME
from krakencli.sandbox.trading.account import Account
from krakencli.sandbox.trading.refusal import OrderRefusedError

Query = Mapping[str, str]

PREFIX = "/0/private/"
_SECRETS = {"token", "otp"}


class PrivateCall(NamedTuple):
    """One of the calls: what it adds to the caller's counter, which of the rights suffice, and its answer.

    With no rights named every key may call it.
    """

    cost: int
    rights: tuple[str, ...]
    answer: Callable[[Exchange, Account, Query], object]


def handle(exchange: Exchange, path: str, headers: Mapping[str, str], body: bytes) -> tuple[str | None, str]:
    """The error or the text of the result."""
    refusal = exchange.desk.refusal(path, headers, body)
    if refusal is not None:
        return refusal, ""
    account = exchange.desk.caller(headers)
    call = CALLS.get(path.removeprefix(PREFIX))
    if account is None or call is None:
        return "EGeneral:Unknown method", ""
    halves = 2 * call.cost
    if not account.calls.would_fit(halves, exchange.now()):
        return "EAPI:Rate limit exceeded", ""
    account.calls.spend(halves, exchange.now())
    try:
        if call.rights:
            account.need(*call.rights)
        return None, dump(call.answer(exchange, account, parameters(headers, body)))
    except OrderRefusedError as error:
        return str(error), ""


def parameters(headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    """The parameters of a form-encoded or JSON body, all as text; empty for what is neither."""
    try:
        if "json" in headers.get("Content-Type", ""):
            document = json.loads(body, parse_float=Decimal)
            return {name: _plain(value) for name, value in _flat(document) if value is not None}
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    except (ValueError, AttributeError):
        return {}


def masked(query: Query) -> dict[str, str]:
    """Parameters as a log may tell them."""
    return {name: "***" if name in _SECRETS else value for name, value in query.items()}


def _flat(document: dict[str, Any], around: str = "") -> Iterator[tuple[str, Any]]:
    """The fields of a JSON body under the names that forms give to nested ones: `orders[0][price]`."""
    for name, value in document.items():
        path = f"{around}[{name}]" if around else name
        if isinstance(value, list) and any(isinstance(one, dict) for one in value):
            value = {str(place): one for place, one in enumerate(value)}  # noqa: PLW2901
        if isinstance(value, dict):
            yield from _flat(value, path)
        else:
            yield path, value


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _token(exchange: Exchange, account: Account, _: Query) -> object:
    return {"token": exchange.desk.issue(exchange.now(), account), "expires": LIFETIME}


def _balance(exchange: Exchange, account: Account, _: Query) -> object:
    assets = exchange.listing.assets
    return {
        assets[name].internal: text(amount, assets[name].precision)
        for name, amount in sorted(account.balances.items())
    }


def _extended_balance(exchange: Exchange, account: Account, _: Query) -> object:
    assets = exchange.listing.assets
    return {
        assets[name].internal: {
            "balance": text(amount, assets[name].precision),
            "hold_trade": text(account.holds.get(name, 0), assets[name].precision),
        }
        for name, amount in sorted(account.balances.items())
    }


def _key_info(_: Exchange, account: Account, __: Query) -> object:
    """The key's own settings, as far as a key of the sandbox has any."""
    return {
        "apiKeyName": account.user,
        "permissions": [_PERMISSIONS[right] for right in RIGHTS if right in account.rights],
    }


# The notes have no list of these names; they are the ones of the exchange's own form for keys.
_PERMISSIONS = {
    "funds": "query-funds",
    "open-orders": "query-open-trades",
    "closed-orders": "query-closed-trades",
    "trade": "modify-trades",
    "cancel": "close-trades",
    "websocket": "access-websockets",
}

_OPEN, _CLOSED, _EITHER = ("open-orders",), ("closed-orders",), ("open-orders", "closed-orders")
_TRADE, _CANCEL = ("trade",), ("cancel", "trade")

CALLS: dict[str, PrivateCall] = {
    "GetApiKeyInfo": PrivateCall(1, (), _key_info),
    "GetWebSocketsToken": PrivateCall(1, ("websocket",), _token),
    "Balance": PrivateCall(1, ("funds",), _balance),
    "BalanceEx": PrivateCall(1, ("funds",), _extended_balance),
    "OpenOrders": PrivateCall(1, _OPEN, rest_history.open_orders),
    "ClosedOrders": PrivateCall(1, _CLOSED, rest_history.closed_orders),
    "QueryOrders": PrivateCall(1, _EITHER, rest_history.query_orders),
    "TradesHistory": PrivateCall(2, _CLOSED, rest_history.trades_history),
    "QueryTrades": PrivateCall(1, _CLOSED, rest_history.query_trades),
    "AddOrder": PrivateCall(0, _TRADE, rest_orders.add),
    "AddOrderBatch": PrivateCall(0, _TRADE, rest_batch.add_batch),
    "AmendOrder": PrivateCall(0, _TRADE, rest_orders.amend),
    "EditOrder": PrivateCall(0, _TRADE, rest_orders.edit),
    "CancelOrder": PrivateCall(0, _CANCEL, rest_orders.cancel),
    "CancelOrderBatch": PrivateCall(0, _CANCEL, rest_batch.cancel_batch),
    "CancelAll": PrivateCall(0, _CANCEL, rest_orders.cancel_all),
    "CancelAllOrdersAfter": PrivateCall(0, _CANCEL, rest_orders.cancel_all_after),
}
