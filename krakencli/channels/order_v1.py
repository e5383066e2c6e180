"""An order of API v1's `openOrders`, by the names of its fields in v2 (protocol notes v1 §7.1, v2 §11.1).

    v1                          v2
    the key                     order_id
    descr.pair, type, ordertype symbol, side, order_type
    vol                         order_qty; cash_order_qty with the flag viqc
    vol_exec, cost, avg_price   cum_qty (not with viqc: it is in quote currency), cum_cost, avg_price
    fee                         fees: one entry in the quote currency, all fills together
    status                      order_status: pending_new; new, or partially_filled; filled, canceled, expired
    descr.price                 limit_price of a limit order; else triggers.price
    descr.price2                limit_price of the orders named ...-limit
    stopprice, limitprice       triggers.actual_price; limit_price once triggered; nought says nothing
    timeinforce                 time_in_force
    userref or cl_ord_id        order_userref or cl_ord_id
    refid, ext_ord_id           ord_ref_id, ext_ord_id
    starttm, expiretm           effective_time, expire_time
    oflags                      post_only, no_mpp; fee_ccy_pref: fcib or fciq
    descr.leverage              margin, unless it is null, "none" or "0:1"
    misc                        liquidated (liquidation); triggers.status: triggered (stopped, touched)
    display_volume, ..._remain  display_qty, display_qty_remain
    contingent                  contingent: order_type, trigger_price, limit_price
    cancel_reason, amend_reason reason
    amended, ratecount, sender_sub_id   the same
    lastupdated, else opentm    timestamp

`exec_type` says what a message tells: v1 does so by the status that it brings, or by `amended`; a fill brings
neither. What is null, empty or unset is absent. Pure.
"""

from collections.abc import Mapping
from typing import Any

from krakencli.channels.wire_v1 import rfc3339
from krakencli.exact import Number, encoded
from krakencli.symbols import modern

Fields = dict[str, Any]

STATUS = {
    "pending": "pending_new",
    "open": "new",
    "closed": "filled",
    "canceled": "canceled",
    "expired": "expired",
}
OVER = frozenset(("closed", "canceled", "expired"))
_PLAIN = {
    "ext_ord_id": "ext_ord_id",
    "sender_sub_id": "sender_sub_id",
    "refid": "ord_ref_id",
}
_SUMS = {"vol_exec": "cum_qty", "cost": "cum_cost", "avg_price": "avg_price"}
_DISPLAYED = {"display_volume": "display_qty", "display_volume_remain": "display_qty_remain"}
_TIMES = {"starttm": "effective_time", "expiretm": "expire_time"}


def merged(known: Fields, news: Mapping[str, Any]) -> None:
    """Take what a partial object says; its description may be partial too."""
    description = {**known.get("descr", {}), **(news.get("descr") or {})}
    known.update(news)
    if description:
        known["descr"] = description


def decode_v1(order_id: str, order: Mapping[str, Any], news: Mapping[str, Any]) -> bytes:
    """The item of an order as it stands, after the object `news` was merged into it.

    ValueError, TypeError, KeyError or AttributeError where it is none.
    """
    description, flags = order.get("descr", {}), _list(order.get("oflags"))
    symbol = modern(description["pair"]) if "pair" in description else ""
    fields: Fields = {"order_id": order_id, **_given(symbol=symbol)}
    if "vol" in order:
        fields["cash_order_qty" if "viqc" in flags else "order_qty"] = Number(order["vol"])
    sums = {new: Number(order[old]) for old, new in _SUMS.items() if old in order}
    if "viqc" in flags:  # counts the quote currency, as cum_cost does
        sums.pop("cum_qty", None)
    fields |= sums
    fields |= _given(time_in_force=order.get("timeinforce"), exec_type=_event(news))
    fields |= _given(side=description.get("type"), order_type=description.get("ordertype"))
    fields |= _name(order)
    fields |= {new: order[old] for old, new in _PLAIN.items() if order.get(old)}
    fields |= _prices(description, order)
    fields |= _given(order_status=_status(order))
    fields |= _given(fee_ccy_pref=next((flag for flag in flags if flag in ("fcib", "fciq")), ""))
    if "fee" in order and symbol:
        fields["fees"] = [{"asset": symbol.partition("/")[2], "qty": Number(order["fee"])}]
    fields |= _marks(order, description, flags)
    fields |= {new: Number(order[old]) for old, new in _DISPLAYED.items() if order.get(old)}
    fields |= {new: time for old, new in _TIMES.items() if (time := _time(order.get(old)))}
    fields |= _given(contingent=_contingent(order.get("contingent")))
    fields |= _given(timestamp=_time(order.get("lastupdated")) or _time(order.get("opentm")))
    fields |= _given(reason=news.get("cancel_reason") or news.get("amend_reason"))
    if "ratecount" in news:
        fields["ratecount"] = Number(str(news["ratecount"]))
    return encoded(fields)


