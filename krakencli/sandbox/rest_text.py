"""JSON text of REST's private answers: compact, and numbers with the digits that integers give them."""

from __future__ import annotations

import json

from krakencli.sandbox.times import SECOND


class Number(str):
    """The text of a JSON number."""

    __slots__ = ()


def dump(value: object) -> str:
    """`value` as JSON; `Number` goes in without quotes."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{dump(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return json.dumps(value)


def moment(ns: int) -> Number:
    """A time in seconds with up to six decimals; 0 for one that is not set."""
    if not ns:
        return Number("0")
    seconds, rest = divmod(ns, SECOND)
    fraction = f"{rest // 1000:06d}".rstrip("0")
    return Number(f"{seconds}.{fraction or '0'}")
