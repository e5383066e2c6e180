"""How a cell reads for a person: separators, signs, times of day, and nothing that could steer a terminal.

Pure functions from the wire's text to one line of printable text. Digits are never dropped from a number and
numbers are compared as decimals. Knows neither rich nor streams.
"""

import re
from decimal import Decimal
from typing import Final

from krakencli.model import Column, Kind

RIGHT: Final[frozenset[Kind]] = frozenset(("price", "qty", "change", "percent", "count"))
"""The kinds whose cells stand at the right of their column."""

_LIMIT = 40
_NUMBER = re.compile(r"(-?)(\d+)((?:\.\d+)?(?:[eE][+-]?\d+)?)", re.ASCII)
_MOMENT = re.compile(r"\d{4}-(\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)(\.\d+)?(?:Z|\+00:00)", re.ASCII)


def clean(text: str, limit: int = _LIMIT) -> str:
    """`text` with every control, format, separator or unassigned character replaced, and bounded."""
    if not text.isprintable():
        text = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def shown(kind: Kind, text: str) -> str:
    """The cell of a table for a cell of the wire."""
    if kind in RIGHT:
        return clean(_signed(text) if kind in ("change", "percent") else _grouped(text))
    if kind == "time":
        return clean(_time_of_day(text))
    return clean(text)


def heading(column: Column) -> str:
    """A column's title; times are UTC and say so."""
    return f"{column.heading} UTC" if column.kind == "time" else column.heading


def compare(new: str, old: str) -> int:
    """1 where `new` is the greater number, -1 where it is the smaller, 0 where it is equal or no number."""
    if new == old or not (_NUMBER.fullmatch(new) and _NUMBER.fullmatch(old)):
        return 0
    left, right = Decimal(new), Decimal(old)
    return (left > right) - (left < right)


def sign(text: str) -> int:
    return compare(text, "0")


def age(seconds: float) -> str:
    """How long ago, in four characters or less: `0.4s`, `12s`, `3m`, `5h`, `2d`."""
    if seconds < 9.95:
        return f"{max(seconds, 0):.1f}s"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{int(seconds)}s"


def _grouped(text: str) -> str:
    number = _NUMBER.fullmatch(text)
    if number is None or len(number[2]) < 4:
        return text
    return number[1] + _thousands(number[2]) + number[3]


def _thousands(digits: str) -> str:
    first = len(digits) % 3
    groups = [digits[:first]] if first else []
    groups += [digits[index : index + 3] for index in range(first, len(digits), 3)]
    return ",".join(groups)


def _signed(text: str) -> str:
    return "+" + _grouped(text) if sign(text) > 0 else _grouped(text)


def _time_of_day(text: str) -> str:
    """`14:05:06.120`, or `03-02 14:05` for a whole minute: the begin of a candle needs its day."""
    moment = _MOMENT.fullmatch(text)
    if moment is None:
        return text
    day, minute, second, fraction = moment.groups()
    if second == ":00" and not (fraction or "").strip(".0"):
        return f"{day} {minute}"
    return minute + second + f"{fraction or '.'}000"[:4]
