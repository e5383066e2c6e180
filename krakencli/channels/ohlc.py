"""`ohlc`: candles of nine lengths, the running one at each trade (protocol notes v2 §7.3)."""

from dataclasses import replace

from krakencli.channels.trade import FILL_TIMEOUT
from krakencli.channels.wire_v1 import (
    COUNT,
    MORE,
    NUMBER,
    TIME,
    pattern,
    stamp,
    stamp_before,
    taken,
)
from krakencli.model import Channel, Column, Param

INTERVALS = (1, 5, 15, 30, 60, 240, 1440, 10080, 21600)

_CANDLE = rb"\[" + rb",".join([TIME, TIME, *[NUMBER] * 6, COUNT]) + MORE + rb"\]"


def decode_v1(payload: bytes, symbol: bytes, interval: int) -> list[bytes]:
    """The candle of a payload, of `interval` minutes; v1 names its end (protocol notes v1 §5.2).

    `symbol` is JSON. ValueError where the payload is none.
    """
    _, _, end, fraction, opened, high, low, close, vwap, volume, trades = taken(
        _CANDLE, payload, "candle"
    ).groups()
    begin = stamp_before(end, fraction, interval)
    return [
        b'{"symbol":%b,"open":%b,"high":%b,"low":%b,"close":%b,"trades":%b,"volume":%b,"vwap":%b,'
        b'"interval_begin":"%b","interval":%d,"timestamp":"%b"}'
        % (symbol, opened, high, low, close, trades, volume, vwap, begin, interval, stamp(end, fraction))
    ]


def time_v1(payload: bytes) -> str:
    """When the candle of a payload was last changed; "" where that cannot be read."""
    found = pattern(rb"\[" + TIME).match(payload)
    return stamp(*found.groups()).decode() if found else ""


_V2 = Channel(
    name="ohlc",
    wire="ohlc",
    summary="Candles: open, high, low, close, volume, vwap and number of trades.",
    examples=(
        ("kraken-stream ohlc BTC/USD -i 1m", "the running minute at each trade"),
        ("kraken-stream ohlc BTC/USD -i 5 --closed", "each candle once, when it is final"),
        ("kraken-stream ohlc BTC/USD ETH/USD -i 1h -f csv > candles.csv", "candles to CSV"),
    ),
    params=(
        Param(
            "interval",
            "Length of a candle in minutes; also 1m 5m 15m 30m 1h 4h 1d 1w 15d.",
            ("-i", "--interval"),
            1,
            INTERVALS,
            (
                *((f"{minutes}m", minutes) for minutes in INTERVALS),
                ("1h", 60),
                ("4h", 240),
                ("24h", 1440),
                ("1d", 1440),
                ("7d", 10080),
                ("1w", 10080),
                ("15d", 21600),
            ),
        ),
        Param(
            "closed",
            "Print a candle once, when it is final; only candles closed since the start.",
            ("--closed",),
            default=False,
            wire=False,
        ),
        FILL_TIMEOUT,
    ),
    columns=(
        Column("symbol", "symbol"),
        Column("interval_begin", "time", "begin"),
        Column("open", "price"),
        Column("high", "price"),
        Column("low", "price"),
        Column("close", "price"),
        Column("volume", "qty"),
        Column("vwap", "price", rank=2),
        Column("trades", "count", rank=2),
        Column("interval", "text", "min", rank=3),
    ),
    key=("symbol", "interval"),
    notes=(
        "The exchange sends no 'closed' flag: a candle is final when a later one has begun, or when the"
        " clock has passed its end by a few seconds. Intervals without trades have no candle.",
        "Candles that ended while the connection was down are fetched over REST where the exchange's snapshot"
        ' does not hold them any more, marked with "source":"backfill"; what stays missing is told as gap.',
    ),
)

OHLC = replace(_V2, v1=replace(_V2, snapshot=None))
