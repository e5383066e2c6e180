"""A price that is given as a distance from another one: in the quote currency, or in percent."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple

from krakencli.sandbox.decimals import units
from krakencli.sandbox.numbers import rounded
from krakencli.sandbox.pairs import Pair

_PERCENT_DIGITS = 8


class Offset(NamedTuple):
    """`value` is in ticks (`quote`) or in hundred-millionths of a percent (`pct`), `given` as it was sent."""

    kind: Literal["pct", "quote"]
    value: int
    given: str

    @classmethod
    def read(cls, value: Decimal | int, kind: object, pair: Pair) -> Offset | None:
        """None for one that is off the tick, or of no such kind."""
        quote = units(value, pair.price_precision)
        percent = units(value, _PERCENT_DIGITS)
        if kind == "quote" and quote is not None:
            return cls("quote", quote, pair.price_text(quote))
        if kind == "pct" and percent is not None:
            return cls("pct", percent, str(value))
        return None

    def ticks(self, price: int) -> int:
        """The distance from `price`."""
        return self.value if self.kind == "quote" else rounded(price * self.value, 100 * 10**_PERCENT_DIGITS)
