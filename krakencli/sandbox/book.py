"""A limit order book with price-time priority, in integers: prices in ticks, quantities in lots.

It matches, and it writes down every change of a level in the order in which it happened, because the public
feed is made of these changes. It knows neither symbols nor channels nor clocks: times come in with each call.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import NamedTuple

from krakencli.sandbox.checksum import checksum

CHECKED_LEVELS = 10


class Fill(NamedTuple):
    """A taker met one resting order: `qty` lots at the resting order's `price`."""

    price: int
    qty: int
    order_id: int


class Change(NamedTuple):
    """A level's new total quantity, 0 when it has gone. `key` orders levels best first (see `Side`)."""

    key: int
    qty: int


class Order:
    """A resting order; `place` is its index in the book's list of all orders."""

    __slots__ = ("key", "order_id", "place", "qty", "side")

    def __init__(self, order_id: int, side: Side, key: int, qty: int, place: int) -> None:
        self.order_id = order_id
        self.side = side
        self.key = key
        self.qty = qty
        self.place = place


class Level:
    """All orders at one price in queue order, their sum, and the time of the last change (nanoseconds)."""

    __slots__ = ("orders", "qty", "time")

    def __init__(self) -> None:
        self.orders: dict[int, Order] = {}
        self.qty = 0
        self.time = 0


class Side:
    """One side. `keys` ascend from the best level on: the price itself for asks, the negated price
    for bids.
    """

    __slots__ = ("changes", "keys", "levels", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.keys: list[int] = []
        self.levels: dict[int, Level] = {}
        self.changes: list[Change] = []

    def price(self, key: int) -> int:
        return key * self.sign

    def best(self) -> tuple[int, int] | None:
        """Price and quantity of the best level; None when the side is empty."""
        if not self.keys:
            return None
        key = self.keys[0]
        return key * self.sign, self.levels[key].qty

    def top(self, count: int) -> list[tuple[int, int]]:
        """`(price, qty)` of the best `count` levels, best first."""
        sign, levels = self.sign, self.levels
        return [(key * sign, levels[key].qty) for key in self.keys[:count]]

    def changed(self, key: int, level: Level, time: int) -> None:
        """Notes a level's new quantity, and takes the level away when nothing is left of it."""
        level.time = time
        self.changes.append(Change(key, level.qty))
        if not level.orders:
            del self.levels[key]
            del self.keys[bisect_left(self.keys, key)]

    def level(self, key: int) -> Level:
        """The level at `key`, made when it is new."""
        found = self.levels.get(key)
        if found is None:
            found = self.levels[key] = Level()
            insort(self.keys, key)
        return found


class Book:
    """Both sides, every resting order, and the changes since the last `drain`."""

    def __init__(self) -> None:
        self.bids = Side(-1)
        self.asks = Side(1)
        self.orders: list[Order] = []
        self._next_id = 1
        self._checksum: int | None = None

    def submit(self, buy: bool, price: int | None, qty: int, time: int) -> list[Fill]:
        """Matches an order against the other side; what is left of one with a `price` rests, else
        it lapses.
        """
        fills = self._match(buy, price, qty, time)
        left = qty - sum(fill.qty for fill in fills)
        if left and price is not None:
            self._rest(buy, price, left, time)
        return fills

    def cancel(self, order: Order, time: int) -> None:
        """Takes a resting order out of its queue."""
        self._remove(order)
        level = order.side.levels[order.key]
        level.qty -= order.qty
        del level.orders[order.order_id]
        order.side.changed(order.key, level, time)

    def drain(self) -> tuple[list[Change], list[Change]]:
        """The changes since the last call as `(bids, asks)`, each in the order of events."""
        bids, asks = self.bids.changes, self.asks.changes
        if self._touches_top(self.bids) or self._touches_top(self.asks):
            self._checksum = None
        self.bids.changes, self.asks.changes = [], []
        return bids, asks

    def checksum(self) -> int:
        """The checksum of the ten best levels a side; right after `drain`, it is cached while they stay as
        they are.
        """
        if self._checksum is None:
            self._checksum = checksum(self.asks.top(CHECKED_LEVELS), self.bids.top(CHECKED_LEVELS))
        return self._checksum

    def _touches_top(self, side: Side) -> bool:
        if not side.changes:
            return False
        if len(side.keys) < CHECKED_LEVELS:
            return True
        tenth = side.keys[CHECKED_LEVELS - 1]
        return any(change.key <= tenth for change in side.changes)

    def _match(self, buy: bool, price: int | None, qty: int, time: int) -> list[Fill]:
        side = self.asks if buy else self.bids
        limit = None if price is None else price * side.sign
        fills: list[Fill] = []
        while qty and side.keys and (limit is None or side.keys[0] <= limit):
            key = side.keys[0]
            level = side.levels[key]
            order = next(iter(level.orders.values()))
            traded = min(qty, order.qty)
            self._fill(order, level, traded)
            side.changed(key, level, time)
            fills.append(Fill(side.price(key), traded, order.order_id))
            qty -= traded
        return fills

    def _fill(self, order: Order, level: Level, qty: int) -> None:
        order.qty -= qty
        level.qty -= qty
        if not order.qty:
            del level.orders[order.order_id]
            self._remove(order)

    def _rest(self, buy: bool, price: int, qty: int, time: int) -> None:
        side = self.bids if buy else self.asks
        key = price * side.sign
        order = Order(self._next_id, side, key, qty, len(self.orders))
        self._next_id += 1
        self.orders.append(order)
        level = side.level(key)
        level.orders[order.order_id] = order
        level.qty += qty
        side.changed(key, level, time)

    def _remove(self, order: Order) -> None:
        """Closes the gap in the list of all orders with its last one, so that a random pick stays
        one step.
        """
        last = self.orders.pop()
        if last is not order:
            self.orders[order.place] = last
            last.place = order.place
