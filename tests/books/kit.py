"""What the tests of the books share: items as text, recordings as items, books that are right by being naive.

The naive books are written from the protocol notes (§7.2, §8, §9) with Decimal, dictionaries and sorting;
they use nothing of `krakencli.books`.
"""

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from krakencli.protocol.messages import Update
from krakencli.protocol.v2 import decode

Levels = Sequence[tuple[str, str]]
"""Price and quantity texts."""
Item = tuple[bytes, bool]
"""One element of a frame's data, and whether the frame is a snapshot."""


def book_item(
    bids: Levels = (), asks: Levels = (), checksum: int | None = None, symbol: str = "BTC/USD"
) -> bytes:
    """An item of `book`; the texts are written as they are, so that quotes make a string of a number."""
    proof = "" if checksum is None else f',"checksum":{checksum}'
    both = (",".join(f'{{"price":{price},"qty":{qty}}}' for price, qty in side) for side in (bids, asks))
    bid_text, ask_text = both
    return f'{{"symbol":"{symbol}","bids":[{bid_text}],"asks":[{ask_text}]{proof}}}'.encode()


@dataclass(frozen=True)
class Event:
    """One order of a `level3` message; without an event it is a snapshot's."""

    order_id: str
    price: str
    qty: str
    event: str = ""

    @property
    def json(self) -> str:
        kind = f'"event":"{self.event}",' if self.event else ""
        return f'{{{kind}"order_id":"{self.order_id}","limit_price":{self.price},"order_qty":{self.qty}}}'


def level3_item(bids: Iterable[Event] = (), asks: Iterable[Event] = (), checksum: int | None = None) -> bytes:
    proof = "" if checksum is None else f',"checksum":{checksum}'
    bid_text, ask_text = (",".join(event.json for event in side) for side in (bids, asks))
    return f'{{"symbol":"BTC/USD","bids":[{bid_text}],"asks":[{ask_text}]{proof}}}'.encode()


def recorded(path: Path, channel: str = "book") -> list[Item]:
    """All items of one channel of a recording."""
    frames = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    updates = (decode(frame["frame"].encode()) for frame in frames if frame["dir"] == "in")
    return [
        (bytes(item), update.type == "snapshot")
        for update in updates
        if isinstance(update, Update) and update.channel == channel
        for item in update.data
    ]


def token(text: str) -> str:
    return f"{Decimal(text):f}".replace(".", "").lstrip("0")


def crc(asks: Levels, bids: Levels) -> int:
    """The checksum of entries that are the ten best already."""
    return zlib.crc32("".join(token(p) + token(q) for p, q in (*asks, *bids)).encode())


@dataclass
class NaiveSide:
    """L2: a dictionary that is sorted and cut."""

    bids: bool
    levels: dict[Decimal, tuple[str, str]] = field(default_factory=dict)

    def update(self, changes: Levels) -> None:
        for price, qty in changes:
            self.levels.pop(Decimal(price), None)
            if Decimal(qty):
                self.levels[Decimal(price)] = price, qty

    def cut(self, depth: int) -> None:
        prices = sorted(self.levels, reverse=self.bids)[:depth]
        self.levels = {price: self.levels[price] for price in prices}

    @property
    def texts(self) -> list[tuple[str, str]]:
        return list(self.levels.values())


@dataclass
class NaiveOrders:
    """L3: a list of all orders in the order in which they joined a tail."""

    bids: bool
    orders: list[tuple[str, str, str]] = field(default_factory=list)

    def update(self, events: Iterable[Event]) -> None:
        for event in events:
            self._apply(event)

    def _apply(self, event: Event) -> None:
        known = next((order for order in self.orders if order[0] == event.order_id), None)
        order = event.order_id, event.price, event.qty
        resting = event.event != "delete" and Decimal(event.qty) > 0
        if known is not None:
            place = self.orders.index(known)
            same_price = Decimal(known[1]) == Decimal(event.price)
            if resting and event.event == "modify" and same_price and Decimal(event.qty) <= Decimal(known[2]):
                self.orders[place] = order
                return
            del self.orders[place]
        if resting:
            self.orders.append(order)

    def cut(self, depth: int) -> None:
        best = sorted({Decimal(order[1]) for order in self.orders}, reverse=self.bids)[:depth]
        self.orders = [order for order in self.orders if Decimal(order[1]) in best]

    def ranked(self, limit: int) -> list[tuple[str, str, str]]:
        best = sorted({Decimal(order[1]) for order in self.orders}, reverse=self.bids)[:limit]
        return [order for price in best for order in self.orders if Decimal(order[1]) == price]
