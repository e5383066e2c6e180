"""What a book looks like from outside: its top in exact figures, its levels with cumulative sizes.

Every figure is text that JSON accepts as a number. Prices and quantities of single levels are the wire's own
text; what is reckoned is in plain decimals. Nothing here rounds but `imbalance`.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from krakencli.books.digits import Exact, added, aligned, exact, text_of
from krakencli.books.ladder import Ladder, Row

IMBALANCE_DECIMALS = 6


class Top(Struct, frozen=True, gc=False):
    """The best of both sides; what needs a side that is empty is None.

    `spread` is ask minus bid (negative where the book is crossed), `mid` their mean, both exact. `imbalance`
    is (bid_qty - ask_qty) / (bid_qty + ask_qty), from -1 to 1, rounded half to even to six decimals.
    """

    bid: str | None = None
    bid_qty: str | None = None
    ask: str | None = None
    ask_qty: str | None = None
    spread: str | None = None
    mid: str | None = None
    imbalance: str | None = None


class Rung(Struct, frozen=True, gc=False):
    """One level: its price, its size, and the size of it and all better ones.

    `orders` is how many orders stand there, 0 in a book that does not know them.
    """

    price: str
    qty: str
    total: str
    orders: int = 0


def top(bids: Ladder[Any], asks: Ladder[Any]) -> Top:
    """The best of both sides of a book."""
    bid, ask = next(bids.rows(1), None), next(asks.rows(1), None)
    if bid is None or ask is None:
        return Top(*_quote(bid), *_quote(ask))
    (low, high), decimals = aligned((exact(bid[0]), exact(ask[0])))
    spread = text_of((high - low, decimals))
    return Top(*_quote(bid), *_quote(ask), spread, _mid(low + high, decimals), _imbalance(bid[1], ask[1]))


def _quote(best: Row | None) -> tuple[str | None, str | None]:
    return (best[0].decode(), best[1].decode()) if best else (None, None)


def _mid(twice: int, decimals: int) -> str:
    """Half of a sum: one more decimal where it needs it."""
    return text_of((twice // 2, decimals)) if twice % 2 == 0 else text_of((twice * 5, decimals + 1))


def _imbalance(bid_qty: bytes, ask_qty: bytes) -> str:
    (bid, ask), _ = aligned((exact(bid_qty), exact(ask_qty)))
    quotient, rest = divmod((bid - ask) * 10**IMBALANCE_DECIMALS, bid + ask)
    if 2 * rest > bid + ask or (2 * rest == bid + ask and quotient % 2):
        quotient += 1
    return text_of((quotient, IMBALANCE_DECIMALS))


def rungs(side: Ladder[Any], limit: int | None = None) -> Iterator[Rung]:
    """The levels of a side, best first, with exact cumulative sizes."""
    total: Exact = (0, 0)
    for price, qty, orders in side.rows(limit):
        total = added((total, exact(qty)))
        yield Rung(price.decode(), qty.decode(), text_of(total), orders)
