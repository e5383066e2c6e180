"""The sandbox is one market: what every channel and call says follows from `book` and `trade`, at
every step.
"""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from .kit import SECOND, Client, WireBook, decode, make_exchange, play, result

MINUTE = 60 * SECOND
INTERVALS = (1, 5, 15, 30, 60, 240, 1440, 10080, 21600)


class Sum:
    """What a run of trades comes to, added up one by one in decimals."""

    def __init__(self, begin: int) -> None:
        self.begin = begin
        self.prices: list[Decimal] = []
        self.volume = self.cost = Decimal(0)
        self.trades = 0

    def add(self, price: Decimal, qty: Decimal) -> None:
        """Of the prices, the first, the extremes and the last are kept."""
        first, *rest = [*self.prices, price]
        self.prices = [first, min(first, *rest, price), max(first, *rest, price), price]
        self.volume += qty
        self.cost += price * qty
        self.trades += 1


class Tape:
    """Every trade of a pair, from REST's pages and then from `trade`; what it derives is written
    from scratch.
    """

    def __init__(self, price_digits: int) -> None:
        self.tick = Decimal(1).scaleb(-price_digits)
        self.window: deque[tuple[int, Decimal, Decimal]] = deque()
        self.volume = self.cost = Decimal(0)
        self.candles: dict[tuple[int, int], Sum] = {}
        self.last: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))
        self.last_id = 0

    def add(self, trade_id: int, minute: int, price_text: str, qty_text: str) -> None:
        assert self.last_id in {0, trade_id - 1}
        self.last_id = trade_id
        self.last = price, qty = Decimal(price_text), Decimal(qty_text)
        self.window.append((minute, price, qty))
        self.volume += qty
        self.cost += price * qty
        for interval in INTERVALS:
            begin = minute - minute % interval
            self.candles.setdefault((interval, begin), Sum(begin)).add(price, qty)

    def day(self, minute: int) -> dict[str, Any]:
        while self.window[0][0] <= minute - 1440:
            _, price, qty = self.window.popleft()
            self.volume -= qty
            self.cost -= price * qty
        prices = [price for _, price, _ in self.window]
        change = prices[-1] - prices[0]
        return {
            "last": prices[-1],
            "volume": self.volume,
            "vwap": self.mean(self.cost, self.volume),
            "low": min(prices),
            "high": max(prices),
            "change": change,
            "change_pct": (100 * change / prices[0]).quantize(Decimal("0.01"), ROUND_HALF_UP),
            "trades": len(prices),
        }

    def candle(self, begin: int, interval: int) -> dict[str, Any]:
        found = self.candles[interval, begin]
        opened, low, high, closed = found.prices
        return {
            "open": opened,
            "high": high,
            "low": low,
            "close": closed,
            "trades": found.trades,
            "volume": found.volume,
            "vwap": self.mean(found.cost, found.volume),
        }

    def mean(self, cost: Decimal, volume: Decimal) -> Decimal:
        return (cost / volume).quantize(self.tick, ROUND_HALF_UP)


def minute_of(stamp: str) -> int:
    """The minute that an RFC 3339 time lies in, counted from 1970."""
    return int(datetime.fromisoformat(stamp[:19] + "+00:00").timestamp()) // 60


