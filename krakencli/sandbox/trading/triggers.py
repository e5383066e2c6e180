"""What an order waits for, from a client's parameters: a trigger at a price, at a distance from the last
trade, or trailing it, and the limit that may go with it (protocol notes v2 §12.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from krakencli.sandbox.decimals import units
from krakencli.sandbox.pairs import Pair
from krakencli.sandbox.trading import refusal
from krakencli.sandbox.trading.offset import Offset
from krakencli.sandbox.trading.order import STOPS, TRAILING
from krakencli.sandbox.trading.refusal import OrderRefusedError, invalid

Params = Mapping[str, Any]


def price(value: Decimal | int, pair: Pair) -> int:
    """A price in ticks. Raises OrderRefusedError for one that is off the tick or not above nought."""
    ticks = units(value, pair.price_precision)
    if ticks is None:
        raise OrderRefusedError(refusal.OFF_TICK)
    if ticks <= 0:
        raise invalid("price")
    return ticks


def limit_offset(params: Params, pair: Pair, kind: str) -> Offset | None:
    """How far the limit of a trailing stop lies from its trigger."""
    of_type = params.get("limit_price_type", "quote")
    if kind != "trailing-stop-limit" or of_type == "static" or "limit_price" not in params:
        return None
    found = Offset.read(params["limit_price"], of_type, pair)
    if found is None:
        raise invalid("limit_price_type")
    return found


def _triggers(params: Params, kind: str) -> Params:
    triggers = params.get("triggers")
    if (triggers is not None) != (kind in STOPS):
        raise invalid("triggers")
    if triggers is None:
        return {}
    if not isinstance(triggers, Mapping) or "price" not in triggers:
        raise invalid("triggers")
    return triggers


def trigger(params: Params, pair: Pair, kind: str) -> int | None:
    """The trigger's price, where it is not an offset."""
    given = _triggers(params, kind)
    if not given or kind in TRAILING or given.get("price_type", "static") != "static":
        return None
    return price(given["price"], pair)


def reference(params: Params) -> str:
    """Both are the last trade here: there is no index, and then the last trade stands in for it."""
    found = params.get("triggers", {}).get("reference", "last")
    if found not in {"last", "index"}:
        raise invalid("trigger")
    return str(found)


def offset(params: Params, pair: Pair, kind: str) -> Offset | None:
    """The distance that reverses a trailing stop, or a trigger's from the last price."""
    given = _triggers(params, kind)
    of_type = given.get("price_type", "static")
    if not given or (of_type == "static" and kind not in TRAILING):
        return None
    found = Offset.read(given["price"], "quote" if of_type == "static" else of_type, pair)
    if found is None or (kind in TRAILING and found.value <= 0):
        raise invalid("triggers")
    return found
