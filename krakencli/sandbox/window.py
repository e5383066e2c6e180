"""The part of a book that a subscription of one depth can see, and the changes that it must be sent.

As the exchange does it (protocol notes v2 §7.2 and §8): changes are told in the order in which they happened;
a deletion brings back, in the same message, the level that slides into the window, on level3 with all its
orders; what is pushed out of the window is never told. What stands here is what a client holds that cuts its
book to the depth, be it after each entry or after each message.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import NamedTuple

from krakencli.sandbox.book import Book
from krakencli.sandbox.levels import Change, Side

Levels = list[tuple[int, int]]


class Visible:
    """Which levels of one side a client of one depth holds."""

    def __init__(self, side: Side, depth: int) -> None:
        self._side = side
        self._depth = depth
        self._keys = side.keys[:depth]

    def misses(self, changes: list[Change]) -> bool:
        """Whether all of it lies below the window, as most changes of a deep book do: one comparison each
        tells so.
        """
        if len(self._keys) < self._depth:
            return not changes
        last = self._keys[-1]
        return all(change.key > last for change in changes)

    def follow(self, change: Change) -> bool:
        """Whether the client is to be told of `change`; notes what it will then hold."""
        place = bisect_left(self._keys, change.key)
        if place < len(self._keys) and self._keys[place] == change.key:
            if not change.qty:
                del self._keys[place]
            return True
        if not change.qty or place >= self._depth:
            return False
        insort(self._keys, change.key)
        del self._keys[self._depth :]
        return True

    def returning(self) -> int | None:
        """The key of the level that takes the place of a deleted one, if the book goes on below the window;
        it is counted as told.
        """
        keys = self._side.keys
        index = bisect_right(keys, self._keys[-1]) if self._keys else 0
        if len(self._keys) != self._depth - 1 or index >= len(keys):
            return None
        self._keys.append(keys[index])
        return keys[index]


class Told(NamedTuple):
    """A level as it is told; one that comes back into the window has stood unchanged `since` that time."""

    price: int
    qty: int
    since: int | None = None


class SideWindow:
    """The best `depth` levels of one side, as `book` tells them."""

    def __init__(self, side: Side, depth: int) -> None:
        self._side = side
        self._visible = Visible(side, depth)

    def follow(self, changes: list[Change]) -> Levels:
        """The `(price, qty)` entries to send for `changes`, which the side has already been through."""
        return [(told.price, told.qty) for told in self.tell(changes)]

    def tell(self, changes: list[Change]) -> list[Told]:
        """The same, with what is known of each level that comes back."""
        side, entries = self._side, list[Told]()
        if self._visible.misses(changes):
            return entries
        for change in changes:
            if not self._visible.follow(change):
                continue
            entries.append(Told(side.price(change.key), change.qty))
            if not change.qty:
                key = self._visible.returning()
                if key is not None:
                    level = side.levels[key]
                    entries.append(Told(side.price(key), level.qty, level.time))
        return entries


class OrderWindow:
    """The orders of the best `depth` levels of one side, as `level3` tells them."""

    def __init__(self, side: Side, depth: int) -> None:
        self._side = side
        self._visible = Visible(side, depth)

    def follow(self, changes: list[Change]) -> list[Change]:
        """The order events to send for `changes`, which the side has already been through."""
        events: list[Change] = []
        if self._visible.misses(changes):
            return events
        # A level that comes in is told as it stands after the last change, and so no further.
        whole: set[int] = set()
        for change in changes:
            if change.key in whole or not self._visible.follow(change):
                continue
            events.append(change)
            key = None if change.qty else self._visible.returning()
            if key is not None:
                whole.add(key)
                events.extend(self._arrivals(key))
        return events

    def _arrivals(self, key: int) -> list[Change]:
        level = self._side.levels[key]
        return [
            Change(key, level.qty, "add", order.order_id, order.qty, order.time)
            for order in level.orders.values()
        ]


class Window:
    """Both sides of one depth of `book`."""

    def __init__(self, book: Book, depth: int) -> None:
        self.bids = SideWindow(book.bids, depth)
        self.asks = SideWindow(book.asks, depth)


class OrdersWindow:
    """Both sides of one depth of `level3`."""

    def __init__(self, book: Book, depth: int) -> None:
        self.bids = OrderWindow(book.bids, depth)
        self.asks = OrderWindow(book.asks, depth)
