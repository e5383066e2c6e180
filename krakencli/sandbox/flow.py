"""Seeded order flow: what the traders of one symbol do next.

Quotes arrive around a fair price that wanders, mostly near the touch and thinning out far from it; resting
orders are cancelled or moved; takers cross the spread. Chance decides in binary floats, but every price and
quantity leaves as an integer. The same seed and symbol give the same orders for ever, whatever other symbols
do.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from krakencli.sandbox.book import Book
from krakencli.sandbox.levels import Order, Side
from krakencli.sandbox.pairs import Pair

_NEAR_LEVELS = 60
_SCARCE = 5
_DEEPEST_SWEEP = 25
_ROUND_SHARE = 0.3


class Instruction(NamedTuple):
    """One thing a trader does. `cancel` goes first; then, with `qty`, an order (`price` None: at market).
    `trim` is a resting order and the lots that its owner leaves of it.
    """

    buy: bool
    price: int | None
    qty: int
    cancel: Order | None = None
    trim: tuple[Order, int] | None = None


class Flow:
    """The traders of one pair."""

    def __init__(self, pair: Pair, seed: int) -> None:
        self._pair = pair
        # Reproducible on purpose: nothing here is a secret.
        self._random = Random(f"{seed}/{pair.symbol}/orders").random  # noqa: S311
        self._fair = pair.price
        self._spacing = max(1, pair.price // 60_000)
        self._reach = min(pair.levels * 3 // 2, pair.price // (3 * self._spacing))
        self._lots_per_value = 10**pair.qty_precision / (pair.price * self._value_of_tick())

    def opening(self) -> Iterator[Instruction]:
        """The ladder that the book starts with: `pair.levels` levels a side, unless prices would run out."""
        for step in range(min(self._pair.levels, self._reach)):
            for buy in (True, False):
                offset = 1 + step * self._spacing + self._below(self._spacing)
                yield Instruction(
                    buy, self._fair - offset if buy else self._fair + offset, self._size(1.0, 3.3)
                )

    def next(self, book: Book) -> Instruction:
        """What happens next in `book`, neither side of which becomes empty by it."""
        self._wander()
        return self._sparing(self._choose(book), book)

    def _choose(self, book: Book) -> Instruction:
        choice = self._random()
        crowd, wanted = len(book.orders), 2.6 * self._pair.levels
        if self._is_scarce(book):
            return self._quote(len(book.bids.keys) < len(book.asks.keys))
        if choice < (0.45 if crowd < wanted else 0.33):
            return self._quote(self._random() < 0.5)
        if choice < 0.78:
            return Instruction(False, None, 0, self._pick(book))
        if choice < 0.85:
            return self._move(book)
        if choice < 0.88:
            return self._trim(book)
        return self._take(book)

    def _value_of_tick(self) -> float:
        """Roughly dollars per tick: quantities are drawn by value, so that every pair trades believable
        sizes.
        """
        rough = {"USD": 1.0, "EUR": 1.1, "BTC": 65_000.0}.get(self._pair.quote.name, 1.0)
        return float(rough / 10**self._pair.price_precision)

    def _below(self, count: int) -> int:
        return int(self._random() * count)

    def _wander(self) -> None:
        step = self._below(2 * self._spacing + 1) - self._spacing
        if self._pair.price // 2 < self._fair + step < self._pair.price * 2:
            self._fair += step

    def _is_scarce(self, book: Book) -> bool:
        return len(book.bids.keys) < _SCARCE or len(book.asks.keys) < _SCARCE or not book.orders

    def _size(self, low: float, high: float) -> int:
        """Lots worth 10^low to 10^high dollars; now and then the smallest order, or a round number."""
        chance = self._random()
        if chance < 0.08:
            return self._pair.qty_min
        lots = int(self._lots_per_value * 10 ** (low + (high - low) * self._random()))
        if chance < _ROUND_SHARE:
            unit = 10 ** max(0, len(str(lots)) - 2)
            lots = lots // unit * unit
        return max(lots, self._pair.qty_min)

    def _offset(self) -> int:
        """How far behind the fair price a quote stands, in ticks."""
        chance = self._random()
        if chance < 0.72:
            levels = int(self._random() ** 2 * min(_NEAR_LEVELS, self._reach))
        else:
            levels = self._below(self._reach)
        return (
            levels * self._spacing + self._below(self._spacing) + (1 if chance > 0.06 else -2 * self._spacing)
        )

    def _quote_price(self, buy: bool) -> int:
        offset = self._offset()
        return max(1, self._fair - offset if buy else self._fair + offset)

    def _quote(self, buy: bool) -> Instruction:
        return Instruction(buy, self._quote_price(buy), self._size(1.0, 4.3))

    def _pick(self, book: Book) -> Order:
        """Someone's resting order: near the touch more often than not, and never one of an account."""
        if self._random() < 0.4:
            return book.orders[self._below(len(book.orders))]
        side = book.bids if self._random() < 0.5 else book.asks
        near = min(len(side.keys), _NEAR_LEVELS)
        level = side.levels[side.keys[int(self._random() ** 2 * near)]]
        newest = next(reversed(level.orders.values()))
        return newest if not newest.owner else book.orders[-1]

    def _move(self, book: Book) -> Instruction:
        """A quote goes and comes back at another price in the same instant."""
        order = self._pick(book)
        buy = order.side is book.bids
        return Instruction(buy, self._quote_price(buy), order.qty, order)

    def _trim(self, book: Book) -> Instruction:
        """A quote is made smaller where it stands."""
        order = self._pick(book)
        return Instruction(False, None, 0, trim=(order, max(1, order.qty * (1 + self._below(9)) // 10)))

    def _take(self, book: Book) -> Instruction:
        """A taker, at market or with a limit at a price that is on offer."""
        buy = self._random() < 0.5
        side = book.asks if buy else book.bids
        qty = self._size(0.5, 3.2) * (20 if self._random() < 0.06 else 1)
        if self._random() < 0.45:
            return Instruction(buy, side.price(side.keys[0]), qty)
        return Instruction(buy, None, qty)

    def _sparing(self, instruction: Instruction, book: Book) -> Instruction:
        """The instruction with no more than may be taken from the other side, if its price reaches
        that far.
        """
        side = book.asks if instruction.buy else book.bids
        price = instruction.price
        if not instruction.qty or not side.keys or (price is not None and price * side.sign < side.keys[0]):
            return instruction
        return instruction._replace(qty=min(instruction.qty, self._affordable(side)))

    def _affordable(self, side: Side) -> int:
        """All but the last level, and no more than a few dozen."""
        keys = side.keys[: min(_DEEPEST_SWEEP, len(side.keys) - 1)]
        return sum(side.levels[key].qty for key in keys)
