"""`ticker`: best prices and 24-hour figures, complete in every record (protocol notes v2 §7.1)."""

from dataclasses import replace

from krakencli.channels.wire_v1 import COUNT, NUMBER, compact, pattern, values, without
from krakencli.model import Channel, Column, Param

_TWO = rb"\[" + NUMBER + rb"," + NUMBER + rb"\]"
_QUOTE = rb"\[" + NUMBER + rb"," + COUNT + rb"," + NUMBER + rb"\]"
_PAYLOAD = rb'\{"a":%b,"b":%b,"c":%b,"h":%b,"l":%b,"o":%b,"p":%b,"t":\[%b,%b\],"v":%b\}' % (
    _QUOTE,
    _QUOTE,
    _TWO,
    _TWO,
    _TWO,
    _TWO,
    _TWO,
    COUNT,
    COUNT,
    _TWO,
)
_KEYS = "abchloptv"


def decode_v1(payload: bytes, symbol: bytes, _variant: int) -> list[bytes]:
    """The item of a payload, its figures those of 24 hours (protocol notes v1 §5.1).

    `symbol` is JSON. v1 has no change, which v2 reckons from the price 24 hours ago. ValueError where the
    payload is none.
    """
    found = pattern(_PAYLOAD).fullmatch(payload) or pattern(_PAYLOAD).fullmatch(_respelt(payload))
    if found is None:
        raise ValueError("no ticker of API v1")
    ask, _, ask_qty, bid, _, bid_qty, last, _, _, high, _, low, _, _, _, vwap, _, trades, _, volume = (
        found.groups()
    )
    return [
        b'{"symbol":%b,"bid":%b,"bid_qty":%b,"ask":%b,"ask_qty":%b,"last":%b,"volume":%b,"vwap":%b,"low":%b,'
        b'"high":%b,"trades":%b}'
        % (symbol, bid, bid_qty, ask, ask_qty, last, volume, vwap, low, high, trades)
    ]


def _respelt(payload: bytes) -> bytes:
    ticker, *others = values(payload) or [None]
    if others or not isinstance(ticker, dict):
        raise ValueError("no ticker of API v1")
    return compact({key: ticker.get(key) for key in _KEYS})


_V2 = Channel(
    name="ticker",
    wire="ticker",
    summary="Best bid and ask, last trade and 24-hour figures.",
    examples=(
        ("kraken-stream ticker XBT/USD ETH/USD", "live prices"),
        ("kraken-stream ticker BTC/USD -n 1 | jq -r .last", "one value and stop"),
        ("kraken-stream ticker BTC/USD --event-trigger bbo", "at every change of the best bid or ask"),
        ("kraken-stream ticker --all --quote USD", "every dollar pair"),
    ),
    params=(
        Param(
            "event_trigger",
            "Send a record at each trade, or at each change of the best bid or offer.",
            ("--event-trigger",),
            "trades",
            ("trades", "bbo"),
        ),
    ),
    columns=(
        Column("symbol", "symbol"),
        Column("bid", "price"),
        Column("bid_qty", "qty", rank=3),
        Column("ask", "price"),
        Column("ask_qty", "qty", rank=3),
        Column("last", "price"),
        Column("volume", "qty", "volume 24h", rank=2),
        Column("vwap", "price", rank=4),
        Column("low", "price", "low 24h", rank=2),
        Column("high", "price", "high 24h", rank=2),
        Column("change", "change", "change 24h", rank=3),
        Column("change_pct", "percent", "24h %"),
        Column("trades", "count", rank=4),
        Column("timestamp", "time", rank=0),
    ),
)

TICKER = replace(
    _V2,
    v1=replace(
        _V2,
        params=(),
        snapshot=None,
        columns=without(_V2.columns, "change", "change_pct"),
    ),
)
