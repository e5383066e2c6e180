"""Decimals as clients send them, exact, and as counts of a smallest unit."""

from __future__ import annotations

from decimal import Decimal

from krakencli.sandbox.numbers import text


def units(value: Decimal | int, precision: int) -> int | None:
    """`value` as a count of 10^-`precision`; None if it has more digits than that, or is no number."""
    if isinstance(value, int):
        return value * int(10**precision)
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or not -64 < exponent < 64:
        return None
    count: int = int("".join(map(str, digits)))
    places: int = exponent + precision
    if places < 0:
        count, rest = divmod(count, int(10**-places))
        if rest:
            return None
    else:
        count *= int(10**places)
    return -count if sign else count


def decimal(count: int, precision: int) -> Decimal:
    """The inverse of `units`."""
    return Decimal(text(count, precision))
