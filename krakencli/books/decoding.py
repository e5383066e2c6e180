"""Items of `book` and `level3` from their text. Every failure is a ValueError.

msgspec.DecodeError, msgspec.ValidationError and UnicodeDecodeError are ValueErrors; endless nesting, which
msgspec reports as RecursionError, is turned into one. Numbers stay what `digits.wire` understands.
Strings of digits are accepted where numbers belong; unknown fields are skipped (protocol notes v2 §2.4).
"""

from typing import Any

import msgspec
from msgspec import Raw, Struct


class Level(Struct, gc=False):
    """A changed level; a quantity of zero deletes it (protocol notes v2 §7.2)."""

    price: Any
    qty: Any


class BookItem(Struct, gc=False):
    """One element of a `book` frame's data. Without a checksum it cannot be verified."""

    symbol: str
    bids: list[Level] = []
    asks: list[Level] = []
    checksum: int | None = None
    timestamp: str | None = None


class OrderEvent(Struct, gc=False):
    """One order of a `level3` message; in a snapshot there is no event (protocol notes v2 §8).

    On deletion only `order_id` counts.
    """

    order_id: str
    limit_price: Any = None
    order_qty: Any = None
    timestamp: str | None = None
    event: str = "add"


class Level3Item(Struct, gc=False):
    """One element of a `level3` frame's data."""

    symbol: str
    bids: list[OrderEvent] = []
    asks: list[OrderEvent] = []
    checksum: int | None = None
    timestamp: str | None = None


_book = msgspec.json.Decoder(BookItem, float_hook=str.encode, strict=False)
_level3 = msgspec.json.Decoder(Level3Item, float_hook=str.encode, strict=False)


def decode_book(item: Raw | bytes) -> BookItem:
    """One element of a `book` frame's data. ValueError where it is none."""
    try:
        return _book.decode(item)
    except RecursionError:
        raise ValueError("an item that is nested without end") from None


def decode_level3(item: Raw | bytes) -> Level3Item:
    """One element of a `level3` frame's data. ValueError where it is none."""
    try:
        return _level3.decode(item)
    except RecursionError:
        raise ValueError("an item that is nested without end") from None
