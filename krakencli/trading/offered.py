"""What the exchange offers where: an order that it cannot take is refused with the reason. Pure.

Facts: protocol notes v2 §12.1. What they leave open is left to the exchange.
"""

from collections.abc import Iterator
from decimal import Decimal

from krakencli.errors import UsageError
from krakencli.protocol.order_form import TRAILING, TRIGGERED
from krakencli.trading.order import Conditional, Order, client_id

PRICED = ("limit", "iceberg", "stop-loss-limit", "take-profit-limit", "trailing-stop-limit")
ICEBERG_SLICES = 15

Refusal = tuple[str, str]
"""What is wrong, and what to do."""


def check(order: Order) -> None:
    """Raises UsageError where the exchange offers no such order."""
    for part in (_price, _triggers, _time, _flags, _quantity, _names, _closing):
        for message, suggestion in part(order):
            raise UsageError(message, suggestion=suggestion)


def _price(order: Order) -> Iterator[Refusal]:
    kind, price = order.order_type, order.limit_price
    if kind in PRICED and price is None:
        yield f"a {kind} order needs a price", "add --price"
    if kind not in PRICED and price is not None:
        yield f"a {kind} order has no limit price", f"leave --price out, or use --type {_priced_like(kind)}"
    if order.limit_price_type is not None and kind != "trailing-stop-limit":
        yield "--price-type is for trailing-stop-limit orders only", "leave it out: the price is a price"
    if price is not None and _below_zero(price) and kind != "trailing-stop-limit":
        yield f"the price of a {kind} order is {price}, and must be greater than 0", "write it without a sign"


def _priced_like(kind: str) -> str:
    return f"{kind}-limit" if f"{kind}-limit" in PRICED else "limit"


def _triggers(order: Order) -> Iterator[Refusal]:
    kind, triggers = order.order_type, order.triggers
    if kind in TRIGGERED and triggers.price is None:
        distance = ", the distance that it trails by" if kind in TRAILING else ""
        yield f"a {kind} order needs a trigger{distance}", "add --trigger-price"
    if kind not in TRIGGERED and triggers.params():
        yield f"a {kind} order is not triggered", "leave the --trigger options out, or use --type stop-loss"
    if triggers.price is None or not _below_zero(triggers.price):
        return
    if kind in TRAILING:
        yield "a trailing order's distance is greater than 0 for both sides", "write it without a sign"
    if triggers.price_type in (None, "static"):
        yield (
            f"the trigger price {triggers.price} is below 0",
            "add --trigger-price-type pct or quote for an offset from the present price",
        )


def _time(order: Order) -> Iterator[Refusal]:
    kind, force = order.order_type, order.time_in_force
    if force == "fok" and kind != "limit":
        yield f"fok is offered on limit orders only, not on {kind}", "use --type limit, or --tif ioc"
    if force == "gtd" and order.expire_time is None:
        yield "--tif gtd needs the time of the order's end", "add --expire-time 2026-12-01T00:00:00Z"
    if order.expire_time is not None and force != "gtd":
        yield "--expire-time is the end of an order that is good till a date", "add --tif gtd"


def _flags(order: Order) -> Iterator[Refusal]:
    kind = order.order_type
    if order.post_only and kind not in PRICED:
        yield (
            f"--post-only is for orders with a limit price, not for {kind}",
            "leave it out, or add --type limit",
        )
    if order.post_only and order.time_in_force in ("ioc", "fok"):
        yield f"--post-only rests in the book, and {order.time_in_force} never does", "leave one of them out"


def _quantity(order: Order) -> Iterator[Refusal]:
    if order.cash:
        if order.order_type != "market" or order.side != "buy":
            yield (
                "an amount of money (--cash) can only be spent by buying at the market",
                "use buy and --type market, or a quantity of the base asset",
            )
        if order.margin:
            yield "--cash is not offered on margin", "leave one of them out"
    display = order.display_qty
    if order.order_type == "iceberg" and display is None:
        yield "an iceberg order needs the quantity that it shows", "add --display-qty"
    if order.order_type != "iceberg" and display is not None:
        yield "--display-qty is for iceberg orders", "use --type iceberg, or leave it out"
    if display is not None and order.order_type == "iceberg":
        whole, shown = Decimal(order.qty), Decimal(display)
        if shown * ICEBERG_SLICES < whole or shown > whole:
            yield (
                f"an iceberg order shows from 1/{ICEBERG_SLICES} of its quantity to all of it",
                f"choose --display-qty between {order.qty}/{ICEBERG_SLICES} and {order.qty}",
            )


def _names(order: Order) -> Iterator[Refusal]:
    if order.cl_ord_id is not None:
        client_id(order.cl_ord_id)
        if order.order_userref is not None:
            yield "--cl-ord-id and --userref exclude one another", "keep one of them"
        if order.conditional.params():
            yield "an order with a conditional close can have no cl_ord_id", "use --userref"
    if order.sender_sub_id is not None:
        client_id(order.sender_sub_id, "a sender_sub_id")


def _closing(order: Order) -> Iterator[Refusal]:
    closing = order.conditional
    if not closing.params():
        return
    if closing.order_type is None:
        yield "the --close options need the type of the closing order", "add --close-type"
        return
    yield from _closing_prices(closing, closing.order_type)


def _closing_prices(closing: Conditional, kind: str) -> Iterator[Refusal]:
    if kind in PRICED and closing.limit_price is None:
        yield f"a closing {kind} order needs a price", "add --close-price"
    if kind not in PRICED and closing.limit_price is not None:
        yield f"a closing {kind} order has no limit price", "use --close-trigger-price"
    if kind in TRIGGERED and closing.trigger_price is None:
        yield f"a closing {kind} order needs a trigger", "add --close-trigger-price"
    if kind not in TRIGGERED and (closing.trigger_price or closing.trigger_price_type):
        yield f"a closing {kind} order is not triggered", "leave the --close-trigger options out"
    if kind in TRAILING and closing.trigger_price and _below_zero(closing.trigger_price):
        yield "a trailing order's distance is greater than 0 for both sides", "write it without a sign"


def _below_zero(text: str) -> bool:
    return text.startswith("-")
