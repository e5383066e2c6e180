"""The parameters of v2's trading requests: which there are, and of which type (protocol notes v2 §12).

The recorded words for a decimal that is sent as text serve as the pattern for all other types.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from krakencli.sandbox.refused import RefusedError
from krakencli.sandbox.v2_params import Params

_DECIMALS = {
    "order_qty",
    "cash_order_qty",
    "limit_price",
    "display_qty",
    "trigger_price",
    "price",
    "stop_price",
}
_FLAGS = {"post_only", "reduce_only", "margin", "validate", "no_mpp"}
_INTEGERS = {"order_userref", "timeout"}
_LISTS = {"orders"}
_OBJECTS = {"triggers", "conditional"}

_ORDER = {
    "order_type",
    "side",
    "order_qty",
    "cash_order_qty",
    "limit_price",
    "limit_price_type",
    "triggers",
    "time_in_force",
    "expire_time",
    "effective_time",
    "cl_ord_id",
    "order_userref",
    "post_only",
    "reduce_only",
    "margin",
    "display_qty",
    "fee_preference",
    "stp_type",
    "conditional",
    "sender_sub_id",
    "no_mpp",
    "stop_price",
    "trigger",
}
_CHANGE = {"order_qty", "limit_price", "display_qty", "post_only", "deadline", "symbol", "order_id", "token"}
_KNOWN = {
    "add_order": _ORDER | {"symbol", "deadline", "validate", "token"},
    "amend_order": _CHANGE | {"cl_ord_id", "limit_price_type", "trigger_price", "trigger_price_type"},
    "edit_order": _CHANGE
    | {"triggers", "order_userref", "reduce_only", "fee_preference", "validate", "no_mpp", "price", "trigger"}
    | {"stop_price"},
    "cancel_order": {"order_id", "cl_ord_id", "order_userref", "token"},
    "cancel_all": {"token"},
    "cancel_all_orders_after": {"timeout", "token"},
    "batch_add": {"symbol", "orders", "deadline", "validate", "token"},
    "batch_cancel": {"orders", "cl_ord_id", "token"},
}
_TRIGGERS = {"reference", "price", "price_type"}
_CONDITIONAL = {"order_type", "limit_price", "limit_price_type", "trigger_price", "trigger_price_type"}
_LISTED: dict[str, dict[str, type]] = {
    "cancel_order": {"order_id": str, "cl_ord_id": str, "order_userref": int},
    "batch_cancel": {"orders": str, "cl_ord_id": str},
}


def check(method: str, params: Params) -> None:
    """Raises RefusedError for a parameter that the request has not, or that has another type."""
    lists = _LISTED.get(method, {})
    _check_names(method, params, _KNOWN[method])
    for name, value in params.items():
        if name in lists:
            _check_list(name, value, lists[name])
        else:
            _check_value(method, name, value)
    for order in params.get("orders", ()) if method == "batch_add" else ():
        if not isinstance(order, Mapping):
            raise RefusedError("Orders field must be an array of objects")
        _check_names(method, order, _ORDER)
        for name, value in order.items():
            _check_value(method, name, value)


def _check_names(method: str, params: Mapping[str, Any], known: set[str]) -> None:
    for name in params:
        if name not in known:
            raise RefusedError(f"Unsupported field: '{name}' for the given msg type: {method}")


def _check_value(method: str, name: str, value: object) -> None:
    if name in _DECIMALS:
        _expect(name, isinstance(value, Decimal | int) and type(value) is not bool, "number_float")
    elif name in _FLAGS:
        _expect(name, type(value) is bool, "boolean")
    elif name in _INTEGERS:
        _expect(name, type(value) is int, "number_integer")
    elif name in _LISTS:
        _expect(name, isinstance(value, list), "array", article="an")
    elif name in _OBJECTS:
        _expect(name, isinstance(value, Mapping), "object", article="an")
        if name == "triggers" and isinstance(value, Mapping):
            _check_names(method, value, _TRIGGERS)
            if "price" in value:
                _check_value(method, "price", value["price"])
        if name == "conditional" and isinstance(value, Mapping):
            _check_names(method, value, _CONDITIONAL)
            for part in value:
                _check_value(method, part, value[part])
    else:
        _expect(name, isinstance(value, str), "string")


def _check_list(name: str, values: object, kind: type) -> None:
    good = isinstance(values, list) and all(type(value) is kind for value in values)
    _expect(name, good, f"array of {'integers' if kind is int else 'strings'}", article="an")


def _expect(name: str, good: bool, kind: str, article: str = "a") -> None:
    if not good:
        raise RefusedError(f"{name.capitalize()} field must be {article} {kind}")
