"""A book with fewer levels than usual, or with an empty side: a state of the market itself, which every
channel and call then shows.
"""

from __future__ import annotations

from dataclasses import dataclass

from krakencli.sandbox.book import Book
from krakencli.sandbox.flow import Instruction
from krakencli.sandbox.levels import Side

_JOINED = 10


@dataclass(frozen=True, slots=True)
class Shortage:
    """The most levels that each side holds while it lasts; None for any number. One side at most may be
    empty.
    """

    bids: int | None = None
    asks: int | None = None

    def shows(self, book: Book) -> bool:
        """Whether the book is as short as this demands."""
        return not any(self._surplus(side, most) for side, most in self._sides(book))

    def withdraw(self, book: Book, time: int) -> list[int]:
        """Cancels every order beyond it, from the far end on; gives the numbers of those of accounts."""
        gone = [
            order
            for side, most in self._sides(book)
            for key in reversed(self._surplus(side, most))
            for order in side.levels[key].orders.values()
        ]
        for order in gone:
            book.cancel(order, time)
        return [order.order_id for order in gone if order.owner]

    def bend(self, instruction: Instruction, book: Book) -> Instruction:
        """The instruction in such a form that no level too many comes of it."""
        side, other = (book.bids, book.asks) if instruction.buy else (book.asks, book.bids)
        most = self.bids if instruction.buy else self.asks
        price = instruction.price
        if most is None or price is None or price * side.sign in side.levels or len(side.keys) < most:
            return instruction
        if side.keys:
            return instruction._replace(price=side.price(side.keys[-1]))
        key = other.keys[instruction.qty % min(_JOINED, len(other.keys))]
        return instruction._replace(buy=not instruction.buy, price=other.price(key))

    def _sides(self, book: Book) -> tuple[tuple[Side, int | None], ...]:
        return (book.bids, self.bids), (book.asks, self.asks)

    def _surplus(self, side: Side, most: int | None) -> list[int]:
        return [] if most is None else side.keys[most:]
