"""The public REST calls, each from the query to the text of its `result` (protocol notes, REST §4).

Numbers that REST prints as strings are made from integers here; prices have at least five decimals, as the
exchange pads them, except in OHLC, which prints the pair's own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from krakencli.sandbox import times
from krakencli.sandbox.candles import INTERVALS, Candle
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.market import Market
from krakencli.sandbox.numbers import scaled, text
from krakencli.sandbox.pairs import Asset, Pair
from krakencli.sandbox.times import MINUTE, SECOND
from krakencli.sandbox.trades import Trade

Query = Mapping[str, str]

_MOST_TRADES = 1000
_MOST_LEVELS = 500
_FINISHED_CANDLES = 720
_PADDED_DECIMALS = 5
# `since` is told apart by its size: seconds have ten digits before the point, nanoseconds nineteen.
_SECONDS_BELOW = 10**12


class QueryError(Exception):
    """A call that is answered with an error; its text is the exchange's."""


def _dump(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _time(exchange: Exchange, _: Query) -> str:
    now = exchange.now()
    return _dump({"unixtime": now // SECOND, "rfc1123": times.rfc1123(now)})


def _system_status(exchange: Exchange, _: Query) -> str:
    return _dump({"status": exchange.engine.state, "timestamp": times.whole(exchange.now())})


def _assets(exchange: Exchange, query: Query) -> str:
    wanted = query.get("asset")
    assets = list(exchange.listing.assets.values())
    if wanted is not None:
        found = [exchange.listing.find_asset(name) for name in wanted.split(",")]
        if None in found:
            raise QueryError("EQuery:Unknown asset")
        assets = [asset for asset in found if asset]
    return "{" + ",".join(_asset(asset) for asset in assets) + "}"


def _asset(asset: Asset) -> str:
    margin = f',"margin_rate":{asset.margin_rate}' if asset.margin_rate else ""
    return (
        f'"{asset.internal}":{{"aclass":"currency","altname":"{asset.altname}","decimals":{asset.precision},'
        f'"display_decimals":{asset.display},"collateral_value":{asset.collateral},"status":"enabled"{margin}}}'
    )


def _asset_pairs(exchange: Exchange, query: Query) -> str:
    """Tokenised assets and other venues can be asked for; there are none here."""
    pairs = _pairs(exchange, query)
    if query.get("aclass_base", "currency") != "currency":
        pairs = []
    return _dump({pair.internal: _asset_pair(pair) for pair in pairs})


def _asset_pair(pair: Pair) -> dict[str, object]:
    leverage = [2, 3, 4, 5] if pair.margin else []
    fields: dict[str, object] = {
        "altname": pair.altname,
        "wsname": pair.wsname,
        "aclass_base": "currency",
        "base": pair.base.internal,
        "aclass_quote": "currency",
        "quote": pair.quote.internal,
        "lot": "unit",
        "cost_decimals": pair.cost_precision,
        "pair_decimals": pair.price_precision,
        "lot_decimals": pair.qty_precision,
        "lot_multiplier": 1,
        "leverage_buy": leverage,
        "leverage_sell": leverage,
        "fees": [[0, 0.4], [10000, 0.35], [50000, 0.24]],
        "fees_maker": [[0, 0.25], [10000, 0.2], [50000, 0.14]],
        "fee_volume_currency": "ZUSD",
        "margin_call": 80,
        "margin_stop": 40,
        "ordermin": _short(pair.qty_text(pair.qty_min)),
        "costmin": _short(pair.cost_min),
        "tick_size": _short(pair.price_text(1)),
        "status": "online",
        "execution_venue": "international",
    }
    if pair.margin:
        fields["long_position_limit"] = pair.margin.limit_long
        fields["short_position_limit"] = pair.margin.limit_short
    return fields


def _short(decimal: str) -> str:
    return decimal.rstrip("0").rstrip(".") if "." in decimal else decimal


def _pairs(exchange: Exchange, query: Query) -> list[Pair]:
    """The pairs of a comma list, or all of them; one unknown name fails the whole call."""
    wanted = query.get("pair")
    if wanted is None:
        return list(exchange.listing.pairs.values())
    found = [exchange.listing.find(spelling) for spelling in wanted.split(",")]
    if None in found:
        raise QueryError("EQuery:Unknown asset pair")
    return [pair for pair in found if pair]


def _market(exchange: Exchange, query: Query) -> Market:
    """The market of the one pair that most calls demand."""
    if not query.get("pair"):
        raise QueryError("EGeneral:Invalid arguments")
    pair = exchange.listing.find(query["pair"])
    if pair is None:
        raise QueryError("EQuery:Unknown asset pair")
    return exchange.market(pair.symbol)


def _integer(query: Query, name: str, default: int, most: int) -> int:
    value = query.get(name, str(default))
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= most):
        raise QueryError("EGeneral:Invalid arguments")
    return int(value)


def _since(query: Query) -> int | None:
    """`since` in nanoseconds, whether it came in seconds or in nanoseconds."""
    value = query.get("since")
    if value is None:
        return None
    try:
        seconds = scaled(value, 9)
    except ValueError:
        raise QueryError("EGeneral:Invalid arguments") from None
    return seconds if seconds < _SECONDS_BELOW * SECOND else seconds // SECOND


def _padded(pair: Pair, price: int) -> str:
    return _at_padded(pair, price * 10 ** _padding(pair))


def _padding(pair: Pair) -> int:
    return max(0, _PADDED_DECIMALS - pair.price_precision)


def _at_padded(pair: Pair, price: int) -> str:
    """A price that already counts in the padded unit."""
    return text(price, pair.price_precision + _padding(pair))


def _trades(exchange: Exchange, query: Query) -> str:
    market = _market(exchange, query)
    count = _integer(query, "count", _MOST_TRADES, _MOST_TRADES)
    since = _since(query)
    trades = market.trades.last(count) if since is None else market.trades.after(since, count)
    rows = ",".join([_trade(market.pair, trade) for trade in trades])
    last = trades[-1].time if trades else since or market.time
    return f'{{"{market.pair.internal}":[{rows}],"last":"{last}"}}'


def _trade(pair: Pair, trade: Trade) -> str:
    return (
        f'["{_padded(pair, trade.price)}","{pair.qty_text(trade.qty)}",{times.rest_number(trade.time)},'
        f'"{"b" if trade.buy else "s"}","{"m" if trade.market else "l"}","",{trade.trade_id}]'
    )


def _ohlc(exchange: Exchange, query: Query) -> str:
    market = _market(exchange, query)
    interval = _integer(query, "interval", 1, max(INTERVALS))
    if interval not in INTERVALS:
        raise QueryError("EGeneral:Invalid arguments")
    since = _since(query)
    running = exchange.now() // MINUTE // interval * interval
    rows = [
        _ohlc_row(market.pair, candle)
        for candle in _unbroken(market, interval, running)
        if since is None or candle.begin * MINUTE > since
    ]
    return _dump({market.pair.internal: rows, "last": (running - interval) * 60})


def _unbroken(market: Market, interval: int, running: int) -> list[Candle]:
    """At most 720 finished candles and the one that begins at minute `running`; empty ones stand at the last
    close.
    """
    traded = {candle.begin: candle for candle in market.candles.series(interval, _FINISHED_CANDLES + 1)}
    oldest = min(traded, default=running)
    first = max(oldest, running - _FINISHED_CANDLES * interval)
    close = next((traded[begin].close for begin in sorted(traded, reverse=True) if begin < first), 0)
    candles = []
    for begin in range(first, running + 1, interval):
        candle = traded.get(begin) or Candle(begin, close)
        close = candle.close
        candles.append(candle)
    return candles


def _ohlc_row(pair: Pair, candle: Candle) -> list[object]:
    prices = [pair.price_text(price) for price in (candle.open, candle.high, candle.low, candle.close)]
    vwap = pair.price_text(candle.vwap()) if candle.trades else "0.0"
    return [candle.begin * 60, *prices, vwap, pair.qty_text(candle.volume), candle.trades]


def _depth(exchange: Exchange, query: Query) -> str:
    market = _market(exchange, query)
    count = _integer(query, "count", 100, _MOST_LEVELS)
    sides = {
        name: [
            [
                _padded(market.pair, side.price(key)),
                _coarse(market.pair, side.levels[key].qty),
                side.levels[key].time // SECOND,
            ]
            for key in side.keys[:count]
        ]
        for name, side in (("asks", market.book.asks), ("bids", market.book.bids))
    }
    return _dump({market.pair.internal: sides})


def _coarse(pair: Pair, qty: int) -> str:
    """Depth's volumes have three decimals, cut."""
    return text(qty // 10 ** (pair.qty_precision - 3), 3)


def _spread(exchange: Exchange, query: Query) -> str:
    market = _market(exchange, query)
    since = _since(query)
    rows = [
        [spread.time // SECOND, _padded(market.pair, spread.bid), _padded(market.pair, spread.ask)]
        for spread in market.spreads
        if since is None or spread.time >= since
    ]
    return _dump({market.pair.internal: rows, "last": market.spreads[-1].time // SECOND})


def _ticker(exchange: Exchange, query: Query) -> str:
    rows = {pair.internal: _ticker_row(exchange.market(pair.symbol)) for pair in _pairs(exchange, query)}
    return _dump(rows)


def _ticker_row(market: Market) -> dict[str, object]:
    """`[today, last 24 hours]` wherever a list of two stands."""
    pair, day, now, quote = market.pair, market.day, market.today, market.quote
    scale: int = 10 ** _padding(pair)
    last = market.trades.last(1)[0]
    return {
        "a": _touch(pair, quote.ask, quote.ask_qty),
        "b": _touch(pair, quote.bid, quote.bid_qty),
        "c": [_padded(pair, last.price), pair.qty_text(last.qty)],
        "v": [pair.qty_text(now.volume), pair.qty_text(day.volume)],
        "p": [_at_padded(pair, now.vwap(scale)), _at_padded(pair, day.vwap(scale))],
        "t": [now.trades, day.trades],
        "l": [_padded(pair, now.low), _padded(pair, day.low)],
        "h": [_padded(pair, now.high), _padded(pair, day.high)],
        "o": _padded(pair, now.open),
    }


def _touch(pair: Pair, price: int, qty: int) -> list[str]:
    return [_padded(pair, price), str(qty // 10**pair.qty_precision), _coarse(pair, qty)]


CALLS: dict[str, Callable[[Exchange, Query], str]] = {
    "Time": _time,
    "SystemStatus": _system_status,
    "Assets": _assets,
    "AssetPairs": _asset_pairs,
    "Ticker": _ticker,
    "Trades": _trades,
    "OHLC": _ohlc,
    "Depth": _depth,
    "Spread": _spread,
}
