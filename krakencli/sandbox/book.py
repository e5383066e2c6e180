"""A limit order book with price-time priority, in integers: prices in ticks, quantities in lots.

It matches, and it writes down what happens to every order in the order in which it happened, because the
public feeds are made of these changes. It knows neither symbols nor channels nor clocks: times come in with
each call. The orders of accounts stand in the same queues as the crowd's, but only those of the crowd are in
`orders`, from which chance picks; those of accounts are in `owned`, by their number.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from krakencli.sandbox.checksum import checksum
from krakencli.sandbox.levels import Change, Order, Side

CHECKED_LEVELS = 10

Prevention = Literal["cancel_newest", "cancel_oldest", "cancel_both"]


class Fill(NamedTuple):
    """A taker met one resting order: `qty` lots at the resting order's `price`. `owner` is the account of the
    resting one, 0 for the crowd; `shown` is the next slice of an iceberg, once one has been used up.
    """

    price: int
    qty: int
    order_id: int
    owner: int = 0
    shown: int = 0


class Entry(NamedTuple):
    """An account's order on its way into the book; `price` None is at market, `rests` what happens to its
    rest.

    `prevention` says who gives way when it meets an order of its own account.
    """

    number: int
    owner: int
    buy: bool
    price: int | None
    qty: int
    rests: bool = True
    display: int = 0
    prevention: Prevention = "cancel_newest"


class Outcome(NamedTuple):
    """What came of an entry: its fills, the resting orders of its own account that gave way, what is left of
    it, and whether that is because it had to give way itself.
    """

    fills: list[Fill]
    removed: list[int]
    left: int
    stopped: bool


class Book:
    """Both sides, every resting order, and the changes since the last `drain`."""

    def __init__(self) -> None:
        self.bids = Side(-1)
        self.asks = Side(1)
        self.orders: list[Order] = []
        self.owned: dict[int, Order] = {}
        self._next_id = 1
        self._checksums: dict[tuple[int, int], int] = {}
        self._order_checksum: int | None = None

    def submit(self, buy: bool, price: int | None, qty: int, time: int) -> list[Fill]:
        """Matches an order of the crowd against the other side; what is left of one with a `price` rests,
        else it lapses.
        """
        fills, left = self._match(buy, price, qty, time)
        if left and price is not None:
            self._rest(Order(self.number(), *self._place(buy, price), left, len(self.orders), time))
        return fills

    def number(self) -> int:
        """The next order's number, which nobody else gets."""
        self._next_id += 1
        return self._next_id - 1

    def enter(self, entry: Entry, time: int) -> Outcome:
        """The same for an account's order, which trades with nobody of its own account."""
        fills: list[Fill] = []
        removed: list[int] = []
        left, stopped = entry.qty, False
        while left and not stopped:
            some, left = self._match(entry.buy, entry.price, left, time, entry.owner)
            fills += some
            own = self._first(entry.buy, entry.price) if left else None
            if own is None:
                break
            stopped = entry.prevention != "cancel_oldest"
            if entry.prevention != "cancel_newest":
                removed.append(own.order_id)
                self.cancel(own, time)
        if left and not stopped and entry.rests and entry.price is not None:
            self._rest_owned(entry, left, time)
        return Outcome(fills, removed, left, stopped)

    def preview(self, entry: Entry) -> list[tuple[int, int]]:
        """What `enter` would trade, as `(price, qty)` from the best price on."""
        side = self.asks if entry.buy else self.bids
        found: list[tuple[int, int]] = []
        left = entry.qty
        for key in side.keys:
            if not left or (entry.price is not None and key > entry.price * side.sign):
                break
            for order in side.levels[key].orders.values():
                if order.owner == entry.owner:
                    if entry.prevention != "cancel_oldest":
                        return found
                    continue
                qty = min(left, order.qty + order.hidden)
                if qty:
                    found.append((side.price(key), qty))
                left -= qty
        return found

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
            self._checksums.clear()
            self._order_checksum = None
        self.bids.changes, self.asks.changes = [], []
        return bids, asks

    def checksum(self, price_unit: int = 1, qty_unit: int = 1) -> int:
        """The checksum of the ten best levels a side; right after `drain`, it is cached while they stay as
        they are.

        On a wire with more decimals a tick is so many of the smallest unit there, and a lot likewise.
        """
        units = price_unit, qty_unit
        if units not in self._checksums:
            asks, bids = (
                [(price * price_unit, qty * qty_unit) for price, qty in side.top(CHECKED_LEVELS)]
                for side in (self.asks, self.bids)
            )
            self._checksums[units] = checksum(asks, bids)
        return self._checksums[units]

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

    def _match(
        self, buy: bool, price: int | None, qty: int, time: int, owner: int = -1
    ) -> tuple[list[Fill], int]:
        """The fills, and what is left; it ends before an order of `owner`."""
        fills: list[Fill] = []
        while qty:
            order = self._first(buy, price)
            if order is None or order.owner == owner:
                break
            traded = min(qty, order.qty)
            shown = self._fill(order, traded, time)
            fills.append(Fill(order.side.price(order.key), traded, order.order_id, order.owner, shown))
            qty -= traded
        return fills, qty

    def _first(self, buy: bool, price: int | None) -> Order | None:
        """The order that a taker with this limit meets next."""
        side = self.asks if buy else self.bids
        if not side.keys or (price is not None and side.keys[0] > price * side.sign):
            return None
        return next(iter(side.levels[side.keys[0]].orders.values()))

    def _fill(self, order: Order, qty: int, time: int) -> int:
        """Takes `qty` lots off; an iceberg's next slice, whose size it gives, goes to the end of the
        queue.
        """
        level = order.side.levels[order.key]
        order.qty -= qty
        level.qty -= qty
        if order.qty:
            order.side.changed(level, order, "modify", order.qty, time)
            return 0
        del level.orders[order.order_id]
        self._remove(order)
        order.side.changed(level, order, "delete", qty, time)
        if not order.hidden:
            return 0
        order.qty = min(order.display, order.hidden)
        order.hidden -= order.qty
        order.time = time
        self._rest(order)
        return order.qty

    def _place(self, buy: bool, price: int) -> tuple[Side, int]:
        side = self.bids if buy else self.asks
        return side, price * side.sign

    def _rest_owned(self, entry: Entry, left: int, time: int) -> None:
        if entry.price is None:
            raise ValueError("an order at market does not rest")
        shown = min(left, entry.display or left)
        order = Order(entry.number, *self._place(entry.buy, entry.price), shown, 0, time)
        order.owner, order.display, order.hidden = entry.owner, entry.display, left - shown
        self._rest(order)

    def _rest(self, order: Order) -> None:
        if order.owner:
            self.owned[order.order_id] = order
        else:
            self.orders.append(order)
        level = order.side.level(order.key)
        level.orders[order.order_id] = order
        level.qty += order.qty
        order.side.changed(level, order, "add", order.qty, order.time)

    def _remove(self, order: Order) -> None:
        """Closes the gap in the list of the crowd's orders with its last one, so that a random pick stays
        one step.
        """
        if order.owner:
            del self.owned[order.order_id]
            return
        last = self.orders.pop()
        if last is not order:
            self.orders[order.place] = last
            last.place = order.place
