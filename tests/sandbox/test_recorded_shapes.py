"""The sandbox's frames beside the exchange's: the same keys in the same order, the same kinds of values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .kit import RECORDINGS, Client, decode, make_exchange, play

# (recording, field values that pick its frame) -> what the sandbox is asked for, to make a frame of the same
# kind
CASES: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    ("v2_public_btcusd_20260925", {"channel": "status"}, {}),
    ("v2_public_btcusd_20260925", {"channel": "ticker"}, {"channel": "ticker"}),
    ("v2_public_btcusd_20260925", {"channel": "trade"}, {"channel": "trade"}),
    ("v2_public_btcusd_20260925", {"channel": "ohlc"}, {"channel": "ohlc", "interval": 1}),
    ("v2_public_btcusd_20260925", {"method": "subscribe"}, {"channel": "trade"}),
    ("v2_ohlc1_btcusd_20261006", {"type": "snapshot"}, {"channel": "ohlc", "interval": 1}),
    ("v2_ohlc1_btcusd_20261006", {"method": "subscribe", "symbol": "XBT/USD"}, {"channel": "trade"}),
    ("v2_book10_btcusd_20260719_raw", {"type": "snapshot"}, {"channel": "book"}),
    ("v2_book10_btcusd_20260719_raw", {"channel": "book", "type": "update"}, {"channel": "book"}),
    ("v2_book10_btcusd_20260719_raw", {"method": "subscribe"}, {"channel": "book"}),
    ("v2_public_2024", {"channel": "trade", "type": "snapshot"}, {"channel": "trade", "snapshot": True}),
    ("v2_methods_2024_A", {"method": "ping"}, {}),
]


def shape(value: Any) -> Any:
    """Keys in order and kinds of values; of a list its first item, because all are alike."""
    if isinstance(value, dict):
        return [(key, shape(item)) for key, item in value.items() if key not in {"req_id", "bids", "asks"}]
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return type(value).__name__


def recorded(name: str, wanted: dict[str, str]) -> Any:
    file = RECORDINGS / f"{name}.jsonl"
    if not file.exists():
        pytest.skip(f"no recordings at {RECORDINGS}")
    frames = (json.loads(json.loads(line)["frame"]) for line in file.read_text().splitlines())
    return next(frame for frame in frames if wanted.items() <= frame.items())


@pytest.mark.parametrize(("name", "wanted", "params"), CASES)
def test_keys_and_kinds_are_the_recorded_ones(
    name: str, wanted: dict[str, str], params: dict[str, Any]
) -> None:
    expected = recorded(name, wanted)
    exchange = make_exchange(symbols=("BTC/USD",))
    client = Client(exchange)
    texts = client.take() + client.ask_text('{"method":"ping","params":{},"req_id":1}')
    if params:
        request = {"method": "subscribe", "params": {**params, "symbol": ["XBT/USD", "BTC/USD"]}}
        texts += client.ask_text(json.dumps(request))
    for _ in play(exchange, 50) if params else ():
        pass
    frames = [json.loads(text) for text in texts + client.take()]
    mine = next(
        frame
        for frame in frames
        if wanted.items() <= frame.items() and ("error" in frame) == ("error" in expected)
    )
    assert shape(mine) == shape(expected)


def test_pairs_and_assets_have_the_documented_keys() -> None:
    """Key order of the protocol notes' instrument sample (§7.5)."""
    client = Client(make_exchange())
    client.take()
    (_, text) = client.ask_text('{"method":"subscribe","params":{"channel":"instrument"}}')
    data = decode(text)["data"]
    pairs = {pair["symbol"]: pair for pair in data["pairs"]}
    assert list(pairs["BTC/USD"]) == [
        *("symbol", "base", "quote", "status", "qty_precision", "qty_increment", "price_precision"),
        *("cost_precision", "marginable", "has_index", "ws_display_price_precision", "cost_min"),
        *("margin_initial", "position_limit_long", "position_limit_short"),
        *("tick_size", "price_increment", "qty_min"),
    ]
    assert "margin_initial" not in pairs["SHIB/USD"]
    assert (pairs["SHIB/USD"]["price_increment"], pairs["SHIB/USD"]["qty_increment"]) == (
        "0.000000001",
        "0.00001",
    )
    assert list(data["assets"][0]) == [
        *("id", "status", "precision", "precision_display", "borrowable", "collateral_value", "class"),
        "margin_rate",
    ]
