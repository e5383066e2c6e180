"""Asking before money moves: on a terminal a question, in a script `--yes`."""

import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from krakencli.errors import StreamError, UsageError
from krakencli.protocol.trading import Number
from krakencli.talk import NAME, harmless
from krakencli.trading.numbers import plain, product
from krakencli.trading.order import Order


def must_ask(command: str, *, yes: bool) -> bool:
    """Whether the person is to be asked. Raises UsageError where nobody is there who could answer."""
    if yes:
        return False
    if not (sys.stdin is not None and sys.stdin.isatty() and sys.stderr is not None and sys.stderr.isatty()):
        raise UsageError(
            f"{command} asks before it sends, and nobody is there to answer",
            suggestion="add --yes; --dry-run shows what would be sent",
        )
    return True


def ask(lines: list[str]) -> None:
    """Show what is about to be sent; UsageError unless the person says yes."""
    for line in lines:
        sys.stderr.write(harmless(line) + "\n")
    sys.stderr.write(f"{NAME}: send it? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("nothing was sent", suggestion="answer y to send")


def described(order: Order, price_now: Callable[[], str | None] | None = None) -> str:
    """An order on one line: side, quantity, symbol, type, price and value."""
    base, _, quote = order.symbol.partition("/")
    unit = quote if order.cash else base
    words = [f"{order.side.upper()} {order.qty} {unit} of {order.symbol}, {order.order_type}"]
    if order.triggers.price is not None:
        words.append(f"trigger {order.triggers.price}{_kind(order.triggers.price_type)}")
    if order.limit_price is not None:
        words.append(f"price {order.limit_price}{_kind(order.limit_price_type)}")
    return ", ".join([*words, f"value {_value(order, quote, price_now)}", *_more(order)])


def _value(order: Order, quote: str, price_now: Callable[[], str | None] | None) -> str:
    if order.cash:
        return f"{order.qty} {quote}"
    if order.limit_price is not None and order.order_type != "trailing-stop-limit":
        return f"{plain(product(order.qty, order.limit_price))} {quote}"
    price = price_now() if price_now is not None and order.order_type == "market" else None
    if price is None:
        return "not known before it trades"
    return f"about {plain(product(order.qty, Number(price)))} {quote} (last trade at {price})"


def _kind(price_type: str | None) -> str:
    return {"pct": " %", "quote": " away"}.get(price_type or "", "")


def _more(order: Order) -> list[str]:
    """What else changes the order's course."""
    shown: Mapping[str, Any] = {
        "post-only": order.post_only,
        "reduce-only": order.reduce_only,
        "ON MARGIN": order.margin,
        f"{order.time_in_force}": order.time_in_force,
        f"shows {order.display_qty}": order.display_qty,
        f"closed by {order.conditional.order_type}": order.conditional.order_type,
    }
    return [words for words, given in shown.items() if given]


def last_price(public: Callable[..., Any], pair: str) -> str | None:
    """The last trade's price, where REST tells it at once."""
    try:
        result = public("Ticker", pair=pair)
        return str(Decimal(next(iter(result.values()))["c"][0]))
    except (StreamError, ArithmeticError, AttributeError, LookupError, StopIteration, TypeError, ValueError):
        return None
