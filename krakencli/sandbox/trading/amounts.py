"""What a trade costs, in whole units of the assets' own precisions.

The law: everything is cut, nothing rounded. Parts that are cut never come to more than the whole that is
cut, so what was put aside for an order always suffices for its fills, and buyer and seller move the same
amount.
"""

from __future__ import annotations

from krakencli.sandbox.pairs import Pair

MAKER, TAKER = 25, 40
"""Fees, in hundredths of a percent."""
_FEE_UNIT = 10_000

_DOLLARS = {"USD": (1, 0), "EUR": (108662, 5), "BTC": (673104, 1), "USDT": (99974, 5)}


def shift(value: int, places: int) -> int:
    """`value` times 10^`places`; with fewer places the surplus digits are cut."""
    return value * 10**places if places >= 0 else int(value // 10**-places)


def cost(pair: Pair, price: int, qty: int) -> int:
    """What `qty` lots cost at `price` ticks, at the pair's cost precision."""
    return shift(price * qty, pair.cost_precision - pair.price_precision - pair.qty_precision)


def fee(cost_: int, rate: int) -> int:
    """The fee for a cost, at the same precision."""
    return cost_ * rate // _FEE_UNIT


def in_quote(pair: Pair, cost_: int) -> int:
    """A cost or a fee as an amount of the quote currency."""
    return shift(cost_, pair.quote.precision - pair.cost_precision)


def in_base(pair: Pair, qty: int) -> int:
    """Lots as an amount of the base currency."""
    return shift(qty, pair.base.precision - pair.qty_precision)


def to_pay(pair: Pair, price: int, qty: int) -> int:
    """The most of the quote currency that buying `qty` lots at `price` or below can take, fee included."""
    whole = cost(pair, price, qty)
    return in_quote(pair, whole) + in_quote(pair, fee(whole, TAKER))


def in_dollars(pair: Pair, cost_: int) -> int:
    """A cost at the pair's cost precision as dollars with five digits, at a fixed rate for other
    currencies.
    """
    rate, places = _DOLLARS.get(pair.quote.name, (1, 0))
    return shift(cost_ * rate, 5 - pair.cost_precision - places)
