"""One side of a book, best price first: what L2 and L3 have in common.

A price is an exact integer, the key, at a scale that is the most decimals seen on this side: `45285.2` and
`45285.20` are one key. Bids have negative keys, so that on both sides the smallest key is the best price.
"""

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, Generic, Literal, TypeVar

from krakencli.books.digits import LIMIT, split, token, wire

TOP = 10
"""The levels a side that a checksum covers, whatever the depth (protocol notes v2 §9.1)."""

Sign = Literal[1, -1]
"""1 for asks, whose best price is the lowest; -1 for bids."""

Row = tuple[bytes, bytes, int]
"""A level to read: price text, quantity text, number of orders (0: not known). JSON takes both as numbers."""

Level = TypeVar("Level")


class Ladder(ABC, Generic[Level]):
    """Sorted keys and what stands at each. Owned by its book, which alone changes it.

    `keys` is sorted, `levels` has exactly its members, `decimals` is the scale of the keys.
    """

    __slots__ = ("decimals", "keys", "levels", "sign")

    def __init__(self, sign: Sign) -> None:
        self.sign = sign
        self.keys: list[int] = []
        self.levels: dict[int, Level] = {}
        self.decimals = 0

    def __len__(self) -> int:
        """The number of price levels."""
        return len(self.keys)

    @abstractmethod
    def update(self, changes: Sequence[Any]) -> None:
        """Apply a message's changes in their order. ValueError where one is malformed, after those before."""

    @abstractmethod
    def digits(self) -> bytes:
        """What this side adds to the checksum, from the wire's digits."""

    @abstractmethod
    def padded_digits(self, price_precision: int, qty_precision: int) -> bytes:
        """`digits` with every number spelt with the pair's decimals."""

    @abstractmethod
    def rows(self, limit: int | None = None) -> Iterator[Row]:
        """The best levels, at most `limit`."""

    def clear(self) -> None:
        self.keys.clear()
        self.levels.clear()
        self.decimals = 0

    def place(self, price: object) -> tuple[int, bytes, bytes]:
        """A price's key, its text, and its digits for the checksum; finer prices than before re-key the side.

        ValueError where it is no price. The first branch is the wire's usual number: as many decimals as the
        side has.
        """
        if type(price) is bytes and len(price) <= LIMIT:
            digits = price.replace(b".", b"")
            last = -self.decimals
            if digits.isdigit() and price[last - 1 : last] == b".":
                return self.sign * int(digits), price, digits.lstrip(b"0")
        return self._place_unusual(wire(price))

    def _place_unusual(self, price: bytes) -> tuple[int, bytes, bytes]:
        digits, decimals = split(price)
        self.refine(decimals)
        return self.sign * int(digits) * 10 ** (self.decimals - decimals), price, digits.lstrip(b"0")

    def refine(self, decimals: int) -> None:
        """Give the keys at least this many decimals."""
        if decimals <= self.decimals:
            return
        factor = 10 ** (decimals - self.decimals)
        self.keys = [key * factor for key in self.keys]
        self.levels = {key * factor: level for key, level in self.levels.items()}
        self.decimals = decimals

    def cut(self, depth: int) -> list[Level]:
        """Drop what lies beyond the depth, and return it."""
        beyond = self.keys[depth:]
        del self.keys[depth:]
        return [self.levels.pop(key) for key in beyond]

    def _insert(self, key: int, level: Level) -> int:
        """Place a new level; its rank, 0 the best."""
        rank = bisect_left(self.keys, key)
        self.keys.insert(rank, key)
        self.levels[key] = level
        return rank

    def _remove(self, key: int) -> int:
        """Take a level away; the rank that it had. KeyError where there is none."""
        del self.levels[key]
        rank = bisect_left(self.keys, key)
        del self.keys[rank]
        return rank


def amount(qty: object) -> tuple[bytes, bytes]:
    """A quantity's text and its digits for the checksum, none where it is zero. ValueError where it is no
    quantity.
    """
    if type(qty) is bytes and len(qty) <= LIMIT:
        digits = qty.replace(b".", b"")
        if digits.isdigit():
            return qty, digits.lstrip(b"0")
    text = wire(qty)
    return text, token(text)
