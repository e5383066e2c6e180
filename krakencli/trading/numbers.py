"""Decimal text as people write it, and as a JSON number has it. Pure; nothing here is ever a float."""

import re
from decimal import Context, Decimal

from krakencli.errors import UsageError
from krakencli.protocol.trading import Number

EXACT = Context(prec=120)
"""Digits enough for the product of any two numbers that `number` accepts."""

_JSON = re.compile(r"-?(0|[1-9][0-9]{0,19})(\.[0-9]{1,20})?")
_ALMOST = re.compile(r"([+-]?)0*([0-9]{0,20})\.?([0-9]{0,20})")


def number(text: str, what: str, *, signed: bool = False) -> Number:
    """The text as a number greater than zero; `signed` allows one below. UsageError where it is none."""
    text = text.strip()
    if not _JSON.fullmatch(text):
        raise UsageError(f"{what} {text[:40]!r} is no plain decimal number", suggestion=_hint(text))
    value = Decimal(text)
    if value == 0 or (value < 0 and not signed):
        raise UsageError(f"{what} is {text}", suggestion="it must be greater than 0")
    return Number(text)


def _hint(text: str) -> str:
    """How to write what was probably meant."""
    if match := _ALMOST.fullmatch(text):
        sign, whole, fraction = match.groups()
        if len(whole) < 20 and (whole or fraction):
            plain = f"{'-' if sign == '-' else ''}{whole or '0'}{'.' + fraction if fraction else ''}"
            return f"write {plain}"
    return "write digits with a point, such as 0.01"


def plain(value: Decimal) -> str:
    """A decimal without exponent and without surplus zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def product(one: Number, other: Number) -> Decimal:
    """Exact."""
    return EXACT.multiply(Decimal(one), Decimal(other))
