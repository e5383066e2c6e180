"""A pair's rules: price steps, decimals of quantities, minima. Pure and exact.

What breaks one is refused with the nearest value that does not. A rule that the list of pairs does not know
is left to the exchange.
"""

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from krakencli.errors import UsageError
from krakencli.protocol.trading import Number
from krakencli.symbols import Pair
from krakencli.trading.numbers import EXACT, plain, product
from krakencli.trading.order import Order

HOW = "or --no-check to let the exchange judge"


def check(order: Order, pair: Pair) -> None:
    """Raises UsageError where an order breaks a rule of its pair."""
    for name, price in _prices(order):
        check_price(price, pair, name)
    if order.cash:
        _check_cost(Decimal(order.qty), pair, f"choose at least {pair.cost_min} {pair.quote}")
        return
    check_qty(order.qty, pair, "the quantity")
    check_least(order.qty, pair)
    if order.display_qty is not None:
        check_qty(order.display_qty, pair, "--display-qty")
    if order.limit_price is not None and order.limit_price_type is None and order.order_type != _RELATIVE:
        check_cost(order.qty, order.limit_price, pair)


_RELATIVE = "trailing-stop-limit"


def check_changes(
    pair: Pair,
    *,
    order_qty: Number | None,
    limit_price: Number | None,
    display_qty: Number | None,
    trigger_price: Number | None,
    limit_price_type: str | None = None,
    trigger_price_type: str | None = None,
) -> None:
    """The same for what changes of an open order, whose other side is not known."""
    if order_qty is not None:
        check_qty(order_qty, pair, "the quantity")
        check_least(order_qty, pair)
    if display_qty is not None:
        check_qty(display_qty, pair, "--display-qty")
    if limit_price is not None and limit_price_type != "pct":
        check_price(limit_price, pair, "the price")
    if trigger_price is not None and trigger_price_type != "pct":
        check_price(trigger_price, pair, "the trigger price")


def _prices(order: Order) -> Iterator[tuple[str, Number]]:
    """The prices, and the offsets in the quote currency; percentages have no steps."""
    relative = order.order_type == _RELATIVE
    if order.limit_price is not None and (order.limit_price_type or ("quote" if relative else "")) != "pct":
        yield "the price", order.limit_price
    if order.triggers.price is not None and order.triggers.price_type != "pct":
        yield "the trigger price", order.triggers.price
    closing = order.conditional
    if closing.limit_price is not None and closing.limit_price_type != "pct":
        yield "the closing price", closing.limit_price
    if closing.trigger_price is not None and closing.trigger_price_type != "pct":
        yield "the closing trigger price", closing.trigger_price


def check_price(price: Number, pair: Pair, name: str) -> None:
    """A multiple of the pair's step, or of its decimals where no step is known."""
    step = _step(pair)
    if step is None or _fits(Decimal(price), step):
        return
    below, above = (plain(_rounded(Decimal(price), step, way)) for way in (ROUND_FLOOR, ROUND_CEILING))
    nearest = plain(_rounded(Decimal(price), step, ROUND_HALF_UP))
    other = above if nearest == below else below
    choice = f"{nearest} is nearest, then {other}" if Decimal(nearest) else f"{other} is nearest"
    raise UsageError(
        f"{name} {price} is no multiple of {plain(step)}, the step of {pair.symbol}",
        suggestion=f"{choice}; {HOW}",
    )


def check_qty(qty: Number, pair: Pair, name: str) -> None:
    """Not more decimals than the pair has."""
    if pair.qty_precision is None:
        return
    step = Decimal(1).scaleb(-pair.qty_precision)
    if _fits(Decimal(qty), step):
        return
    nearest = _rounded(Decimal(qty), step, ROUND_HALF_UP) or step
    raise UsageError(
        f"{name} {qty} has more than the {pair.qty_precision} decimals of {pair.symbol}",
        suggestion=f"{plain(nearest)} is nearest; {HOW}",
    )


def check_least(qty: Number, pair: Pair) -> None:
    """At least the pair's smallest order."""
    if pair.qty_min and Decimal(qty) < Decimal(pair.qty_min):
        raise UsageError(
            f"the quantity {qty} is below {pair.qty_min} {pair.base}, the least of {pair.symbol}",
            suggestion=f"order at least {pair.qty_min}; {HOW}",
        )


def check_cost(qty: Number, price: Number, pair: Pair) -> None:
    """At least the pair's smallest value."""
    if not pair.cost_min:
        return
    step = Decimal(1).scaleb(-(pair.qty_precision if pair.qty_precision is not None else 8))
    enough = _rounded(EXACT.divide(Decimal(pair.cost_min), Decimal(price)), step, ROUND_CEILING)
    _check_cost(product(qty, price), pair, f"order at least {plain(enough)} {pair.base}")


def _check_cost(cost: Decimal, pair: Pair, advice: str) -> None:
    if pair.cost_min and cost < Decimal(pair.cost_min):
        raise UsageError(
            f"the value {plain(cost)} {pair.quote} is below {pair.cost_min}, the least of {pair.symbol}",
            suggestion=f"{advice}; {HOW}",
        )


def _step(pair: Pair) -> Decimal | None:
    if pair.tick_size and Decimal(pair.tick_size) > 0:
        return Decimal(pair.tick_size)
    return None if pair.price_precision is None else Decimal(1).scaleb(-pair.price_precision)


def _fits(value: Decimal, step: Decimal) -> bool:
    return EXACT.remainder(value, step) == 0


def _rounded(value: Decimal, step: Decimal, way: str) -> Decimal:
    steps = EXACT.divide(value, step).to_integral_value(rounding=way)
    return EXACT.multiply(steps, step)
