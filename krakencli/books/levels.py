"""One side of an L2 book: a price text and a quantity text a level.

The digits of the ten best levels are kept as a list beside the keys, so that a change among them costs one
list operation and a join, and a change below them costs nothing (protocol notes v2 §9.1).
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Protocol

from krakencli.books.digits import padded_token
from krakencli.books.ladder import TOP, Ladder, Row, Sign, amount

Entry = tuple[bytes, bytes, bytes]
"""Price text, quantity text, digits for the checksum."""


class Change(Protocol):
    """One level of a message; the fields are what a decoder with `float_hook=str.encode` gives."""

    price: Any
    qty: Any


class Side(Ladder[Entry]):
    """Bids or asks of an L2 book."""

    __slots__ = ("_best", "_digits")

    def __init__(self, sign: Sign) -> None:
        super().__init__(sign)
        self._best: list[bytes] = []
        self._digits: bytes | None = b""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Price and quantity of each level, best first, as the wire spelt them."""
        for price, qty, _ in self.rows():
            yield price.decode(), qty.decode()

    def rows(self, limit: int | None = None) -> Iterator[Row]:
        levels = self.levels
        for key in islice(self.keys, limit):
            price, qty, _ = levels[key]
            yield price, qty, 0

    def clear(self) -> None:
        super().clear()
        self._best.clear()
        self._digits = b""

    def update(self, changes: Sequence[Change]) -> None:
        """A quantity of zero deletes; deleting an unknown price is harmless (protocol notes v2 §7.2)."""
        for change in changes:
            key, price, price_digits = self.place(change.price)
            qty, qty_digits = amount(change.qty)
            if qty_digits:
                self._put(key, (price, qty, price_digits + qty_digits))
            elif key in self.levels:
                self._drop(key)

    def _put(self, key: int, entry: Entry) -> None:
        best = self._best
        if key not in self.levels:
            rank = self._insert(key, entry)
            if rank < TOP:
                best.insert(rank, entry[2])
                del best[TOP:]
                self._digits = None
            return
        self.levels[key] = entry
        rank = bisect_left(self.keys, key, 0, len(best))
        if rank < len(best) and self.keys[rank] == key:
            best[rank] = entry[2]
            self._digits = None

    def _drop(self, key: int) -> None:
        best, rank = self._best, self._remove(key)
        if rank < len(best):
            del best[rank]
            if len(self.keys) > len(best):
                best.append(self.levels[self.keys[len(best)]][2])
            self._digits = None

    def cut(self, depth: int) -> list[Entry]:
        if depth < len(self._best):
            del self._best[depth:]
            self._digits = None
        return super().cut(depth)

    def digits(self) -> bytes:
        if self._digits is None:
            self._digits = b"".join(self._best)
        return self._digits

    def padded_digits(self, price_precision: int, qty_precision: int) -> bytes:
        return b"".join(
            padded_token(price, price_precision) + padded_token(qty, qty_precision)
            for price, qty, _ in self.rows(TOP)
        )
