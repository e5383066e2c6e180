"""A request in REST's words, and REST's answer in those of the socket (protocol notes REST §6). Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from krakencli.errors import UsageError
from krakencli.protocol import order_form
from krakencli.protocol.order_form import Fields
from krakencli.protocol.trading import Answer
from krakencli.trading.request import Request

METHODS = {
    "add_order": "AddOrder",
    "amend_order": "AmendOrder",
    "edit_order": "EditOrder",
    "cancel_order": "CancelOrder",
    "cancel_all": "CancelAll",
    "cancel_all_orders_after": "CancelAllOrdersAfter",
}
"""What can be asked over REST as well."""
_ONLY_ON_THE_SOCKET = ("margin", "sender_sub_id")


def form(request: Request, wall: float, pair: str, order_type: str | None = None) -> tuple[str, Fields]:
    """The REST method and its fields. `pair` is the name that REST knows, `order_type` that of the order
    which is edited, as far as it is known. Raises UsageError for what only the socket offers.
    """
    params = request.dated(wall)
    for name in _ONLY_ON_THE_SOCKET:
        if name in params:
            raise UsageError(f"REST has no {name}", suggestion="leave --via rest out")
    fields = _FORMS[request.method](params, pair, order_type)
    return METHODS[request.method], {name: value for name, value in fields.items() if value is not None}


def answer(method: str, result: Any) -> Answer:
    """What REST answered without an error, as the socket would have said it."""
    told: dict[str, Any] = result if isinstance(result, dict) else {}
    count = told.get("count")
    count = count if type(count) is int else None
    if method == "cancel_order" and not count:
        return Answer(success=False, error="EOrder:Unknown order")
    return Answer(success=True, result=order_form.result(told), count=count)


def _add(params: Mapping[str, Any], pair: str, _order_type: str | None) -> Fields:
    return {
        **order_form.adding(params),
        "displayvol": params.get("display_qty"),
        "pair": pair,
        "trigger": order_form.trigger(params).get("reference"),
        "userref": params.get("order_userref"),
        "stptype": str(params["stp_type"]).replace("_", "-") if "stp_type" in params else None,
        "validate": params.get("validate"),
    }


def _amend(params: Mapping[str, Any], pair: str, _order_type: str | None) -> Fields:
    return {
        **order_form.amending(params),
        "order_qty": params.get("order_qty"),
        "display_qty": params.get("display_qty"),
        "pair": pair if "symbol" in params else None,
    }


def _edit(params: Mapping[str, Any], pair: str, order_type: str | None) -> Fields:
    return {
        **order_form.editing(params, order_type),
        "txid": params["order_id"],
        "userref": params.get("order_userref"),
        "displayvol": params.get("display_qty"),
        "pair": pair,
        "deadline": params["deadline"],
        "validate": params.get("validate"),
    }


def _cancel(params: Mapping[str, Any], _pair: str, _order_type: str | None) -> Fields:
    """CancelOrder takes one order; a userref goes where an id would."""
    ((kind, (value, *_)),) = params.items()
    return {"cl_ord_id" if kind == "cl_ord_id" else "txid": value}


def _nothing(_params: Mapping[str, Any], _pair: str, _order_type: str | None) -> Fields:
    return {}


def _timer(params: Mapping[str, Any], _pair: str, _order_type: str | None) -> Fields:
    return {"timeout": params["timeout"]}


_FORMS: dict[str, Callable[[Mapping[str, Any], str, str | None], Fields]] = {
    "add_order": _add,
    "amend_order": _amend,
    "edit_order": _edit,
    "cancel_order": _cancel,
    "cancel_all": _nothing,
    "cancel_all_orders_after": _timer,
}
