"""One side of an L3 book: the queue of orders at each price.

Where an order stands in its queue (protocol notes v2 §8, §12.2): an `add` joins the tail. A `modify` keeps
its place where neither the price changes nor the quantity rises: a fill only reduces, so that a larger
quantity can only be an amend, and §12.2 sends that to the back of the queue. A new price means the tail of
that price's queue. A client that sorts by the orders' time stamps comes to the same queues as long as an
amend that loses its place is stamped anew and one that keeps it is not.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Protocol

from msgspec import Struct

from krakencli.books.digits import Exact, added, aligned, exact, padded_token, text_of
from krakencli.books.ladder import TOP, Ladder, Row, Sign, amount


class Event(Protocol):
    """One order of a message; the fields are what a decoder with `float_hook=str.encode` gives."""

    order_id: str
    limit_price: Any
    order_qty: Any
    timestamp: str | None
    event: str


class Order(Struct, frozen=True, gc=False):
    """A resting order; price and quantity are the wire's text, `digits` what they add to the checksum."""

    order_id: str
    price: bytes
    qty: bytes
    timestamp: str | None
    digits: bytes


class Queue:
    """The orders at one price, by id, first come first; never empty while its side holds it."""

    __slots__ = ("_digits", "orders")

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self._digits: bytes | None = None

    def put(self, order: Order) -> None:
        """To the tail, or to the place of the order with this id."""
        self.orders[order.order_id] = order
        self._digits = None

    def remove(self, order_id: str) -> None:
        del self.orders[order_id]
        self._digits = None

    def digits(self) -> bytes:
        """What these orders add to the checksum."""
        if self._digits is None:
            self._digits = b"".join([order.digits for order in self.orders.values()])
        return self._digits

    def size(self) -> Exact:
        """The exact sum of the quantities."""
        return added(exact(order.qty) for order in self.orders.values())


class QueueSide(Ladder[Queue]):
    """Bids or asks of an L3 book. `_home` is the key of every order that rests here."""

    __slots__ = ("_digits", "_home")

    def __init__(self, sign: Sign) -> None:
        super().__init__(sign)
        self._home: dict[str, int] = {}
        self._digits: bytes | None = b""

    def __iter__(self) -> Iterator[Queue]:
        """The queues, best price first."""
        return self.queues()

    def queues(self, limit: int | None = None) -> Iterator[Queue]:
        """`__iter__` of at most `limit` prices."""
        return (self.levels[key] for key in islice(self.keys, limit))

    def orders(self, limit: int | None = None) -> Iterator[Order]:
        """The orders of at most `limit` prices, best price first, in their queues' order."""
        return (order for queue in self.queues(limit) for order in queue.orders.values())

    @property
    def order_count(self) -> int:
        return len(self._home)

    def rows(self, limit: int | None = None) -> Iterator[Row]:
        for queue in self.queues(limit):
            first = next(iter(queue.orders.values()))
            yield first.price, text_of(queue.size()).encode(), len(queue.orders)

    def clear(self) -> None:
        super().clear()
        self._home.clear()
        self._digits = b""

    def refine(self, decimals: int) -> None:
        factor = 10 ** max(0, decimals - self.decimals)
        super().refine(decimals)
        if factor > 1:
            self._home = {order_id: key * factor for order_id, key in self._home.items()}

    def update(self, changes: Sequence[Event]) -> None:
        """Deleting an unknown order is harmless; a `modify` of one is its `add`; no quantity is no order."""
        for event in changes:
            if event.event == "delete":
                self._leave(event.order_id)
            elif event.event in {"add", "modify"}:
                self._rest(event)
            else:
                raise ValueError(f"an order event of the unknown kind {event.event[:20]!r}")

    def _rest(self, event: Event) -> None:
        key, price, price_digits = self.place(event.limit_price)
        qty, qty_digits = amount(event.order_qty)
        order = Order(event.order_id, price, qty, event.timestamp, price_digits + qty_digits)
        if not (event.event == "modify" and qty_digits and self._keeps_place(order, key)):
            self._leave(order.order_id)
            if not qty_digits:
                return
        if key not in self.levels:
            self._insert(key, Queue())
        self._home[order.order_id] = key
        self.levels[key].put(order)
        self._touch(key)

    def _keeps_place(self, order: Order, key: int) -> bool:
        if self._home.get(order.order_id) != key:
            return False
        (now, then), _ = aligned((exact(order.qty), exact(self.levels[key].orders[order.order_id].qty)))
        return now <= then

    def _leave(self, order_id: str) -> None:
        key = self._home.pop(order_id, None)
        if key is None:
            return
        self._touch(key)
        queue = self.levels[key]
        queue.remove(order_id)
        if not queue.orders:
            self._remove(key)

    def _touch(self, key: int) -> None:
        """The checksum's digits are stale where `key` is, or was, among the ten best."""
        if len(self.keys) <= TOP or key <= self.keys[TOP - 1]:
            self._digits = None

    def cut(self, depth: int) -> list[Queue]:
        if depth < TOP:
            self._digits = None
        gone = super().cut(depth)
        for queue in gone:
            for order_id in queue.orders:
                del self._home[order_id]
        return gone

    def digits(self) -> bytes:
        if self._digits is None:
            self._digits = b"".join([queue.digits() for queue in self.queues(TOP)])
        return self._digits

    def padded_digits(self, price_precision: int, qty_precision: int) -> bytes:
        return b"".join(
            padded_token(order.price, price_precision) + padded_token(order.qty, qty_precision)
            for order in self.orders(TOP)
        )
