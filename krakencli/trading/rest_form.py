"""A request in REST's words, and REST's answer in those of the socket (protocol notes REST §6). Pure.

REST writes an offset as a price with a sign, a percentage with `%` behind it, and calls the limit price of a
triggered order `price2`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from krakencli.errors import UsageError
from krakencli.protocol.trading import Answer, Param
from krakencli.trading.offered import TRAILING, TRIGGERED
from krakencli.trading.request import Request

Fields = dict[str, str | int | bool | None]

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
    txid = told.get("txid")
    order_id = txid[0] if isinstance(txid, list) and txid else txid
    count = told.get("count")
    names: dict[str, Any] = {
        "order_id": order_id,
        "original_order_id": told.get("originaltxid"),
        "amend_id": told.get("amend_id"),
        "cl_ord_id": told.get("cl_ord_id"),
        "currentTime": told.get("currentTime"),
        "triggerTime": told.get("triggerTime"),
    }
    count = count if type(count) is int else None
    done = {name: value for name, value in names.items() if isinstance(value, str)}
    if method == "cancel_order" and not count:
        return Answer(success=False, error="EOrder:Unknown order")
    return Answer(success=True, result=done, count=count)


def _add(params: Mapping[str, Any], pair: str, _order_type: str | None) -> Fields:
    kind = params["order_type"]
    price, price2 = _prices(params, kind)
    flags = _flags(params)
    return {
        "ordertype": kind,
        "type": params["side"],
        "volume": params.get("order_qty", params.get("cash_order_qty")),
        "displayvol": params.get("display_qty"),
        "pair": pair,
        "price": price,
        "price2": price2,
        "trigger": _trigger(params).get("reference"),
        "oflags": ",".join(flags) or None,
        "timeinforce": str(params["time_in_force"]).upper() if "time_in_force" in params else None,
        "starttm": _unix(params.get("effective_time")),
        "expiretm": _unix(params.get("expire_time")),
        "deadline": params["deadline"],
        "cl_ord_id": params.get("cl_ord_id"),
        "userref": params.get("order_userref"),
        "reduce_only": params.get("reduce_only"),
        "stptype": str(params["stp_type"]).replace("_", "-") if "stp_type" in params else None,
        "validate": params.get("validate"),
        **_closing(params.get("conditional", {})),
    }


def _amend(params: Mapping[str, Any], pair: str, _order_type: str | None) -> Fields:
    limit_type = params.get("limit_price_type")
    return {
        "txid": params.get("order_id"),
        "cl_ord_id": params.get("cl_ord_id"),
        "order_qty": params.get("order_qty"),
        "display_qty": params.get("display_qty"),
        "limit_price": _price(params.get("limit_price"), limit_type),
        "trigger_price": _price(params.get("trigger_price"), params.get("trigger_price_type")),
        "pair": pair if "symbol" in params else None,
        "post_only": params.get("post_only"),
        "deadline": params["deadline"],
    }


def _edit(params: Mapping[str, Any], pair: str, order_type: str | None) -> Fields:
    price, price2 = _prices(params, order_type or ("stop-loss-limit" if _trigger(params) else "limit"))
    return {
        "txid": params["order_id"],
        "userref": params.get("order_userref"),
        "volume": params.get("order_qty"),
        "displayvol": params.get("display_qty"),
        "pair": pair,
        "price": price,
        "price2": price2,
        "oflags": ",".join(_flags(params)) or None,
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


def _prices(params: Mapping[str, Any], kind: str) -> tuple[str | None, str | None]:
    """`price` and `price2`."""
    trigger = _trigger(params)
    limit_type = params.get("limit_price_type", "quote" if kind == "trailing-stop-limit" else None)
    limit = _price(params.get("limit_price"), limit_type)
    if kind not in TRIGGERED:
        return limit, None
    return _price(trigger.get("price"), _offset(kind, trigger.get("price_type"))), limit


def _offset(kind: str, price_type: str | None) -> str | None:
    """A trailing order's trigger is a distance, whatever it is called."""
    return "quote" if kind in TRAILING and price_type in (None, "static") else price_type


def _price(text: Param | None, price_type: str | None) -> str | None:
    if text is None or price_type in (None, "static"):
        return None if text is None else str(text)
    signed = str(text) if str(text).startswith("-") else f"+{text}"
    return f"{signed}%" if price_type == "pct" else signed


def _trigger(params: Mapping[str, Any]) -> Mapping[str, Any]:
    triggers: Mapping[str, Any] = params.get("triggers", {})
    return triggers


def _flags(params: Mapping[str, Any]) -> list[str]:
    fees = {"base": "fcib", "quote": "fciq"}
    return [
        *(["post"] if params.get("post_only") else []),
        *([fees[params["fee_preference"]]] if "fee_preference" in params else []),
        *(["viqc"] if "cash_order_qty" in params else []),
    ]


def _closing(closing: Mapping[str, Any]) -> Fields:
    if not closing:
        return {}
    limit = _price(closing.get("limit_price"), closing.get("limit_price_type"))
    kind = _offset(closing["order_type"], closing.get("trigger_price_type"))
    trigger = _price(closing.get("trigger_price"), kind)
    price, price2 = (trigger, limit) if closing["order_type"] in TRIGGERED else (limit, None)
    return {"close[ordertype]": closing["order_type"], "close[price]": price, "close[price2]": price2}


def _unix(text: str | None) -> int | None:
    return None if text is None else int(datetime.fromisoformat(text).timestamp())
