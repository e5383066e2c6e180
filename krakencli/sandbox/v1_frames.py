"""The text of v1's public channel messages (protocol notes v1 §5): `[channelID, payload, channelName, pair]`,
a second payload where both sides of a book have changed.

The checksum of a book is over the digits that v1 sends (§6), so it is another one than v2's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from krakencli.sandbox.candles import Candle
from krakencli.sandbox.levels import Side
from krakencli.sandbox.market import Market
from krakencli.sandbox.pairs import Pair
from krakencli.sandbox.times import MINUTE
from krakencli.sandbox.trades import Trade
from krakencli.sandbox.v1_params import Wish, channel_id
from krakencli.sandbox.v1_text import fine_price, price, price_unit, time, volume, volume_unit
from krakencli.sandbox.window import Told


def ticker(market: Market) -> str:
    """The market's ticker as of its last event (§5.1); wherever two stand, today's figure comes first."""
    pair, quote, day, today = market.pair, market.quote, market.day, market.today
    last, scale = market.trades.last(1)[0], price_unit(market.pair)
    return _frame(
        pair,
        Wish("ticker"),
        f'{{"a":{_touch(pair, quote.ask, quote.ask_qty)},"b":{_touch(pair, quote.bid, quote.bid_qty)},'
        f'"c":["{price(pair, last.price)}","{volume(pair, last.qty)}"],'
        f'"v":["{volume(pair, today.volume)}","{volume(pair, day.volume)}"],'
        f'"p":["{fine_price(pair, today.vwap(scale))}","{fine_price(pair, day.vwap(scale))}"],'
        f'"t":[{today.trades},{day.trades}],'
        f'"l":["{price(pair, today.low)}","{price(pair, day.low)}"],'
        f'"h":["{price(pair, today.high)}","{price(pair, day.high)}"],'
        f'"o":["{price(pair, today.open)}","{price(pair, day.open)}"]}}',
    )


def _touch(pair: Pair, ticks: int, lots: int) -> str:
    """Price, whole units as an integer, and the volume."""
    return f'["{price(pair, ticks)}",{lots // 10**pair.qty_precision},"{volume(pair, lots)}"]'


def ohlc(pair: Pair, interval: int, candle: Candle, updated: int) -> str:
    """A candle of `interval` minutes with the end of it (§5.2); `updated` is when it was last traded in. Its
    vwap is rounded as v2 rounds it, though the exchange has more decimals there over v1: one candle is the
    same over both.
    """
    vwap = price(pair, candle.vwap())
    prices = ",".join(
        [f'"{price(pair, one)}"' for one in (candle.open, candle.high, candle.low, candle.close)]
    )
    return _frame(
        pair,
        Wish("ohlc", interval),
        f'["{time(updated)}","{time((candle.begin + interval) * MINUTE)}",{prices},'
        f'"{vwap}","{volume(pair, candle.volume)}",{candle.trades}]',
    )


def trade(pair: Pair, trades: Iterable[Trade]) -> str:
    """Trades, oldest first (§5.3)."""
    rows = ",".join(
        [
            f'["{price(pair, one.price)}","{volume(pair, one.qty)}","{time(one.time)}",'
            f'"{"b" if one.buy else "s"}","{"m" if one.market else "l"}",""]'
            for one in trades
        ]
    )
    return _frame(pair, Wish("trade"), f"[{rows}]")


def spread(market: Market) -> str:
    """Best bid and ask since they last moved (§5.4); an empty side is nought."""
    pair, quote = market.pair, market.quote
    return _frame(
        pair,
        Wish("spread"),
        f'["{price(pair, quote.bid)}","{price(pair, quote.ask)}","{time(market.quote_time)}",'
        f'"{volume(pair, quote.bid_qty)}","{volume(pair, quote.ask_qty)}"]',
    )


def book_snapshot(market: Market, depth: int) -> str:
    """The best `depth` levels, without a checksum (§5.5)."""
    asks, bids = (_standing(market.pair, side, depth) for side in (market.book.asks, market.book.bids))
    return _frame(market.pair, Wish("book", depth), f'{{"as":[{asks}],"bs":[{bids}]}}')


def _standing(pair: Pair, side: Side, depth: int) -> str:
    levels = ((key, side.levels[key]) for key in side.keys[:depth])
    return ",".join([f"[{_level(pair, side.price(key), level.qty, level.time)}]" for key, level in levels])


def book_update(market: Market, depth: int, asks: Sequence[Told], bids: Sequence[Told]) -> str:
    """What the market's last event changed; the checksum stands in the last object."""
    pair = market.pair
    parts = [
        f'"{name}":[{",".join([_told(pair, one, market.time) for one in side])}]'
        for name, side in (("a", asks), ("b", bids))
        if side
    ]
    parts[-1] += f',"c":"{market.book.checksum(price_unit(pair), volume_unit(pair))}"'
    return _frame(pair, Wish("book", depth), ",".join([f"{{{part}}}" for part in parts]))


def _told(pair: Pair, told: Told, now: int) -> str:
    """A level that comes back into the window keeps its time, and is marked."""
    if told.since is None:
        return f"[{_level(pair, told.price, told.qty, now)}]"
    return f'[{_level(pair, told.price, told.qty, told.since)},"r"]'


def _level(pair: Pair, ticks: int, lots: int, changed: int) -> str:
    return f'"{price(pair, ticks)}","{volume(pair, lots)}","{time(changed)}"'


def _frame(pair: Pair, wish: Wish, payload: str) -> str:
    return f'[{channel_id(pair.place, wish)},{payload},"{wish.name}","{pair.wsname}"]'