def numbers(item: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    return {name: item[name] if isinstance(item[name], int) else Decimal(item[name]) for name in names}


def whole_history(exchange: Any, pair: str, tape: Tape) -> None:
    """Pages through REST Trades as a client would, dropping repeats by id."""
    since = "0"
    while True:
        page = result(exchange, "Trades", pair=pair, since=since, count="500")
        rows = next(rows for key, rows in page.items() if key != "last")
        for price, qty, time, _side, _kind, _misc, trade_id in rows:
            tape.add(trade_id, int(str(time).partition(".")[0]) // 60, price, qty)
        if len(rows) < 500:
            return
        since = page["last"]


class Follower:
    """A client that follows everything about one pair and checks it all after each event."""

    def __init__(self, symbol: str, price_digits: int, **settings: Any) -> None:
        self.exchange = make_exchange(**settings)
        self.symbol = symbol
        self.tape = Tape(price_digits)
        whole_history(self.exchange, symbol, self.tape)
        self.books = {depth: WireBook(depth) for depth in (10, 25, 1000)}
        self.clients = {depth: Client(self.exchange) for depth in self.books}
        for depth, client in self.clients.items():
            _, snapshot = client.subscribe_raw("book", symbol, depth=depth)
            assert self.books[depth].apply(snapshot)
        self.bbo = Client(self.exchange)
        self.bbo.subscribe("ticker", symbol, event_trigger="bbo")
        self.other = Client(self.exchange)
        self.other.subscribe("ticker", symbol)
        self.other.subscribe("trade", symbol)
        for interval in INTERVALS:
            self.other.subscribe("ohlc", symbol, interval=interval)
        self.spreads = [self.books[10].best()]
        self.seen: defaultdict[str, int] = defaultdict(int)

    def check(self) -> None:
        self.check_books()
        self.check_quotes()
        for frame in map(decode, self.other.take()):
            self.seen[frame["channel"]] += 1
            getattr(self, f"check_{frame['channel']}")(frame)

    def check_books(self) -> None:
        for depth, client in self.clients.items():
            for frame in map(decode, client.take()):
                self.seen[f"book-{depth}"] += 1
                assert self.books[depth].apply(frame)
        deep = self.books[1000]
        for name in ("bids", "asks"):
            ten = self.books[10].top(name, 10)
            assert ten == self.books[25].top(name, 10) == deep.top(name, 10)
        best = self.books[10].best()
        assert Decimal(best[0]) < Decimal(best[2])

    def check_quotes(self) -> None:
        """The book's best levels move exactly when, and to exactly what, the bbo ticker says."""
        best = self.books[10].best()
        frames = [decode(frame)["data"][0] for frame in self.bbo.take()]
        told = [tuple(item[name] for name in ("bid", "bid_qty", "ask", "ask_qty")) for item in frames]
        assert told == ([best] if best != self.spreads[-1] else [])
        if told:
            self.seen["bbo"] += 1
            self.spreads.append(best)

    def check_trade(self, frame: Any) -> None:
        for item in frame["data"]:
            self.tape.add(item["trade_id"], minute_of(item["timestamp"]), item["price"], item["qty"])

    def check_ticker(self, frame: Any) -> None:
        """Comes before the event's `trade`, so it is put by until that has been taken in."""
        self.pending_ticker = frame["data"][0]

    def check_ohlc(self, frame: Any) -> None:
        item = frame["data"][0]
        if self.pending_ticker is not None:
            ticker, self.pending_ticker = self.pending_ticker, None
            day = self.tape.day(minute_of(ticker["timestamp"]))
            assert numbers(ticker, day) == day
            assert (
                tuple(ticker[name] for name in ("bid", "bid_qty", "ask", "ask_qty")) == self.books[10].best()
            )
        candle = self.tape.candle(minute_of(item["interval_begin"]), item["interval"])
        assert numbers(item, candle) == candle
        begin, end = minute_of(item["interval_begin"]), minute_of(item["timestamp"])
        assert (begin % item["interval"], end - begin) == (0, item["interval"])

    def check_rest(self) -> None:
        """What REST says at this moment is what the streams have said."""
        self.check_rest_depth()
        self.check_rest_spread()
        self.check_rest_ticker()
        self.check_rest_ohlc()

    def rest(self, name: str, **query: str) -> Any:
        answer = result(self.exchange, name, pair=self.symbol, **query)
        return next(value for key, value in answer.items() if key != "last")

    def check_rest_depth(self) -> None:
        depth = self.rest("Depth", count="500")
        for name in ("bids", "asks"):
            levels = self.books[1000].top(name, 500)
            assert [Decimal(row[0]) for row in depth[name]] == [Decimal(price) for price, _ in levels]
            short = [Decimal(qty).quantize(Decimal("0.001"), ROUND_DOWN) for _, qty in levels]
            assert [Decimal(row[1]) for row in depth[name]] == short

    def check_rest_spread(self) -> None:
        """Rows are the changes of the best prices; the first row of what was seen is the state at
        the start.
        """
        changes = [(Decimal(best[0]), Decimal(best[2])) for best in self.spreads]
        changes = [pair for index, pair in enumerate(changes) if index == 0 or pair != changes[index - 1]]
        rows = [(Decimal(row[1]), Decimal(row[2])) for row in self.rest("Spread")]
        assert rows[-len(changes) :] == changes[-200:]

    def check_rest_ticker(self) -> None:
        row, minute = self.rest("Ticker"), self.exchange.now() // MINUTE
        day = self.tape.day(minute)
        assert (Decimal(row["v"][1]), row["t"][1]) == (day["volume"], day["trades"])
        assert (Decimal(row["l"][1]), Decimal(row["h"][1])) == (day["low"], day["high"])
        today = self.tape.candle(minute // 1440 * 1440, 1440)
        assert (Decimal(row["v"][0]), row["t"][0], Decimal(row["o"])) == (
            today["volume"],
            today["trades"],
            today["open"],
        )
        assert (Decimal(row["c"][0]), Decimal(row["c"][1])) == self.tape.last

    def check_rest_ohlc(self) -> None:
        for interval in (1, 60):
            rows = self.rest("OHLC", interval=str(interval))
            assert [row[0] for row in rows] == list(range(rows[0][0], rows[-1][0] + 60, interval * 60))
            assert rows[-1][0] == self.exchange.now() // MINUTE // interval * interval * 60
            for begin, *prices, vwap, volume, count in rows[-12:]:
                if count:
                    candle = self.tape.candle(begin // 60, interval)
                    assert [Decimal(price) for price in prices] == [
                        candle[name] for name in ("open", "high", "low", "close")
                    ]
                    assert (Decimal(vwap), Decimal(volume), count) == (
                        candle["vwap"],
                        candle["volume"],
                        candle["trades"],
                    )

    pending_ticker: Any = None


@pytest.mark.parametrize(
    ("symbol", "price_digits", "settings"),
    [
        ("BTC/USD", 1, {"symbols": ("BTC/USD",), "rate": 40}),
        ("SHIB/USD", 9, {"symbols": ("SHIB/USD",), "rate": 5}),
        ("S0001/USD", 4, {"symbols": ("BTC/USD",), "synthetic": 1, "rate": 1}),
    ],
)
def test_every_channel_agrees_after_every_event(
    symbol: str, price_digits: int, settings: dict[str, Any]
) -> None:
    follower = Follower(symbol, price_digits, **settings)
    for number, _ in enumerate(play(follower.exchange, 10_000 if symbol == "BTC/USD" else 2_500)):
        follower.check()
        if number % 250 == 0:
            follower.check_rest()
    assert min(follower.seen.values()) > 100
