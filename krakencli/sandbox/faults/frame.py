"""One frame of a book, read and changed as text, so that every other digit stays what it was."""

from __future__ import annotations

from typing import NamedTuple

from krakencli.sandbox.book import CHECKED_LEVELS, Book

Span = tuple[int, int]


class Entry(NamedTuple):
    """A level or an order event. `name` is what it is about (an order id, or else the price), `price` counts
    ticks, `span` is where its quantity stands in the frame.
    """

    side: str
    name: str
    price: int
    qty: str
    gone: bool
    text: str
    span: Span


class BookFrame:
    """A frame of one symbol's `channel`, which v1 names with the depth; `kind` is snapshot or update. A
    protocol knows how it is written.
    """

    def __init__(self, text: str, channel: str, kind: str, symbol: str) -> None:
        self.text = text
        self.channel = channel
        self.kind = kind
        self.symbol = symbol

    @property
    def checksum(self) -> int:
        """The checksum of the book after the frame, be it written there or not."""
        raise NotImplementedError

    def checksum_span(self) -> Span | None:
        """Where the checksum stands, if it does."""
        raise NotImplementedError

    def entries(self) -> list[Entry]:
        """All of them, in order, side by side."""
        raise NotImplementedError

    def with_only(self, entry: Entry) -> str:
        """The text with one entry and nothing else on both sides."""
        raise NotImplementedError

    def last_words(self) -> dict[tuple[str, str], Entry]:
        """The last entry about each thing, by side and name: what the frame comes to."""
        return {(entry.side, entry.name): entry for entry in self.entries()}

    def with_checksum(self, checksum: int) -> str | None:
        """The text with another checksum; None where it has none."""
        span = self.checksum_span()
        return None if span is None else self._with(span, str(checksum))

    def with_qty(self, entry: Entry, qty: str) -> str:
        """The text with another quantity of one entry."""
        return self._with(entry.span, qty)

    def _with(self, span: Span, text: str) -> str:
        begin, end = span
        return f"{self.text[:begin]}{text}{self.text[end:]}"


def counts(entry: Entry, book: Book) -> bool:
    """Whether the checksum covers the entry's price in `book`: it lies no further than the tenth level."""
    side = book.bids if entry.side == "bids" else book.asks
    keys = side.keys
    return len(keys) < CHECKED_LEVELS or entry.price * side.sign <= keys[CHECKED_LEVELS - 1]
