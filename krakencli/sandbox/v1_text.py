"""How v1 spells things: compact JSON with keys in alphabetical order, numbers and times as strings (protocol
notes v1 §2).

A price has the pair's decimals, and five at least: the wire's decimals are not those of REST, and have no
rule that is known, so a client must take them as they come (XBT/USD has five here, where REST has one).
Volumes always have eight.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

from krakencli.sandbox.numbers import text
from krakencli.sandbox.pairs import Pair
from krakencli.sandbox.times import SECOND
from krakencli.sandbox.trading import amounts

_LEAST_DECIMALS, _VOLUME_DECIMALS = 5, 8


def dump(value: object) -> str:
    """A JSON text; a Decimal is spelled as a number."""
    if isinstance(value, Mapping):
        return "{" + ",".join([f"{json.dumps(key)}:{dump(value[key])}" for key in sorted(value)]) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(dump, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def price_unit(pair: Pair) -> int:
    """How many of the smallest unit of a price on the wire make a tick."""
    return int(10 ** (_price_decimals(pair) - pair.price_precision))


def volume_unit(pair: Pair) -> int:
    """How many of the smallest unit of a volume on the wire make a lot."""
    return int(10 ** (_VOLUME_DECIMALS - pair.qty_precision))


def fine_price(pair: Pair, units: int) -> str:
    """A price that counts in the wire's smallest unit, such as a mean."""
    return text(units, _price_decimals(pair))


def price(pair: Pair, ticks: int) -> str:
    """`30100.10000`."""
    return fine_price(pair, ticks * price_unit(pair))


def volume(pair: Pair, lots: int) -> str:
    """`0.50000000`."""
    return text(lots * volume_unit(pair), _VOLUME_DECIMALS)


def cost(pair: Pair, amount: int) -> str:
    """A cost or a fee: with a price's decimals, as it was recorded, or more if the pair's costs have more."""
    decimals = max(_price_decimals(pair), pair.cost_precision)
    return text(amount * int(10 ** (decimals - pair.cost_precision)), decimals)


def cash(pair: Pair, amount: int) -> str:
    """A cost in the place of a volume."""
    return text(amounts.shift(amount, _VOLUME_DECIMALS - pair.cost_precision), _VOLUME_DECIMALS)


def time(ns: int) -> str:
    """Nanoseconds since 1970 as seconds, `1750000142.557535`; what is finer is cut."""
    return f"{ns // SECOND}.{ns % SECOND // 1000:06d}"


def _price_decimals(pair: Pair) -> int:
    return max(_LEAST_DECIMALS, pair.price_precision)
