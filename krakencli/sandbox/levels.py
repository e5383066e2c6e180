"""What a book is made of: resting orders in the queue of their price, the prices of a side, and the changes
of them.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Literal, NamedTuple

Happening = Literal["add", "modify", "delete"]


class Change(NamedTuple):
    """What happened to one order, and what its level then comes to.

    `key` orders levels best first (see `Side`); `qty` is the level's new total, 0 when it has gone.
    `order_qty` is what is left of the order, on a delete what it was; `time` is when the order was placed.
    """

    key: int
    qty: int
    event: Happening
    order_id: int
    order_qty: int
    time: int


class Order:
    """A resting order, placed at `time` (nanoseconds); `place` is its index in the book's list of the crowd's
    orders.

    `owner` is the account that it belongs to, 0 for the crowd. Of an iceberg `qty` is what shows, `hidden`
    what is to follow in slices of `display`.
    """

    __slots__ = ("display", "hidden", "key", "order_id", "owner", "place", "qty", "side", "time")

    def __init__(self, order_id: int, side: Side, key: int, qty: int, place: int, time: int) -> None:
        self.order_id = order_id
        self.side = side
        self.key = key
        self.qty = qty
        self.place = place
        self.time = time
        self.owner = self.display = self.hidden = 0


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

    def queues(self, count: int) -> Iterator[Order]:
        """Every order of the best `count` levels: by price, best first, within a price by queue position."""
        for key in self.keys[:count]:
            yield from self.levels[key].orders.values()

    def changed(self, level: Level, order: Order, event: Happening, order_qty: int, time: int) -> None:
        """Notes what happened to an order at `time`, and takes its level away when nothing is left of it."""
        level.time = time
        key = order.key
        self.changes.append(Change(key, level.qty, event, order.order_id, order_qty, order.time))
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
