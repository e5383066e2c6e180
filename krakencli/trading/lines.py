"""Orders of a batch as JSON lines, in the words of the wire, and the other way round from options. Pure.

A number keeps its digits, whether it is written as a JSON number or as a string.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from krakencli.errors import UsageError
from krakencli.protocol.trading import Number
from krakencli.trading.numbers import number
from krakencli.trading.order import Conditional, Order, Triggers
from krakencli.trading.words import (
    CLOSING,
    FEE_PREFERENCES,
    PRICE_TYPES,
    REFERENCES,
    SIDES,
    STP_TYPES,
    TIMES_IN_FORCE,
    TYPES,
)

_CHOICES = {
    "order_type": TYPES,
    "side": SIDES,
    "limit_price_type": PRICE_TYPES,
    "time_in_force": TIMES_IN_FORCE,
    "fee_preference": FEE_PREFERENCES,
    "stp_type": STP_TYPES,
}
_TEXTS = ("expire_time", "effective_time", "cl_ord_id", "sender_sub_id")
_FLAGS = ("post_only", "reduce_only", "margin")
_NUMBERS = {"order_qty": False, "cash_order_qty": False, "limit_price": True, "display_qty": False}
_TRIGGERS = {"reference": REFERENCES, "price_type": PRICE_TYPES}
_CLOSING = {"order_type": CLOSING, "limit_price_type": PRICE_TYPES, "trigger_price_type": PRICE_TYPES}
_OBJECTS = ("triggers", "conditional")


class _Digits(str):
    """A JSON number's text, to tell it from a string."""

    __slots__ = ()


def orders(lines: Iterable[str], symbol: str) -> list[Order]:
    """The order of each line that is not empty. Raises UsageError that names the line."""
    found = []
    for count, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(_order(_object(line), symbol))
        except UsageError as error:
            raise UsageError(f"line {count}: {error.message}", suggestion=error.suggestion) from None
    return found


def _object(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line, parse_float=_Digits, parse_int=_Digits, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        if isinstance(error, _TwiceError):
            raise UsageError(f"{error.args[0]!r} stands there twice", suggestion="keep one of them") from None
        raise UsageError("this is no JSON", suggestion=_EXAMPLE) from None
    if not isinstance(value, dict):
        raise UsageError("this is no JSON object", suggestion=_EXAMPLE)
    return value


class _TwiceError(ValueError):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for name in (name for name, _ in pairs):
        if sum(name == other for other, _ in pairs) > 1:
            raise _TwiceError(name)
    return dict(pairs)


_EXAMPLE = 'write {"side":"buy","order_qty":0.001,"order_type":"limit","limit_price":66000.0}'


def _order(given: Mapping[str, Any], symbol: str) -> Order:
    known = {*_CHOICES, *_TEXTS, *_FLAGS, *_NUMBERS, *_OBJECTS, "order_userref"}
    _refuse_others(given, known)
    if ("order_qty" in given) == ("cash_order_qty" in given):
        raise UsageError("an order has either order_qty or cash_order_qty", suggestion=_EXAMPLE)
    for name in ("side", "order_type"):
        if name not in given:
            raise UsageError(f"{name} is missing", suggestion=_EXAMPLE)
    cash = "cash_order_qty" in given
    values = _values(given, _CHOICES)
    qty = values.pop("cash_order_qty" if cash else "order_qty")
    triggers = _part(given, "triggers", _TRIGGERS, ("price",))
    closing = _part(given, "conditional", _CLOSING, ("limit_price", "trigger_price"))
    return Order(
        symbol=symbol,
        qty=qty,
        cash=cash,
        triggers=Triggers(**triggers),
        conditional=Conditional(**closing),
        **values,
    )


def _values(given: Mapping[str, Any], choices: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: _choice(name, given[name], choices[name]) for name in choices if name in given
    }
    values |= {name: _number(name, given[name], signed=_NUMBERS[name]) for name in _NUMBERS if name in given}
    values |= {name: _typed(name, given[name], str, "a text") for name in _TEXTS if name in given}
    values |= {name: _typed(name, given[name], bool, "true or false") for name in _FLAGS if name in given}
    if "order_userref" in given:
        values["order_userref"] = _integer(given["order_userref"])
    return values


def _part(
    given: Mapping[str, Any], name: str, choices: Mapping[str, tuple[str, ...]], numbers: tuple[str, ...]
) -> dict[str, Any]:
    part = given.get(name, {})
    if not isinstance(part, dict):
        raise UsageError(f"{name} is no object", suggestion=f'write "{name}":{{...}}')
    _refuse_others(part, {*choices, *numbers})
    return {
        **{one: _choice(one, part[one], choices[one]) for one in choices if one in part},
        **{one: _number(one, part[one], signed=True) for one in numbers if one in part},
    }


def _refuse_others(given: Mapping[str, Any], known: set[str]) -> None:
    for name in given:
        if name not in known:
            raise UsageError(
                f"{name!r} belongs to no order of a batch", suggestion=f"one of {', '.join(sorted(known))}"
            )


def _choice(name: str, value: Any, among: tuple[str, ...]) -> str:
    text = str(value).lower()
    if text not in among:
        raise UsageError(f"{name} is {value!r}", suggestion=f"one of {', '.join(among)}")
    return text


def _number(name: str, value: Any, *, signed: bool) -> Number:
    return number(str(value), name, signed=signed)


def _typed(name: str, value: Any, kind: type, words: str) -> Any:
    if isinstance(value, _Digits) or not isinstance(value, kind):
        raise UsageError(f"{name} is {value!r}", suggestion=f"it must be {words}")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, _Digits) and value.lstrip("-").isdecimal() and len(value) < 20:
        return int(value)
    raise UsageError(f"order_userref is {value!r}", suggestion="it must be a whole number")
