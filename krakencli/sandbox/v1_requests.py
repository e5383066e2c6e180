"""The fields of v1's trading requests: which there are, and of which type (protocol notes v1 §8).

The notes have no words for a field that there is not, or one of another type: it is refused like a value
that cannot be. What only REST has (icebergs, fill or kill, a trigger's reference) cannot be.
"""

from __future__ import annotations

from krakencli.sandbox.order_form import Query
from krakencli.sandbox.trading.refusal import invalid
from krakencli.sandbox.v1_params import Request

_ORDER = ("pair", "volume", "price", "price2", "oflags", "validate")
_KNOWN: dict[str, tuple[str, ...]] = {
    "addOrder": (
        *_ORDER,
        "ordertype",
        "type",
        "leverage",
        "margin",
        "reduce_only",
        "starttm",
        "expiretm",
        "deadline",
        "cl_ord_id",
        "userref",
        "timeinforce",
        "close[ordertype]",
        "close[price]",
        "close[price2]",
        "stp_type",
        "sender_sub_id",
    ),
    "editOrder": (*_ORDER, "orderid", "newuserref"),
    "amendOrder": (
        "txid",
        "cl_ord_id",
        "volume",
        "display_volume",
        "limit_price",
        "trigger_price",
        "post_only",
        "pair",
        "deadline",
    ),
    "cancelOrder": ("txid", "cl_ord_id"),
    "cancelAll": (),
    "cancelAllOrdersAfter": ("timeout",),
}
_ALWAYS = ("event", "token", "reqid")
_FLAGS = ("margin", "reduce_only", "post_only", "validate")
_LISTS = ("txid", "cl_ord_id")
_ABSENT = {"ordertype": "iceberg", "timeinforce": "fok"}


def check(request: Request) -> None:
    """Raises OrderRefusedError for a field that the request has not, or one of another type."""
    event = request["event"]
    for name, value in request.items():
        if name in _ALWAYS or name == "timeout" or (event == "cancelOrder" and name in _LISTS):
            continue
        if name not in _KNOWN[event] or not _is_fit(name, value):
            raise invalid(name)


def form(request: Request) -> Query:
    """A checked request as the form that REST would have of it: text only, and REST's names."""
    names = {"stp_type": "stptype"}
    return {
        names.get(name, name): str(value).lower() if isinstance(value, bool) else value
        for name, value in request.items()
        if name not in _ALWAYS
    }


def _is_fit(name: str, value: object) -> bool:
    """Everything is text; a flag may be a boolean or its name."""
    if name in _FLAGS:
        return isinstance(value, bool) or value in ("true", "false")
    return isinstance(value, str) and _ABSENT.get(name) != value.lower()
