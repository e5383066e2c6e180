"""An order in the older words, those that API v1 and REST share (protocol notes v1 §8, REST §6). Pure.

Parameters come as v2 names them. An offset is written as a price with a sign, a percentage with `%` behind
it, and the limit price of a triggered order is called `price2`. A field that is not given is None.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

TRAILING = ("trailing-stop", "trailing-stop-limit")
TRIGGERED = ("stop-loss", "stop-loss-limit", "take-profit", "take-profit-limit", *TRAILING)

Fields = dict[str, str | int | bool | None]
Given = Mapping[str, Any]

_NAMES = {
    "order_id": "txid",
    "original_order_id": "originaltxid",
    "amend_id": "amend_id",
    "cl_ord_id": "cl_ord_id",
    "currentTime": "currentTime",
    "triggerTime": "triggerTime",
}
"""What an answer tells: v2's name of it, and the older one."""


def adding(params: Given) -> Fields:
    """The fields of a new order that both take alike."""
    price, price2 = _prices(params, params["order_type"])
    return {
        "ordertype": params["order_type"],
        "type": params["side"],
        "volume": params.get("order_qty", params.get("cash_order_qty")),
        "price": price,
        "price2": price2,
        "oflags": _flags(params),
        "timeinforce": str(params["time_in_force"]).upper() if "time_in_force" in params else None,
        "starttm": _unix(params.get("effective_time")),
        "expiretm": _unix(params.get("expire_time")),
        "deadline": params.get("deadline"),
        "cl_ord_id": params.get("cl_ord_id"),
        "reduce_only": params.get("reduce_only"),
        **_closing(params.get("conditional", {})),
    }


def amending(params: Given) -> Fields:
    """The same of a change in place."""
    limit_type = params.get("limit_price_type")
    return {
        "txid": params.get("order_id"),
        "cl_ord_id": params.get("cl_ord_id"),
        "limit_price": _price(params.get("limit_price"), limit_type),
        "trigger_price": _price(params.get("trigger_price"), params.get("trigger_price_type")),
        "post_only": params.get("post_only"),
        "deadline": params.get("deadline"),
    }


def editing(params: Given, order_type: str | None) -> Fields:
    """The same of a replacement. `order_type` is that of the order which is edited, as far as it is known."""
    kind = order_type or ("stop-loss-limit" if trigger(params) else "limit")
    price, price2 = _prices(params, kind)
    return {
        "volume": params.get("order_qty"),
        "price": price,
        "price2": price2,
        "oflags": _flags(params),
    }


def result(told: Given) -> dict[str, Any]:
    """What an answer tells, in v2's words. An id is text or, with REST, a list of one."""
    values = {name: told.get(older) for name, older in _NAMES.items()}
    first = {name: one[0] if isinstance(one, list) and one else one for name, one in values.items()}
    return {name: one for name, one in first.items() if isinstance(one, str)}


def trigger(params: Given) -> Given:
    """The triggers of an order; empty where it has none."""
    triggers: Given = params.get("triggers", {})
    return triggers


def _prices(params: Given, kind: str) -> tuple[str | None, str | None]:
    """`price` and `price2`."""
    triggers = trigger(params)
    limit_type = params.get("limit_price_type", "quote" if kind == "trailing-stop-limit" else None)
    limit = _price(params.get("limit_price"), limit_type)
    if kind not in TRIGGERED:
        return limit, None
    return _price(triggers.get("price"), _offset(kind, triggers.get("price_type"))), limit


def _offset(kind: str, price_type: str | None) -> str | None:
    """A trailing order's trigger is a distance, whatever it is called."""
    return "quote" if kind in TRAILING and price_type in (None, "static") else price_type


def _price(text: str | None, price_type: str | None) -> str | None:
    if text is None or price_type in (None, "static"):
        return None if text is None else str(text)
    signed = str(text) if str(text).startswith("-") else f"+{text}"
    return f"{signed}%" if price_type == "pct" else signed


def _flags(params: Given) -> str | None:
    fees = {"base": "fcib", "quote": "fciq"}
    flags = [
        *(["post"] if params.get("post_only") else []),
        *([fees[params["fee_preference"]]] if "fee_preference" in params else []),
        *(["viqc"] if "cash_order_qty" in params else []),
    ]
    return ",".join(flags) or None


def _closing(closing: Given) -> Fields:
    if not closing:
        return {}
    limit = _price(closing.get("limit_price"), closing.get("limit_price_type"))
    kind = _offset(closing["order_type"], closing.get("trigger_price_type"))
    wakes = _price(closing.get("trigger_price"), kind)
    price, price2 = (wakes, limit) if closing["order_type"] in TRIGGERED else (limit, None)
    return {"close[ordertype]": closing["order_type"], "close[price]": price, "close[price2]": price2}


def _unix(text: str | None) -> int | None:
    return None if text is None else int(datetime.fromisoformat(text).timestamp())
