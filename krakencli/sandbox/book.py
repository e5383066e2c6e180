"""A limit order book with price-time priority, in integers: prices in ticks, quantities in lots.

It matches, and it writes down what happens to every order in the order in which it happened, because the
public feeds are made of these changes. It knows neither symbols nor channels nor clocks: times come in with
each call.
"""

from __future__ import annotations

from typing import NamedTuple

from krakencli.sandbox.checksum import checksum
from krakencli.sandbox.levels import Change, Level, Order, Side

CHECKED_LEVELS = 10


class Fill(NamedTuple):
    """A taker met one resting order: `qty` lots at the resting order's `price`."""

    price: int
    qty: int
    order_id: int


class Book:
    """Both sides, every resting order, and the changes since the last `drain`."""

    def __init__(self) -> None:
        self.bids = Side(-1)
        self.asks = Side(1)
        self.orders: list[Order] = []
        self._next_id = 1
        self._checksum: int | None = None
        self._order_checksum: int | None = None

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
        order.side.changed(level, order, "delete", order.qty, time)

    def reduce(self, order: Order, qty: int, time: int) -> None:
        """Amends a resting order down to `qty` lots, which keeps its place (protocol notes v2 §12.2)."""
        level = order.side.levels[order.key]
        level.qty += qty - order.qty
        order.qty = qty
        order.side.changed(level, order, "modify", qty, time)

    def drain(self) -> tuple[list[Change], list[Change]]:
        """The changes since the last call as `(bids, asks)`, each in the order of events."""
        bids, asks = self.bids.changes, self.asks.changes
        if self._touches_top(self.bids) or self._touches_top(self.asks):
            self._checksum = self._order_checksum = None
        self.bids.changes, self.asks.changes = [], []
        return bids, asks

    def checksum(self) -> int:
        """The checksum of the ten best levels a side; right after `drain`, it is cached while they stay as
        they are.
        """
        if self._checksum is None:
            self._checksum = checksum(self.asks.top(CHECKED_LEVELS), self.bids.top(CHECKED_LEVELS))
        return self._checksum

    def order_checksum(self) -> int:
        """The same over every order of these levels in queue order (protocol notes v2 §9.2)."""
        if self._order_checksum is None:
            asks, bids = (
                [(side.price(order.key), order.qty) for order in side.queues(CHECKED_LEVELS)]
                for side in (self.asks, self.bids)
            )
            self._order_checksum = checksum(asks, bids)
        return self._order_checksum

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
            self._fill(order, level, traded, time)
            fills.append(Fill(side.price(key), traded, order.order_id))
            qty -= traded
        return fills

    def _fill(self, order: Order, level: Level, qty: int, time: int) -> None:
        order.qty -= qty
        level.qty -= qty
        if order.qty:
            order.side.changed(level, order, "modify", order.qty, time)
            return
        del level.orders[order.order_id]
        self._remove(order)
        order.side.changed(level, order, "delete", qty, time)

    def _rest(self, buy: bool, price: int, qty: int, time: int) -> None:
        side = self.bids if buy else self.asks
        key = price * side.sign
        order = Order(self._next_id, side, key, qty, len(self.orders), time)
        self._next_id += 1
        self.orders.append(order)
        level = side.level(key)
        level.orders[order.order_id] = order
        level.qty += qty
        side.changed(level, order, "add", qty, time)

    def _remove(self, order: Order) -> None:
        """Closes the gap in the list of all orders with its last one, so that a random pick stays
        one step.
        """
        last = self.orders.pop()
        if last is not order:
            self.orders[order.place] = last
            last.place = order.place
