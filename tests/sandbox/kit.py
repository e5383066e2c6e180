"""What the sandbox's tests share: a clock moved by hand, a client on a conversation, a book rebuilt from wire
text.

The rebuilding is written from the protocol notes (§7.2 and §9.1) and uses nothing of the sandbox's own code.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.hosts import Access
from krakencli.sandbox.rest import Call, answer
from krakencli.sandbox.settings import Settings
from krakencli.sandbox.v1 import V1Session
from krakencli.sandbox.v2 import V2Session

START = datetime(2026, 3, 2, 14, 5, 30, tzinfo=UTC)
START_NS = int(START.timestamp()) * 1_000_000_000
SECOND = 1_000_000_000

RECORDINGS = Path(
    os.environ.get("KRAKEN_RECORDINGS") or Path(__file__).parents[3] / "shared" / "recordings",
)


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self, now: int = START_NS) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def make_exchange(**settings: Any) -> Exchange:
    """An exchange at `START` whose clock is a HandClock."""
    return Exchange(Settings(**{"start": START, **settings}), HandClock())


def play(exchange: Exchange, events: int) -> Iterator[None]:
    """Plays one event at a time, the clock going along."""
    for _ in range(events):
        due = exchange.next_time
        assert due is not None
        exchange.now.now = due  # type: ignore[attr-defined]
        assert exchange.advance(due, 1) == 1
        yield


class Talker:
    """A client without a socket: what it sends is answered at once, and every frame it gets is kept
    as text.
    """

    speaks: type[V1Session] | type[V2Session]
    """The conversation of its protocol."""

    def __init__(
        self,
        exchange: Exchange,
        access: Access = Access.PUBLIC,
        through: Callable[[str], list[str]] | None = None,
    ) -> None:
        """`through` is a filter that its frames pass."""
        self.exchange = exchange
        self.raw: list[str] = []
        self.now = 0.0
        send = self.raw.append if through is None else lambda frame: self.raw.extend(through(frame))
        self.session = self.speaks(exchange, access, send)
        self.session.greet()

    def ask_text(self, text: str | None) -> list[str]:
        """Sends text; returns the frames that followed, postponed work included."""
        self.raw.clear()
        self.session.receive(text, self.now)
        while self.session.work():
            pass
        return self.take()

    def ask(self, **request: Any) -> list[Any]:
        """Sends a request; returns the decoded frames."""
        return [json.loads(frame) for frame in self.ask_text(json.dumps(request))]

    def take(self) -> list[str]:
        """The frames since the last look."""
        frames = list(self.raw)
        self.raw.clear()
        return frames


class Client(Talker):
    """One that speaks v2."""

    speaks = V2Session

    def subscribe(self, channel: str, *symbols: str, **params: Any) -> list[Any]:
        """Subscribes `symbols` and returns the decoded frames."""
        listed = {"symbol": list(symbols)} if symbols else {}
        return self.ask(method="subscribe", params={"channel": channel, **listed, **params})

    def subscribe_raw(self, channel: str, *symbols: str, **params: Any) -> list[Any]:
        """The same, with the decimals of the frames as the text that was sent."""
        request = {"method": "subscribe", "params": {"channel": channel, "symbol": list(symbols), **params}}
        return [decode(frame) for frame in self.ask_text(json.dumps(request))]

    def subscribe_orders(self, *symbols: str, **params: Any) -> list[Any]:
        """Subscribes level3 with a fresh token; decimals as sent."""
        return self.subscribe_raw("level3", *symbols, token=self.token(), **params)

    def token(self) -> str:
        """A fresh token."""
        return self.exchange.desk.issue(self.exchange.now())


def get(exchange: Exchange, name: str, **query: str) -> Any:
    """A public REST call's decoded answer, numbers with a fraction as text."""
    text = answer(exchange, Call("GET", f"/0/public/{name}", query, {}))
    return json.loads(text, parse_float=str)


def result(exchange: Exchange, name: str, **query: str) -> Any:
    """The same, of a call that must succeed."""
    document = get(exchange, name, **query)
    assert document["error"] == []
    return document["result"]


def decode(frame: str) -> Any:
    """A frame with its decimals as the text that was sent."""
    return json.loads(frame, parse_float=str)


def digits(decimal: str) -> str:
    """A decimal's digits as the checksum wants them."""
    return decimal.replace(".", "").lstrip("0")


