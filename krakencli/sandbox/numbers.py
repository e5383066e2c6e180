"""Integers and their text: every price and quantity of the sandbox is a whole number of its smallest unit.

`640001` at precision 1 is `64000.1`. No binary float ever carries a price, a quantity or a statistic; the
text is made by cutting the decimal spelling of the integer, so digits and trailing zeros are exact.
"""

from __future__ import annotations

import re

_DECIMAL = re.compile(r"(\d+)(?:\.(\d+))?", re.ASCII)


def text(value: int, precision: int) -> str:
    """`value` units of 10^-`precision` as a plain decimal with exactly `precision` fraction digits, no
    exponent.
    """
    if precision == 0:
        return str(value)
    digits = str(abs(value)).rjust(precision + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-precision]}.{digits[-precision:]}"


def scaled(decimal: str, precision: int) -> int:
    """The inverse of `text`: a plain decimal as a count of 10^-`precision`; surplus digits are cut.

    Raises ValueError for anything that is not digits with at most one point.
    """
    match = _DECIMAL.fullmatch(decimal)
    if match is None:
        raise ValueError(f"not a plain decimal: {decimal!r}")
    whole, fraction = match[1], match[2] or ""
    return int(whole + fraction[:precision].ljust(precision, "0"))


def rounded(numerator: int, denominator: int) -> int:
    """`numerator / denominator` to the nearest integer, halves away from zero; `denominator` is positive."""
    nearest = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -nearest if numerator < 0 else nearest
