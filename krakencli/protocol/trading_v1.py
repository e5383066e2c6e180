"""Trading over API v1: requests in its own words, its answers in v2's (protocol notes v1 §8, §9). Sans I/O.

    add_order {"order_type":"limit",...}                    ->  {"event":"addOrder","ordertype":"limit",...}
    {"event":"addOrderStatus","status":"ok","txid":"O..."}  ->  Answer(True, result={"order_id":"O..."})

Numbers go as strings, with the digits that they were given. What v1 has no words for must be refused before
it comes here (`trading.offered_v1`): it would be left out.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from krakencli.protocol import order_form
from krakencli.protocol.order_form import Fields, Given
from krakencli.protocol.trading import NO_REASON, Answer, Params
from krakencli.protocol.v1 import Codec, request_number
from krakencli.symbols import classic

EVENTS = {
    "add_order": "addOrder",
    "amend_order": "amendOrder",
    "edit_order": "editOrder",
    "cancel_order": "cancelOrder",
    "cancel_all": "cancelAll",
    "cancel_all_orders_after": "cancelAllOrdersAfter",
}
"""What can be asked, and v1's name of it."""

_NEWS = ("", "pong", "heartbeat", "systemStatus")
_COMPLAINTS = ("error", "subscriptionStatus")
"""What refuses a request instead of its own status. An event that v1 does not know is refused like a
subscription (§10).
"""


@dataclass(frozen=True, slots=True)
class TradingV1:
    """A `TradingDialect`. `edited` is the type of the order which is edited, as far as it is known: that
    decides what a price is.
    """

    edited: str | None = None

    def request(self, method: str, params: Params, req_id: int, token: str) -> bytes:
        """One request frame, its keys in alphabetical order as in v1's own. KeyError for what v1 has not."""
        fields = {name: one for name, one in _FIELDS[method](params, self.edited).items() if one is not None}
        fields |= {"event": EVENTS[method], "reqid": req_id, "token": token}
        return msgspec.json.encode({name: _value(fields[name]) for name in sorted(fields)})

    def read(self, frame: bytes, method: str, req_id: int) -> Answer | None:
        """What a frame answers to the request of this method and number; None where it does not.

        A status or a complaint without a number answers the only request that is under way.
        """
        event = _event(frame)
        kind = event.get("event", "error" if "Error" in event else "")
        number = request_number(event)
        if kind in _NEWS or number not in (None, req_id):
            return None
        if number is None and kind not in (f"{EVENTS[method]}Status", *_COMPLAINTS):
            return None
        success, count = event.get("status") == "ok", event.get("count")
        words = event.get("errorMessage") or event.get("Error") or NO_REASON
        return Answer(
            success,
            "" if success else str(words),
            order_form.result(event),
            count=count if type(count) is int else None,
        )

    def ping(self, req_id: int) -> bytes:
        """Keeps a connection from being closed for idleness (§3)."""
        return Codec().ping(req_id)


def _event(frame: bytes) -> dict[str, Any]:
    """The object that a frame is; an empty one where it is something else."""
    try:
        event = json.loads(frame, parse_float=str)
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


def _value(value: Any) -> Any:
    """As the encoder takes it, which knows no kinds of text."""
    return str(value) if isinstance(value, str) else value


def _add(params: Given, _edited: str | None) -> Fields:
    fields = order_form.adding(params)
    return {
        **fields,
        "pair": classic(params["symbol"]),
        "starttm": _string(fields["starttm"]),
        "expiretm": _string(fields["expiretm"]),
        "userref": _string(params.get("order_userref")),
        "margin": params.get("margin"),
        "stp_type": params.get("stp_type"),
        "sender_sub_id": params.get("sender_sub_id"),
        "validate": "true" if params.get("validate") else None,
    }


def _amend(params: Given, _edited: str | None) -> Fields:
    return {
        **order_form.amending(params),
        "volume": params.get("order_qty"),
        "display_volume": params.get("display_qty"),
        "pair": classic(params["symbol"]) if "symbol" in params else None,
    }


def _edit(params: Given, edited: str | None) -> Fields:
    """v1's editOrder has no deadline. A late one does no harm: the order that it names is there only once."""
    return {
        **order_form.editing(params, edited),
        "orderid": params["order_id"],
        "pair": classic(params["symbol"]),
        "newuserref": _string(params.get("order_userref")),
        "validate": "true" if params.get("validate") else None,
    }


def _cancel(params: Given, _edited: str | None) -> dict[str, Any]:
    """Userrefs go where ids would."""
    ids = [*params.get("order_id", ()), *map(str, params.get("order_userref", ()))]
    return {"txid": ids or None, "cl_ord_id": params.get("cl_ord_id")}


def _nothing(_params: Given, _edited: str | None) -> Fields:
    return {}


def _timer(params: Given, _edited: str | None) -> Fields:
    return {"timeout": params["timeout"]}


_FIELDS: dict[str, Callable[[Given, str | None], dict[str, Any]]] = {
    "add_order": _add,
    "amend_order": _amend,
    "edit_order": _edit,
    "cancel_order": _cancel,
    "cancel_all": _nothing,
    "cancel_all_orders_after": _timer,
}


def _string(number: int | str | bool | None) -> str | None:
    return None if number is None else str(number)