class WireBook:
    """A book of one depth, kept as the notes tell a client to."""

    def __init__(self, depth: int, cut_each: bool = False) -> None:
        self.depth = depth
        self.cut_each = cut_each
        self.bids: dict[int, tuple[str, str]] = {}
        self.asks: dict[int, tuple[str, str]] = {}

    def apply(self, frame: Any) -> bool:
        """Takes one decoded book frame; says whether the checksum holds afterwards."""
        data = frame["data"][0]
        if frame["type"] == "snapshot":
            self.bids, self.asks = {}, {}
        for side, name in ((self.bids, "bids"), (self.asks, "asks")):
            for level in data[name]:
                self._set(side, level, name)
                if self.cut_each:
                    self._cut(side, name)
            self._cut(side, name)
        return bool(self.checksum() == data["checksum"])

    def checksum(self) -> int:
        parts = [digits(price) + digits(qty) for price, qty in self.top("asks", 10) + self.top("bids", 10)]
        return zlib.crc32("".join(parts).encode())

    def top(self, name: str, count: int) -> list[tuple[str, str]]:
        side = self.asks if name == "asks" else self.bids
        return [side[key] for key in sorted(side, reverse=name == "bids")[:count]]

    def best(self) -> tuple[str, str, str, str]:
        """bid, bid_qty, ask, ask_qty as sent."""
        bid, ask = self.bids[max(self.bids)], self.asks[min(self.asks)]
        return (*bid, *ask)

    def _set(self, side: dict[int, tuple[str, str]], level: dict[str, str], _: str) -> None:
        key = int(level["price"].replace(".", ""))
        if int(level["qty"].replace(".", "")) == 0:
            side.pop(key, None)
        else:
            side[key] = (level["price"], level["qty"])

    def _cut(self, side: dict[int, tuple[str, str]], name: str) -> None:
        if len(side) > self.depth:
            for key in sorted(side, reverse=name == "bids")[self.depth :]:
                del side[key]


class WireOrders:
    """A level3 book of one depth, kept as the notes tell a client to (§8 and §9.2)."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        # By price, best first once sorted; each queue maps order ids to (price, qty, timestamp) as sent.
        self.sides: dict[str, dict[int, dict[str, tuple[str, str, str]]]] = {"bids": {}, "asks": {}}
        self.at: dict[str, tuple[str, int]] = {}
        self._sorted: dict[str, list[int]] = {}

    def apply(self, frame: Any) -> bool:
        """Takes one decoded level3 frame; says whether the checksum holds afterwards."""
        data = frame["data"][0]
        if frame["type"] == "snapshot":
            self.sides, self.at, self._sorted = {"bids": {}, "asks": {}}, {}, {}
        for name in ("bids", "asks"):
            for order in data[name]:
                self._take(name, order)
            for key in self._keys(name)[self.depth :]:
                self._sorted.pop(name, None)
                for order_id in self.sides[name].pop(key):
                    del self.at[order_id]
        return bool(self.checksum() == data["checksum"])

    def checksum(self) -> int:
        parts = [
            digits(price) + digits(qty)
            for name in ("asks", "bids")
            for key in self._keys(name)[:10]
            for price, qty, _ in self.sides[name][key].values()
        ]
        return zlib.crc32("".join(parts).encode())

    def levels(self, name: str, count: int) -> list[tuple[int, int]]:
        """The best prices with the sum of their orders, both as counts of their smallest unit."""
        return [
            (key, sum(int(qty.replace(".", "")) for _, qty, _ in self.sides[name][key].values()))
            for key in self._keys(name)[:count]
        ]

    def queue(self, order_id: str) -> list[str]:
        """The ids at the price of an order, in queue order."""
        name, key = self.at[order_id]
        return list(self.sides[name][key])

    def _take(self, name: str, order: dict[str, str]) -> None:
        event, order_id = order.get("event", "add"), order["order_id"]
        key = int(order["limit_price"].replace(".", ""))
        if event == "add":
            assert order_id not in self.at
        else:
            assert self.at[order_id] == (name, key)
        if event == "delete":
            del self.at[order_id]
            queue = self.sides[name][key]
            del queue[order_id]
            if not queue:
                del self.sides[name][key]
                self._sorted.pop(name, None)
            return
        self.at[order_id] = (name, key)
        if key not in self.sides[name]:
            self.sides[name][key] = {}
            self._sorted.pop(name, None)
        self.sides[name][key][order_id] = (order["limit_price"], order["order_qty"], order["timestamp"])

    def _keys(self, name: str) -> list[int]:
        if name not in self._sorted:
            self._sorted[name] = sorted(self.sides[name], reverse=name == "bids")
        return self._sorted[name]
