"""An order in the exchange's words, which REST and v1 spell with other digits (protocol notes v1 §7.1 and §8,
REST §5).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from krakencli.sandbox.pairs import Pair
from krakencli.sandbox.trading.offset import Offset
from krakencli.sandbox.trading.order import LIMITED, STOPS, Ask, UserOrder


class Spelling(NamedTuple):
    """How one protocol spells a pair's name, a price, and one that there is not."""

    pair: str
    price: Callable[[int], str]
    unset: str
    market: str = "market"


class Terms(NamedTuple):
    """What was asked for: two prices, of which the first is the trigger if there is one, and all in words."""

    price: str
    price2: str
    words: str


def rest(pair: Pair) -> Spelling:
    """REST's, which is that of v1's answers, too."""
    return Spelling(pair.altname, pair.price_text, "0")


def describe(order: UserOrder, spelling: Spelling) -> Terms:
    """An order as it stands."""
    return terms(order.ask, order.qty, order.limit, order.trigger, spelling)


def terms(ask: Ask, qty: int, limit: int | None, trigger: int | None, spelling: Spelling) -> Terms:
    """The same of one that is perhaps only checked; distances have their sign."""
    stop, price = _prices(ask, limit, trigger, spelling)
    head = f"{'buy' if ask.buy else 'sell'} {ask.pair.qty_text(qty)} {spelling.pair} @ "
    if ask.kind in STOPS:
        return Terms(stop, price, head + _waiting(ask.kind, stop, price))
    words = spelling.market if ask.kind == "market" else f"{ask.kind} {price}"
    return Terms(price, spelling.unset, head + words)


def closing(close: Ask, spelling: Spelling) -> Terms:
    """What closes each fill of an order."""
    stop, price = _prices(close, close.limit, close.trigger, spelling)
    head = "close position @ "
    if close.kind in STOPS:
        return Terms(stop, price, head + _waiting(close.kind, stop, price))
    return Terms(price, spelling.unset, f"{head}{close.kind} {price}")


def _prices(ask: Ask, limit: int | None, trigger: int | None, spelling: Spelling) -> tuple[str, str]:
    """Trigger and limit."""
    stop = spelling.unset if trigger is None else spelling.price(trigger)
    if ask.offset is not None:
        stop = _signed(ask.offset)
    price = spelling.unset if limit is None else spelling.price(limit)
    if limit is None and ask.limit_offset is not None:
        price = _signed(ask.limit_offset)
    return stop, price


def _waiting(kind: str, stop: str, limit: str) -> str:
    words = f"{kind.removesuffix('-limit').replace('-', ' ')} {stop}"
    return f"{words} -> limit {limit}" if kind in LIMITED else words


def _signed(offset: Offset) -> str:
    sign = "" if offset.given.startswith("-") else "+"
    return f"{sign}{offset.given}{'%' if offset.kind == 'pct' else ''}"
