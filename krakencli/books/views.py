"""What leaves a verified book as a record: its best prices, its whole ladder, or every order in its queue.

Numbers are the wire's own texts, or exact decimals where they are reckoned; an item has the fields that v2
uses for the same thing (protocol notes v2 §7.1, §7.2, §8). A side without levels has null prices in `top`.
"""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec
from msgspec import Raw

from krakencli.books.checked import Checked, Message
from krakencli.books.ladder import Ladder
from krakencli.books.queues import QueueSide

Emit = Literal["delta", "top", "book", "queue"]
"""delta: the exchange's own items. top: best prices, when they change. book, queue: all of the book."""

Emission = tuple[str, str, Raw]
"""A record's type, its symbol, its item."""


class View:
    """Makes the items of `top`, `book` or `queue`, of at most `levels` prices a side.

    With `every` (seconds) it gives a symbol's record at most so often, and then the newest. It belongs to
    one stream and remembers of each symbol what it showed last.
    """

    def __init__(self, emit: Emit, *, levels: int | None = None, every: float | None = None) -> None:
        self._emit = emit
        self._levels = levels
        self._every = every
        self._shown: dict[str, Best] = {}
        self._shown_at: dict[str, float] = {}
        self._waiting: dict[str, tuple[str, Message]] = {}

    def take(self, book: Checked[Any], message: Message, type_: str, now: float) -> Emission | None:
        """The record of a message that the book has accepted, if one is due now."""
        symbol = message.symbol
        if self._is_shown(symbol, book):
            return None
        if self._every is not None and now - self._shown_at.get(symbol, -1e9) < self._every:
            self._waiting[symbol] = type_, message
            return None
        return self._make(book, message, type_, now)

    def due(self, symbol: str, book: Checked[Any], now: float, *, at_once: bool = False) -> Emission | None:
        """The record that has waited for its turn, or `at_once` before it; the caller sees to it that the
        book can be trusted.
        """
        if self._every is None or symbol not in self._waiting or self._is_shown(symbol, book):
            return None
        if not at_once and now - self._shown_at.get(symbol, -1e9) < self._every:
            return None
        type_, message = self._waiting[symbol]
        return self._make(book, message, type_, now)

    def forget(self, symbol: str) -> None:
        """The book is given up: nothing of it waits any more."""
        self._waiting.pop(symbol, None)
        self._shown.pop(symbol, None)

    def _is_shown(self, symbol: str, book: Checked[Any]) -> bool:
        """Whether the best prices are those that were shown last; then nothing of it waits any more."""
        if self._emit != "top" or self._shown.get(symbol) != best_of(book):
            return False
        self._waiting.pop(symbol, None)
        return True

    def _make(self, book: Checked[Any], message: Message, type_: str, now: float) -> Emission:
        symbol = message.symbol
        self._shown_at[symbol] = now
        self._waiting.pop(symbol, None)
        if self._emit == "top":
            self._shown[symbol] = best_of(book)
            return type_, symbol, top_item(book, message)
        make = whole_item if self._emit == "book" else queue_item
        return "snapshot", symbol, make(book, message, self._levels)


Best = tuple[bytes, bytes, bytes, bytes]


def best_of(book: Checked[Any]) -> Best:
    """Price and quantity texts of the best bid and the best ask, empty where a side is."""
    bid, bid_qty = _first(book.bids)
    ask, ask_qty = _first(book.asks)
    return bid, bid_qty, ask, ask_qty


def _first(side: Ladder[Any]) -> tuple[bytes, bytes]:
    row = next(side.rows(1), None)
    return (row[0], row[1]) if row else (b"", b"")


def top_item(book: Checked[Any], message: Message) -> Raw:
    """`symbol bid bid_qty ask ask_qty spread mid imbalance checksum timestamp`."""
    top = book.top()
    figures = {name: _number(getattr(top, name)) for name in top.__struct_fields__}
    return Raw(msgspec.json.encode({"symbol": message.symbol, **figures, **_proof(message)}))


def whole_item(book: Checked[Any], message: Message, levels: int | None) -> Raw:
    """`symbol bids asks checksum timestamp`, as a snapshot has them."""
    sides = [
        b",".join([b'{"price":%b,"qty":%b}' % (price, qty) for price, qty, _ in side.rows(levels)])
        for side in (book.bids, book.asks)
    ]
    return _snapshot(message, sides)


def queue_item(book: Checked[QueueSide], message: Message, levels: int | None) -> Raw:
    """The same with every order: `order_id limit_price order_qty timestamp`, in their queues' order."""
    sides = [b",".join(_orders(side, levels)) for side in (book.bids, book.asks)]
    return _snapshot(message, sides)


def _orders(side: QueueSide, levels: int | None) -> Iterable[bytes]:
    encode = msgspec.json.encode
    for order in side.orders(levels):
        stamp = b"" if order.timestamp is None else b',"timestamp":' + encode(order.timestamp)
        yield b'{"order_id":%b,"limit_price":%b,"order_qty":%b%b}' % (
            encode(order.order_id),
            order.price,
            order.qty,
            stamp,
        )


def _snapshot(message: Message, sides: list[bytes]) -> Raw:
    proof = msgspec.json.encode(_proof(message))[1:-1]
    symbol = msgspec.json.encode(message.symbol)
    head = b'{"symbol":%b,"bids":[%b],"asks":[%b]' % (symbol, *sides)
    return Raw(head + (b"," + proof if proof else b"") + b"}")


def _proof(message: Message) -> dict[str, Any]:
    """What the exchange said of the book at this message."""
    proof = {"checksum": message.checksum, "timestamp": message.timestamp}
    return {name: value for name, value in proof.items() if value is not None}


def _number(text: str | None) -> Raw | None:
    return None if text is None else Raw(text.encode())
