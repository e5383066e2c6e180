"""The part of a book that a subscription of one depth can see, and the level changes that it must be sent.

As the exchange does it (protocol notes §7.2): changes are told in the order in which they happened; a
deletion is told as quantity 0 and brings back, in the same message, the level that slides into the window; a
level pushed out of the window is never told. What stands here is what a client holds that cuts its book to
the depth.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort

from krakencli.sandbox.book import Book, Change, Side

Levels = list[tuple[int, int]]


class SideWindow:
    """The best `depth` levels of one side."""

    def __init__(self, side: Side, depth: int) -> None:
        self._side = side
        self._depth = depth
        self._keys = side.keys[:depth]

    def levels(self) -> Levels:
        """`(price, qty)` of what is visible, best first."""
        return self._side.top(self._depth)

    def follow(self, changes: list[Change]) -> Levels:
        """The `(price, qty)` entries to send for `changes`, which the side has already been through."""
        if not self._keys or len(self._keys) < self._depth:
            return self._follow(changes)
        # Most changes of a deep book lie below a shallow window: one comparison each tells so.
        if all(change.key > self._keys[-1] for change in changes):
            return []
        return self._follow(changes)

    def _follow(self, changes: list[Change]) -> Levels:
        entries: Levels = []
        for key, qty in changes:
            place = bisect_left(self._keys, key)
            visible = place < len(self._keys) and self._keys[place] == key
            if qty and (visible or place < self._depth):
                entries.append((self._side.price(key), qty))
                if not visible:
                    insort(self._keys, key)
                    del self._keys[self._depth :]
            elif visible and not qty:
                entries.append((self._side.price(key), 0))
                del self._keys[place]
                entries.extend(self._returning())
        return entries

    def _returning(self) -> Levels:
        """The level that takes the place of a deleted one, if the book goes on below the window."""
        keys = self._side.keys
        index = bisect_right(keys, self._keys[-1]) if self._keys else 0
        if len(self._keys) != self._depth - 1 or index >= len(keys):
            return []
        self._keys.append(keys[index])
        return [(self._side.price(keys[index]), self._side.levels[keys[index]].qty)]


class Window:
    """Both sides of one depth."""

    def __init__(self, book: Book, depth: int) -> None:
        self.bids = SideWindow(book.bids, depth)
        self.asks = SideWindow(book.asks, depth)
