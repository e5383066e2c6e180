"""How v2 tells of a market: which events make a frame of which channel (protocol notes v2 §7 and §8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from krakencli.sandbox import frames, level3
from krakencli.sandbox.market import Event, Market
from krakencli.sandbox.topic import Topic, Update
from krakencli.sandbox.window import OrdersWindow, Window

_SNAPSHOT_CANDLES = 10
_SNAPSHOT_TRADES = 50


def snapshot(topic: Topic, market: Market, now: int) -> str | None:
    """The topic's snapshot frame as of the market's last event; `now` only dates an ohlc message."""
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


def follow(topic: Topic, market: Market) -> Update:
    """What tells the topic's events from the next one on."""
    return _FOLLOWERS[topic.channel](market, topic.variant)


def _ticker(market: Market, trigger: int | str) -> Update:
    def update(event: Event) -> Iterable[str]:
        is_due = event.quote_moved if trigger == "bbo" else event.trades
        return (frames.ticker("update", market),) if is_due else ()

    return update


def _trade(market: Market, _: int | str) -> Update:
    def update(event: Event) -> Iterable[str]:
        return (frames.trade("update", market.pair, event.trades),) if event.trades else ()

    return update


def _ohlc(market: Market, variant: int | str) -> Update:
    interval = int(variant)

    def update(event: Event) -> Iterable[str]:
        if not event.trades:
            return ()
        candle = market.candles.running(interval)
        return (frames.ohlc("update", market.pair, interval, [candle], event.time),)

    return update


def _book(market: Market, depth: int | str) -> Update:
    window = Window(market.book, int(depth))

    def update(event: Event) -> Iterable[str]:
        bids, asks = window.bids.follow(event.bids), window.asks.follow(event.asks)
        return (frames.book("update", market, bids, asks),) if bids or asks else ()

    return update


def _level3(market: Market, depth: int | str) -> Update:
    window = OrdersWindow(market.book, int(depth))

    def update(event: Event) -> Iterable[str]:
        bids, asks = window.bids.follow(event.bids), window.asks.follow(event.asks)
        return (level3.update(market, bids, asks),) if bids or asks else ()

    return update


_FOLLOWERS: dict[str, Callable[[Market, int | str], Update]] = {
    "ticker": _ticker,
    "trade": _trade,
    "ohlc": _ohlc,
    "book": _book,
    "level3": _level3,
}
