"""v1 and v2 tell of one market: trades, candles, books, quotes and figures agree after every event."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from .kit import Client, WireBook, decode, make_exchange, play
from .v1_kit import V1Book, V1Client

INTERVALS = (1, 5, 60, 1440)
DEPTHS = (10, 25, 1000)


def micros(stamp: str) -> str:
    """An RFC 3339 time as v1 writes it."""
    seconds = int(datetime.fromisoformat(stamp[:19] + "+00:00").timestamp())
    return f"{seconds}.{stamp[20:26]}"


class Both:
    """A client of each protocol that follows everything about one pair."""

    def __init__(self, symbol: str, pair: str) -> None:
        self.exchange = make_exchange(symbols=(symbol,))
        self.one, self.two = V1Client(self.exchange), Client(self.exchange)
        self.books = {depth: (V1Book(depth), WireBook(depth)) for depth in DEPTHS}
        self.tops = {depth: Client(self.exchange) for depth in DEPTHS}
        first = []
        for depth, client in self.tops.items():
            first += self.one.subscribe("book", pair, depth=depth)[1:]
            self.books[depth][1].apply(client.subscribe_raw("book", symbol, depth=depth)[-1])
        for interval in INTERVALS:
            self.one.subscribe("ohlc", pair, interval=interval)
            self.two.subscribe("ohlc", symbol, interval=interval, snapshot=False)
        for name in ("ticker", "trade"):
            self.one.subscribe(name, pair)
            self.two.subscribe(name, symbol, snapshot=False)
        self.take_books(first)
        self.two.take()

    def take_books(self, frames: list[Any]) -> None:
        for frame in frames:
            assert self.books[int(frame[-2].partition("-")[2])][0].apply(frame)
        for depth, client in self.tops.items():
            for text in client.take():
                if '"channel":"book"' in text:
                    assert self.books[depth][1].apply(decode(text))

    def check(self) -> set[str]:
        """Compares what the two were sent since the last look; the channels that were."""
        first = [frame for frame in self.one.decoded() if isinstance(frame, list)]
        second = [decode(frame) for frame in self.two.take()]
        self.take_books([frame for frame in first if frame[-2].startswith("book-")])
        self.check_books(30)
        self.check_trades(first, second)
        for interval in INTERVALS:
            self.check_candle(interval, first, second)
        self.check_ticker(first, second)
        return {frame[-2] for frame in first}

    def check_books(self, levels: int) -> None:
        for one, two in self.books.values():
            for side in ("bids", "asks"):
                mine = [(Decimal(price), Decimal(qty)) for price, qty, _ in one.top(side, levels)]
                assert mine == [(Decimal(price), Decimal(qty)) for price, qty in two.top(side, levels)]

    def check_trades(self, first: list[Any], second: list[Any]) -> None:
        rows = [row for frame in first if frame[-2] == "trade" for row in frame[1]]
        items = [item for frame in second if frame["channel"] == "trade" for item in frame["data"]]
        assert [(Decimal(row[0]), Decimal(row[1]), *row[2:]) for row in rows] == [
            (
                Decimal(item["price"]),
                Decimal(item["qty"]),
                micros(item["timestamp"]),
                item["side"][0],
                item["ord_type"][0],
                "",
            )
            for item in items
        ]

    def check_candle(self, interval: int, first: list[Any], second: list[Any]) -> None:
        """v2 tells it once an event, v1 once a trade: the last is the same."""
        mine = [frame[1] for frame in first if frame[-2] == f"ohlc-{interval}"]
        items = [
            item
            for frame in second
            if frame["channel"] == "ohlc"
            for item in frame["data"]
            if item["interval"] == interval
        ]
        assert len(items) == (1 if mine else 0)
        for item in items:
            names = ("open", "high", "low", "close", "vwap", "volume")
            assert [Decimal(one) for one in mine[-1][2:8]] == [Decimal(item[name]) for name in names]
            assert (mine[-1][1], mine[-1][8]) == (micros(item["timestamp"]), item["trades"])

    def check_ticker(self, first: list[Any], second: list[Any]) -> None:
        mine = [frame[1] for frame in first if frame[-2] == "ticker"]
        theirs = [frame["data"][0] for frame in second if frame["channel"] == "ticker"]
        assert len(mine) == len(theirs)
        for one, two in zip(mine, theirs, strict=True):
            for name, key in (("volume", "v"), ("low", "l"), ("high", "h")):
                assert Decimal(one[key][1]) == Decimal(two[name])
            assert one["t"][1] == two["trades"]
            assert [Decimal(one[key][0]) for key in "abc"] == [
                Decimal(two[name]) for name in ("ask", "bid", "last")
            ]
            assert [Decimal(one[key][2]) for key in "ab"] == [
                Decimal(two["ask_qty"]),
                Decimal(two["bid_qty"]),
            ]
            for key, name in (("a", "ask_qty"), ("b", "bid_qty")):
                assert one[key][1] == int(Decimal(two[name]))


@pytest.mark.parametrize(("symbol", "pair"), [("BTC/USD", "XBT/USD"), ("SHIB/USD", "SHIB/USD")])
def test_both_protocols_agree_after_every_event(symbol: str, pair: str) -> None:
    both, seen = Both(symbol, pair), set[str]()
    for _ in play(both.exchange, 800):
        seen |= both.check()
    both.check_books(1000)
    assert seen == {
        *("trade", "ticker"),
        *(f"book-{depth}" for depth in DEPTHS),
        *(f"ohlc-{interval}" for interval in INTERVALS),
    }
