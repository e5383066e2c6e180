"""How v1 tells of a market: which events make a frame of which channel (protocol notes v1 §5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from krakencli.sandbox import v1_frames as frames
from krakencli.sandbox.candles import Candle, fold
from krakencli.sandbox.market import Event, Market
from krakencli.sandbox.times import MINUTE
from krakencli.sandbox.topic import Topic, Update
from krakencli.sandbox.window import Window


def snapshot(topic: Topic, market: Market, now: int) -> str | None:  # noqa: ARG001 - the interface of a protocol
    """The topic's first frame as of the market's last event; `trade` has none."""
    if topic.channel == "trade":
        return None
    if topic.channel == "ticker":
        return frames.ticker(market)
    if topic.channel == "spread":
        return frames.spread(market)
    depth_or_interval = int(topic.variant)
    if topic.channel == "book":
        return frames.book_snapshot(market, depth_or_interval)
    candle, last = market.candles.running(depth_or_interval), market.trades.last(1)[0]
    return frames.ohlc(market.pair, depth_or_interval, candle, last.time)


def follow(topic: Topic, market: Market) -> Update:
    """What tells the topic's events from the next one on."""
    return _FOLLOWERS[topic.channel](market, topic.variant)


def _ticker(market: Market, _: int | str) -> Update:
    def update(event: Event) -> Iterable[str]:
        return (frames.ticker(market),) if event.trades else ()

    return update


def _spread(market: Market, _: int | str) -> Update:
    """Comes when a volume at the top changes, too; whether the exchange does that is not known."""

    def update(event: Event) -> Iterable[str]:
        return (frames.spread(market),) if event.quote_moved else ()

    return update


def _trade(market: Market, _: int | str) -> Update:
    def update(event: Event) -> Iterable[str]:
        return (frames.trade(market.pair, event.trades),) if event.trades else ()

    return update


def _ohlc(market: Market, variant: int | str) -> Update:
    """A frame for each single trade, with the candle as it stood after that one."""
    interval = int(variant)
    candle = fold([market.candles.running(interval)], interval)

    def update(event: Event) -> Iterable[str]:
        nonlocal candle
        for one in event.trades:
            minute = one.time // MINUTE
            if candle.begin != minute - minute % interval:
                candle = Candle(minute - minute % interval, one.price)
            candle.add(one.price, one.qty)
            yield frames.ohlc(market.pair, interval, candle, one.time)

    return update


def _book(market: Market, variant: int | str) -> Update:
    depth = int(variant)
    window = Window(market.book, depth)

    def update(event: Event) -> Iterable[str]:
        asks, bids = window.asks.tell(event.asks), window.bids.tell(event.bids)
        return (frames.book_update(market, depth, asks, bids),) if asks or bids else ()

    return update


_FOLLOWERS: dict[str, Callable[[Market, int | str], Update]] = {
    "ticker": _ticker,
    "trade": _trade,
    "ohlc": _ohlc,
    "spread": _spread,
    "book": _book,
}