def _given(**fields: Any) -> Fields:
    return {name: value for name, value in fields.items() if value}


def _list(text: str | None) -> list[str]:
    return (text or "").split(",")


def _event(news: Mapping[str, Any]) -> str | None:
    if "status" in news:
        return STATUS[news["status"]]
    return "amended" if news.get("amended") else None


def _status(order: Mapping[str, Any]) -> str | None:
    if "status" not in order:
        return None
    begun = order["status"] == "open" and _counts(order.get("vol_exec"))
    return "partially_filled" if begun else STATUS[order["status"]]


def _name(order: Mapping[str, Any]) -> Fields:
    if order.get("cl_ord_id"):
        return {"cl_ord_id": order["cl_ord_id"]}
    return {"order_userref": int(order["userref"])} if order.get("userref") is not None else {}


def _marks(order: Mapping[str, Any], description: Mapping[str, Any], flags: list[str]) -> Fields:
    marks = {
        "post_only": "post" in flags,
        "no_mpp": "nompp" in flags,
        "margin": not str(description.get("leverage") or "none").startswith(("0", "none")),
        "liquidated": "liquidation" in _list(order.get("misc")),
        "amended": bool(order.get("amended")),
    }
    return {name: True for name, is_so in marks.items() if is_so}


def _prices(description: Mapping[str, Any], order: Mapping[str, Any]) -> Fields:
    type_ = str(description.get("ordertype", ""))
    price, second = description.get("price"), description.get("price2")
    triggers: Fields = {}
    fields: Fields = {}
    if type_ in ("limit", "iceberg"):
        fields = _limit(price)
    elif type_ not in ("market", "settle-position") and _counts(price):
        triggers = _relative("price", price)
        fields = _limit(second) if type_.endswith("-limit") else {}
    if _counts(order.get("limitprice")):
        fields = _limit(order["limitprice"])
    if _counts(order.get("stopprice")):
        triggers["actual_price"] = Number(order["stopprice"])
    if triggers and {"stopped", "touched"}.intersection(_list(order.get("misc"))):
        triggers["status"] = "triggered"
    return {**_given(triggers=triggers), **fields}


def _limit(price: str | None) -> Fields:
    return _relative("limit_price", price) if _counts(price) else {}


def _relative(name: str, price: str | None) -> Fields:
    """A price, and what kind it is: `+5.0%` and `-10.0` are distances (v1 §8)."""
    text = (price or "").lstrip("+#")
    kind = "pct" if text.endswith("%") else "quote" if text != price or text.startswith("-") else "static"
    return {f"{name}_type": kind, name: Number(text.removesuffix("%"))}


def _counts(text: str | None) -> bool:
    """Whether a number is there and is not nought."""
    return bool(text and text.strip("+-#%0.") and text != "0")


def _contingent(close: Mapping[str, Any] | None) -> Fields:
    if not close:
        return {}
    type_ = str(close.get("ordertype", ""))
    first, second = ("limit_price", "") if type_ == "limit" else ("trigger_price", "limit_price")
    fields: Fields = {"order_type": type_}
    for name, price in ((first, close.get("price")), (second, close.get("price2"))):
        if name and _counts(price):
            fields |= _relative(name, price)
    return fields


def _time(text: str | None) -> str:
    """RFC 3339; "" for null and for the year 1970, which is how v1 may say that a time is not set."""
    return rfc3339(text) if text and _counts(text) else ""
