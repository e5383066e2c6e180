"""One frame of `book` or `level3`, read and changed as text, so that every other digit stays what it was."""

from __future__ import annotations

import re
from typing import NamedTuple

from krakencli.sandbox.book import CHECKED_LEVELS, Book

_HEAD = re.compile(r'\{"channel":"(book|level3)","type":"(snapshot|update)","data":\[.*?"symbol":"([^"]+)"')
_CHECKSUM = re.compile(r'"checksum":(\d+)')
_ENTRY = re.compile(
    r'\{(?:"event":"(?P<event>\w+)",)?(?:"order_id":"(?P<order>[^"]+)",)?'
    r'"(?:limit_)?price":(?P<price>[\d.]+),"(?:order_)?qty":(?P<qty>[\d.]+)[^}]*\}'
)
_SIDES = re.compile(r'"bids":\[(?P<bids>[^\]]*)\],"asks":\[(?P<asks>[^\]]*)\]')


class Entry(NamedTuple):
    """A level or an order event. `name` is what it is about (an order id, or else the price), `span` where
    its quantity stands in the frame.
    """

    side: str
    name: str
    price: int
    qty: str
    gone: bool
    text: str
    span: tuple[int, int]


class BookFrame:
    """A frame of one symbol's `channel`; `kind` is snapshot or update."""

    def __init__(self, text: str, channel: str, kind: str, symbol: str) -> None:
        self.text = text
        self.channel = channel
        self.kind = kind
        self.symbol = symbol

    @classmethod
    def read(cls, text: str) -> BookFrame | None:
        """None for a frame of any other channel."""
        match = _HEAD.match(text)
        return cls(text, *match.groups()) if match else None

    @property
    def checksum(self) -> int:
        return int(self._checksum_match()[1])

    def entries(self) -> list[Entry]:
        """All of them, in order, bids before asks."""
        found = _SIDES.search(self.text)
        sides = [] if found is None else [(name, found.span(name)) for name in ("bids", "asks")]
        return [_entry(side, match) for side, span in sides for match in _ENTRY.finditer(self.text, *span)]

    def last_words(self) -> dict[tuple[str, str], Entry]:
        """The last entry about each thing, by side and name: what the frame comes to."""
        return {(entry.side, entry.name): entry for entry in self.entries()}

    def with_checksum(self, checksum: int) -> str:
        """The text with another checksum."""
        begin, end = self._checksum_match().span(1)
        return f"{self.text[:begin]}{checksum}{self.text[end:]}"

    def with_qty(self, entry: Entry, qty: str) -> str:
        """The text with another quantity of one entry."""
        begin, end = entry.span
        return f"{self.text[:begin]}{qty}{self.text[end:]}"

    def with_only(self, entry: Entry) -> str:
        """The text with one entry and nothing else on both sides."""
        kept = {name: entry.text if name == entry.side else "" for name in ("bids", "asks")}
        return _SIDES.sub(lambda _: f'"bids":[{kept["bids"]}],"asks":[{kept["asks"]}]', self.text)

    def _checksum_match(self) -> re.Match[str]:
        match = _CHECKSUM.search(self.text)
        if match is None:
            raise ValueError("a book frame without a checksum")
        return match


def counts(entry: Entry, book: Book) -> bool:
    """Whether the checksum covers the entry's price in `book`: it lies no further than the tenth level."""
    side = book.bids if entry.side == "bids" else book.asks
    keys = side.keys
    return len(keys) < CHECKED_LEVELS or entry.price * side.sign <= keys[CHECKED_LEVELS - 1]


def _entry(side: str, match: re.Match[str]) -> Entry:
    event, order, price, qty = match.group("event", "order", "price", "qty")
    gone = event == "delete" or (order is None and not qty.strip("0."))
    return Entry(side, order or price, int(price.replace(".", "")), qty, gone, match[0], match.span("qty"))
