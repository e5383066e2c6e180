"""The text of v2's public channel messages: compact JSON, the exchange's key order, digits at the pair's
precision.

Key orders are those of recorded frames (protocol notes §2.3 and §7). Nothing here goes through a float
printer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from krakencli.sandbox import times
from krakencli.sandbox.candles import Candle
from krakencli.sandbox.market import Market
from krakencli.sandbox.numbers import rounded, text
from krakencli.sandbox.pairs import Asset, Listing, Pair
from krakencli.sandbox.times import MINUTE
from krakencli.sandbox.trades import Trade
from krakencli.sandbox.window import Levels

Kind = Literal["snapshot", "update"]

HEARTBEAT = '{"channel":"heartbeat"}'


def status(connection_id: int, system: str = "online") -> str:
    """The greeting, and the news of a changed engine state (protocol notes §3.1)."""
    return (
        '{"channel":"status","type":"update","data":[{"version":"2.0.10",'
        f'"system":"{system}","api_version":"v2","connection_id":{connection_id},'
        '"upcoming_maintenance":[],"emergency":[]}]}'
    )


def ticker(kind: Kind, market: Market) -> str:
    """The market's ticker as of its last event (protocol notes §7.1)."""
    pair, quote, day, last = market.pair, market.quote, market.day, market.last_price
    price, qty = pair.price_text, pair.qty_text
    change = last - day.open
    return (
        f'{{"channel":"ticker","type":"{kind}","data":[{{"symbol":"{pair.symbol}",'
        f'"bid":{price(quote.bid)},"bid_qty":{qty(quote.bid_qty)},'
        f'"ask":{price(quote.ask)},"ask_qty":{qty(quote.ask_qty)},"last":{price(last)},'
        f'"volume":{qty(day.volume)},"vwap":{price(day.vwap())},"low":{price(day.low)},"high":{price(day.high)},'
        f'"change":{price(change)},"change_pct":{text(rounded(10_000 * change, day.open), 2)},'
        f'"trades":{day.trades},"timestamp":"{times.micro(market.time)}"}}]}}'
    )


def trade(kind: Kind, pair: Pair, trades: Iterable[Trade]) -> str:
    """Trades in the order of their ids (protocol notes §7.4)."""
    items = ",".join([_trade(pair, one) for one in trades])
    return f'{{"channel":"trade","type":"{kind}","data":[{items}]}}'


def _trade(pair: Pair, one: Trade) -> str:
    return (
        f'{{"symbol":"{pair.symbol}","side":"{"buy" if one.buy else "sell"}",'
        f'"price":{pair.price_text(one.price)},"qty":{pair.qty_text(one.qty)},'
        f'"ord_type":"{"market" if one.market else "limit"}","trade_id":{one.trade_id},'
        f'"timestamp":"{times.micro(one.time)}"}}'
    )


def book(kind: Kind, market: Market, bids: Levels, asks: Levels) -> str:
    """A book snapshot or update of the market as of its last event (protocol notes §7.2)."""
    pair = market.pair
    return (
        f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"{pair.symbol}",'
        f'"bids":[{_levels(pair, bids)}],"asks":[{_levels(pair, asks)}],'
        f'"checksum":{market.book.checksum()},"timestamp":"{times.micro(market.time)}"}}]}}'
    )


def _levels(pair: Pair, levels: Levels) -> str:
    return ",".join(
        [f'{{"price":{pair.price_text(price)},"qty":{pair.qty_text(qty)}}}' for price, qty in levels]
    )


def ohlc(kind: Kind, pair: Pair, interval: int, candles: Iterable[Candle], time: int) -> str:
    """Candles of `interval` minutes; `time` is when the message was made (protocol notes §7.3)."""
    items = ",".join([_candle(pair, interval, candle) for candle in candles])
    return f'{{"channel":"ohlc","type":"{kind}","timestamp":"{times.nano(time)}","data":[{items}]}}'


def _candle(pair: Pair, interval: int, candle: Candle) -> str:
    price = pair.price_text
    begin = candle.begin * MINUTE
    return (
        f'{{"symbol":"{pair.symbol}","open":{price(candle.open)},"high":{price(candle.high)},'
        f'"low":{price(candle.low)},"close":{price(candle.close)},"trades":{candle.trades},'
        f'"volume":{pair.qty_text(candle.volume)},"vwap":{price(candle.vwap())},'
        f'"interval_begin":"{times.nano(begin)}","interval":{interval},'
        f'"timestamp":"{times.micro(begin + interval * MINUTE)}"}}'
    )


def instrument(listing: Listing) -> str:
    """Every asset and pair (protocol notes §7.5)."""
    assets = ",".join([_asset(asset) for asset in listing.assets.values()])
    pairs = ",".join([_pair(pair) for pair in listing.pairs.values()])
    return f'{{"channel":"instrument","type":"snapshot","data":{{"assets":[{assets}],"pairs":[{pairs}]}}}}'


def _asset(asset: Asset) -> str:
    margin = f',"margin_rate":{asset.margin_rate}' if asset.margin_rate else ""
    return (
        f'{{"id":"{asset.name}","status":"enabled","precision":{asset.precision},'
        f'"precision_display":{asset.display},"borrowable":{"true" if margin else "false"},'
        f'"collateral_value":{asset.collateral},"class":"currency"{margin}}}'
    )


def _pair(pair: Pair) -> str:
    margin = pair.margin
    limits = (
        f'"margin_initial":{margin.initial},"position_limit_long":{margin.limit_long},'
        f'"position_limit_short":{margin.limit_short},'
        if margin
        else ""
    )
    return (
        f'{{"symbol":"{pair.symbol}","base":"{pair.base.name}","quote":"{pair.quote.name}","status":"online",'
        f'"qty_precision":{pair.qty_precision},"qty_increment":{pair.qty_text(1)},'
        f'"price_precision":{pair.price_precision},"cost_precision":{pair.cost_precision},'
        f'"marginable":{"true" if margin else "false"},"has_index":{"true" if margin else "false"},'
        f'"ws_display_price_precision":{pair.price_precision},"cost_min":{pair.cost_min},{limits}'
        f'"tick_size":{pair.price_text(1)},"price_increment":{pair.price_text(1)},"qty_min":{pair.qty_text(pair.qty_min)}}}'
    )
