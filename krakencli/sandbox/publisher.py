"""One symbol's feeds: who gets which channel in which variant, and the frames that one event makes for them.

Each frame is written once, however many receive it. For one event the order is ticker, trade, ohlc, book,
level3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from krakencli.sandbox import frames, level3
from krakencli.sandbox.market import Event, Market
from krakencli.sandbox.window import OrdersWindow, Window

Send = Callable[[str], None]
Update = Callable[[Event], str | None]

_ORDER = ("ticker", "trade", "ohlc", "book", "level3")
_SNAPSHOT_CANDLES = 10
_SNAPSHOT_TRADES = 50


@dataclass(frozen=True, slots=True)
class Topic:
    """A channel of one symbol in one variant: a book's depth, ohlc's interval, ticker's trigger; `""` for
    trade.
    """

    channel: str
    symbol: str
    variant: int | str = ""


class Publisher:
    """The feeds of one market."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self._receivers: dict[Topic, list[Send]] = {}
        self._windows: dict[Topic, Update] = {}

    def join(self, topic: Topic, send: Send) -> None:
        """From the next event on `send` gets the topic's updates."""
        self._receivers.setdefault(topic, []).append(send)
        self._receivers = dict(
            sorted(self._receivers.items(), key=lambda item: _ORDER.index(item[0].channel))
        )
        if topic.channel in _WINDOWED and topic not in self._windows:
            self._windows[topic] = _WINDOWED[topic.channel](self.market, int(topic.variant))

    def leave(self, topic: Topic, send: Send) -> None:
        """Ends what `join` began; harmless when it never did."""
        receivers = self._receivers.get(topic, [])
        if send in receivers:
            receivers.remove(send)
        if not receivers:
            self._receivers.pop(topic, None)
            self._windows.pop(topic, None)

    def snapshot(self, topic: Topic, now: int) -> str:
        """The topic's snapshot frame as of the market's last event; `now` only dates an ohlc message."""
        market = self.market
        if topic.channel == "ticker":
            return frames.ticker("snapshot", market)
        if topic.channel == "trade":
            return frames.trade("snapshot", market.pair, market.trades.last(_SNAPSHOT_TRADES))
        depth_or_interval = int(topic.variant)
        if topic.channel == "ohlc":
            candles = market.candles.series(depth_or_interval, _SNAPSHOT_CANDLES)
            return frames.ohlc("snapshot", market.pair, depth_or_interval, candles, now)
        if topic.channel == "level3":
            return level3.snapshot(market, depth_or_interval)
        bids, asks = market.book.bids.top(depth_or_interval), market.book.asks.top(depth_or_interval)
        return frames.book("snapshot", market, bids, asks)

    def publish(self, event: Event) -> None:
        """Sends what `event` means to everybody who follows it."""
        for topic, receivers in list(self._receivers.items()):
            frame = self._update(topic, event)
            if frame is not None:
                for send in list(receivers):
                    send(frame)

    def _update(self, topic: Topic, event: Event) -> str | None:
        if topic in self._windows:
            return self._windows[topic](event)
        if topic.channel == "ticker":
            due = event.quote_moved if topic.variant == "bbo" else event.trades
            return frames.ticker("update", self.market) if due else None
        if not event.trades:
            return None
        if topic.channel == "trade":
            return frames.trade("update", self.market.pair, event.trades)
        interval = int(topic.variant)
        candle = self.market.candles.running(interval)
        return frames.ohlc("update", self.market.pair, interval, [candle], event.time)


def _book(market: Market, depth: int) -> Update:
    window = Window(market.book, depth)

    def update(event: Event) -> str | None:
        bids, asks = window.bids.follow(event.bids), window.asks.follow(event.asks)
        return frames.book("update", market, bids, asks) if bids or asks else None

    return update


def _level3(market: Market, depth: int) -> Update:
    window = OrdersWindow(market.book, depth)

    def update(event: Event) -> str | None:
        bids, asks = window.bids.follow(event.bids), window.asks.follow(event.asks)
        return level3.update(market, bids, asks) if bids or asks else None

    return update


# The channels whose updates depend on what their subscribers can see.
_WINDOWED = {"book": _book, "level3": _level3}
