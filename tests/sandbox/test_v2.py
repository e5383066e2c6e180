"""The v2 conversation: acknowledgements, subscriptions, refusals word for word."""

from __future__ import annotations

import json
from typing import Any

import pytest

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.hosts import Access
from krakencli.sandbox.v2_gate import TRADING

from .kit import SECOND, Client, decode, make_exchange, play

PRIVATE_WORDS = "Private data and trading are unavailable on this endpoint. Try ws-auth.kraken.com"
PUBLIC_WORDS = "Public market data subscriptions are unavailable on this endpoint. Try ws.kraken.com"


@pytest.fixture
def exchange() -> Exchange:
    return make_exchange(symbols=("BTC/USD", "ETH/USD"))


@pytest.fixture
def client(exchange: Exchange) -> Client:
    return Client(exchange)


def times_off(frame: dict[str, Any]) -> dict[str, Any]:
    """A response without its times, which must be there and in order."""
    assert frame.pop("time_in") < frame.pop("time_out")
    return frame


def test_the_greeting_is_one_status_frame(exchange: Exchange) -> None:
    client = Client(exchange)
    (frame,) = client.take()
    connection_id = json.loads(frame)["data"][0]["connection_id"]
    assert frame == (
        '{"channel":"status","type":"update","data":[{"version":"2.0.10","system":"online","api_version":"v2",'
        f'"connection_id":{connection_id},"upcoming_maintenance":[],"emergency":[]}}]}}'
    )


def test_ping_is_answered_with_its_req_id(client: Client) -> None:
    (frame,) = client.ask_text('{"method":"ping","req_id":4294967297}')
    assert frame == (
        '{"method":"pong","req_id":4294967297,'
        '"time_in":"2026-03-02T14:05:30.000000Z","time_out":"2026-03-02T14:05:30.000001Z"}'
    )
    (frame,) = client.ask_text('{"method":"ping"}')
    assert list(json.loads(frame)) == ["method", "time_in", "time_out"]


@pytest.mark.parametrize(
    ("channel", "params", "expected"),
    [
        ("ticker", {}, {"event_trigger": "trades", "snapshot": True}),
        ("ticker", {"event_trigger": "bbo"}, {"event_trigger": "bbo", "snapshot": True}),
        ("book", {}, {"depth": 10, "snapshot": True}),
        ("book", {"depth": 500, "snapshot": False}, {"depth": 500, "snapshot": False}),
        ("trade", {}, {"snapshot": False}),
        ("trade", {"snapshot": True}, {"snapshot": True}),
        (
            "ohlc",
            {"interval": 21600},
            {
                "interval": 21600,
                "snapshot": True,
                "warnings": ["timestamp is deprecated, use interval_begin"],
            },
        ),
    ],
)
def test_each_symbol_is_acknowledged_in_alphabetical_key_order(
    client: Client, channel: str, params: dict[str, Any], expected: dict[str, Any]
) -> None:
    request = {"channel": channel, "symbol": ["ETH/USD", "BTC/USD"], **params}
    frames = client.ask(method="subscribe", params=request, req_id=11)
    acks = [frame for frame in frames if "method" in frame]
    assert [frames.index(ack) for ack in acks] == [0, 1]
    for ack, symbol in zip(acks, ("ETH/USD", "BTC/USD"), strict=True):
        assert list(ack) == ["method", "req_id", "result", "success", "time_in", "time_out"]
        assert list(ack["result"]) == sorted(ack["result"])
        assert ack["result"] == {"channel": channel, "symbol": symbol, **expected}
    assert acks[0]["time_in"] == acks[1]["time_in"] < acks[0]["time_out"] < acks[1]["time_out"]
    snapshots = [frame for frame in frames if "method" not in frame]
    assert [frame["data"][-1]["symbol"] for frame in snapshots] == (
        ["ETH/USD", "BTC/USD"] if expected["snapshot"] else []
    )
    assert all(frame["type"] == "snapshot" and frame["channel"] == channel for frame in snapshots)


def test_req_id_is_echoed_only_when_it_is_an_integer(client: Client) -> None:
    for given in ("7", None, 1.5, True):
        (answer,) = client.ask(method="unsubscribe", params={"channel": "nope"}, req_id=given)
        assert "req_id" not in answer
    (answer,) = client.ask(method="unsubscribe", params={"channel": "nope"}, req_id=0)
    assert answer["req_id"] == 0


@pytest.mark.parametrize(
    "text",
    ["", "hello", "[]", "3", '"x"', "{}", '{"method":3}', '{"method":"subscribe"', None, "[" * 100_000],
)
def test_what_is_not_a_request_is_malformed(client: Client, text: str | None) -> None:
    (frame,) = client.ask_text(text)
    assert times_off(json.loads(frame)) == {
        "error": "Malformed request",
        "method": "error",
        "success": False,
    }
    assert list(json.loads(frame)) == ["error", "method", "success", "time_in", "time_out"]


UNSUPPORTED = "Unsupported field: '{}' for the given msg type: {}"


@pytest.mark.parametrize(
    ("request_", "error", "symbol"),
    [
        ({"method": "ping", "params": {}}, UNSUPPORTED.format("params", "ping"), None),
        ({"method": "ping", "x": 1}, UNSUPPORTED.format("x", "ping"), None),
        ({"method": "noop"}, "Unsupported event", None),
        ({"params": {"channel": "ticker"}, "reqid": 1}, UNSUPPORTED.format("reqid", "subscribe"), None),
        ({}, "Subscription name invalid", None),
        ({"params": []}, "Subscription name invalid", None),
        ({"params": {"symbol": ["BTC/USD"]}}, "Subscription name invalid", None),
        ({"params": {"channel": "spread", "symbol": ["BTC/USD"]}}, "Subscription name invalid", None),
        ({"params": {"channel": ["book"], "symbol": ["BTC/USD"]}}, "Subscription name invalid", None),
        ({"params": {"channel": "heartbeat"}}, "Subscription name invalid", None),
        ({"params": {"channel": "executions"}}, PRIVATE_WORDS, None),
        ({"params": {"channel": "balances", "token": "x"}}, PRIVATE_WORDS, None),
        ({"params": {"channel": "level3", "symbol": ["BTC/USD"]}}, PRIVATE_WORDS, None),
        ({"params": {"channel": "ticker"}}, "Symbol(s) not found", None),
        ({"params": {"channel": "ticker", "symbol": []}}, "Symbol(s) not found", None),
        (
            {"params": {"channel": "ticker", "symbol": "BTC/USD"}},
            "Symbol field must be an array of strings",
            None,
        ),
        (
            {"params": {"channel": "ticker", "symbol": ["BTC/USD", 1]}},
            "Symbol field must be an array of strings",
            None,
        ),
        (
            {"params": {"channel": "ticker", "symbol": ["BTC/USD"], "depth": 10}},
            UNSUPPORTED.format("depth", "subscribe"),
            None,
        ),
        (
            {"params": {"channel": "trade", "symbol": ["BTC/USD"], "token": "x"}},
            UNSUPPORTED.format("token", "subscribe"),
            None,
        ),
        (
            {"params": {"channel": "trade", "symbol": ["BTC/USD"], "req_id": 3}},
            UNSUPPORTED.format("req_id", "subscribe"),
            None,
        ),
        (
            {"method": "unsubscribe", "params": {"channel": "trade", "symbol": ["BTC/USD"], "a": 1}},
            UNSUPPORTED.format("a", "unsubscribe"),
            None,
        ),
        (
            {"params": {"channel": "instrument", "symbol": ["BTC/USD"]}},
            UNSUPPORTED.format("symbol", "subscribe"),
            None,
        ),
        (
            {"params": {"channel": "instrument", "execution_venue": "moon"}},
            "Subscription execution_venue not supported",
            None,
        ),
        (
            {"params": {"channel": "book", "symbol": ["BTC/USD"], "depth": 50}},
            "Subscription depth not supported",
            None,
        ),
        (
            {"params": {"channel": "book", "symbol": ["BTC/USD"], "depth": "10"}},
            "Subscription book depth must be an integer",
            None,
        ),
        (
            {"params": {"channel": "book", "symbol": ["BTC/USD"], "depth": True}},
            "Subscription book depth must be an integer",
            None,
        ),
        ({"params": {"channel": "ohlc", "symbol": ["BTC/USD"]}}, "Subscription ohlc requires interval", None),
        (
            {"params": {"channel": "ohlc", "symbol": ["BTC/USD"], "interval": 2}},
            "Subscription ohlc interval not supported",
            None,
        ),
        (
            {"params": {"channel": "ohlc", "symbol": ["BTC/USD"], "interval": 1.0}},
            "Subscription ohlc interval must be an integer",
            None,
        ),
        (
            {"params": {"channel": "ticker", "symbol": ["BTC/USD"], "event_trigger": "all"}},
            "Subscription event_trigger not supported",
            None,
        ),
        (
            {"params": {"channel": "ticker", "symbol": ["BTC/USD"], "snapshot": 1}},
            "Snapshot field must be a boolean",
            None,
        ),
        (
            {"params": {"channel": "ticker", "symbol": ["XBT/USD"]}},
            "Currency pair not supported XBT/USD",
            "XBT/USD",
        ),
        (
            {"params": {"channel": "ticker", "symbol": ["btc/usd"]}},
            "Currency pair not supported btc/usd",
            "btc/usd",
        ),
        (
            {"params": {"channel": "book", "symbol": ["BTCUSDT"]}},
            "Currency pair not in ISO 4217-A3 format BTCUSDT",
            "BTCUSDT",
        ),
    ],
)
def test_refusals_word_for_word(
    client: Client, request_: dict[str, Any], error: str, symbol: str | None
) -> None:
    (frame,) = client.ask_text(json.dumps({"method": "subscribe", "req_id": 3, **request_}))
    answer = json.loads(frame)
    assert list(answer) == sorted(answer)
    expected = {
        "error": error,
        "method": request_.get("method", "subscribe"),
        "req_id": 3,
        "success": False,
    }
    assert times_off(answer) == (expected if symbol is None else {**expected, "symbol": symbol})


@pytest.mark.parametrize("method", TRADING)
def test_trading_is_refused_on_the_public_host(client: Client, method: str) -> None:
    (answer,) = client.ask(method=method, params={"token": "x"}, req_id=1)
    assert times_off(answer) == {"error": PRIVATE_WORDS, "method": method, "req_id": 1, "success": False}


def test_status_cannot_be_subscribed_and_comes_once_more(client: Client) -> None:
    status, refusal = client.subscribe("status")
    assert status["channel"] == "status"
    assert refusal["error"] == "Symbol(s) not found"


def test_a_bad_symbol_does_not_spoil_the_others(client: Client) -> None:
    refusal, ack, snapshot = client.subscribe("book", "XBT/USD", "BTC/USD")
    assert (refusal["success"], refusal["symbol"]) == (False, "XBT/USD")
    assert (ack["success"], snapshot["type"]) == (True, "snapshot")
    assert refusal["time_in"] == ack["time_in"]


@pytest.mark.parametrize(
    ("channel", "first", "second"),
    [
        ("book", {"depth": 10}, {"depth": 10}),
        ("book", {"depth": 10}, {"depth": 25}),
        ("trade", {}, {}),
        ("ticker", {}, {"event_trigger": "bbo"}),
        ("ohlc", {"interval": 5}, {"interval": 5}),
    ],
)
def test_a_second_subscription_of_a_symbol_is_refused(
    client: Client, channel: str, first: dict[str, Any], second: dict[str, Any]
) -> None:
    client.subscribe(channel, "BTC/USD", **first)
    (answer,) = client.subscribe(channel, "BTC/USD", **second)
    assert times_off(answer) == {
        "error": "Already subscribed",
        "method": "subscribe",
        "success": False,
        "symbol": "BTC/USD",
    }


def test_a_symbol_named_twice_is_subscribed_once(client: Client) -> None:
    ack, refusal, snapshot = client.subscribe("ticker", "BTC/USD", "BTC/USD")
    assert ack["success"] is True
    assert (refusal["error"], refusal["symbol"]) == ("Already subscribed", "BTC/USD")
    assert snapshot["type"] == "snapshot"


def test_several_candles_of_one_symbol_run_side_by_side(exchange: Exchange, client: Client) -> None:
    client.subscribe("ohlc", "BTC/USD", interval=1)
    ack, _ = client.subscribe("ohlc", "BTC/USD", interval=5)
    assert ack["success"] is True
    client.take()
    for _ in play(exchange, 100):
        pass
    intervals = {decode(frame)["data"][0]["interval"] for frame in client.take()}
    assert intervals == {1, 5}


@pytest.mark.parametrize(
    ("channel", "params", "wrong"),
    [
        ("book", {"depth": 25}, {}),
        ("book", {}, {"depth": 25}),
        ("ohlc", {"interval": 1}, {"interval": 5}),
        ("trade", None, {}),
        ("instrument", None, {}),
    ],
)
def test_unsubscribing_what_is_not_subscribed_is_answered_as_a_subscribe(
    client: Client, channel: str, params: dict[str, Any] | None, wrong: dict[str, Any]
) -> None:
    if params is not None:
        client.subscribe(channel, "BTC/USD", **params)
    symbol = {} if channel == "instrument" else {"symbol": ["BTC/USD"]}
    (answer,) = client.ask(method="unsubscribe", params={"channel": channel, **symbol, **wrong}, req_id=52)
    expected = {"error": "Subscription Not Found", "method": "subscribe", "req_id": 52, "success": False}
    if symbol:
        expected["symbol"] = "BTC/USD"
    assert times_off(answer) == expected


@pytest.mark.parametrize(
    ("channel", "params", "result"),
    [
        ("book", {"depth": 25}, {"depth": 25}),
        ("ohlc", {"interval": 1}, {"interval": 1}),
        ("ticker", {"event_trigger": "bbo"}, {"event_trigger": "bbo"}),
        ("trade", {}, {}),
    ],
)
def test_unsubscribing_ends_the_updates(
    exchange: Exchange, client: Client, channel: str, params: dict[str, Any], result: dict[str, Any]
) -> None:
    client.subscribe(channel, "BTC/USD", **params)
    for _ in play(exchange, 60):
        pass
    assert client.take()
    (ack,) = client.ask(method="unsubscribe", params={"channel": channel, "symbol": ["BTC/USD"], **params})
    assert times_off(ack) == {
        "method": "unsubscribe",
        "result": {"channel": channel, "symbol": "BTC/USD", **result},
        "success": True,
    }
    for _ in play(exchange, 60):
        pass
    assert client.take() == []
    again = client.subscribe(channel, "BTC/USD", **params)
    assert again[0]["success"] is True


def test_updates_begin_right_after_the_snapshot(exchange: Exchange, client: Client) -> None:
    """No matter how many events lie between the acknowledgement and the snapshot."""
    request = {"method": "subscribe", "params": {"channel": "trade", "symbol": ["BTC/USD"], "snapshot": True}}
    exchange.market("BTC/USD")
    client.take()
    client.session.receive(json.dumps(request), 0.0)
    for _ in play(exchange, 50):
        pass
    assert len(client.take()) == 1
    client.session.work()
    for _ in play(exchange, 50):
        pass
    frames = [json.loads(frame) for frame in client.take()]
    assert [frame["type"] for frame in frames] == ["snapshot"] + ["update"] * (len(frames) - 1)
    ids = [item["trade_id"] for frame in frames for item in frame["data"]]
    assert len(ids) > 52
    assert ids == list(range(ids[0], ids[-1] + 1))


def test_a_subscription_ended_before_its_snapshot_sends_none(client: Client) -> None:
    params = {"channel": "book", "symbol": ["BTC/USD"]}
    client.take()
    for method in ("subscribe", "unsubscribe", "subscribe"):
        client.session.receive(json.dumps({"method": method, "params": params}), 0.0)
    while client.session.work():
        pass
    frames = [json.loads(frame) for frame in client.take()]
    assert [frame.get("method", frame.get("type")) for frame in frames] == [
        "subscribe",
        "unsubscribe",
        "subscribe",
        "snapshot",
    ]


def test_a_gone_client_is_sent_nothing_more(exchange: Exchange, client: Client) -> None:
    client.subscribe("book", "BTC/USD")
    client.session.end()
    for _ in play(exchange, 50):
        pass
    assert client.take() == []


def test_instrument_lists_every_pair_and_asset_once(client: Client) -> None:
    frames = client.ask(
        method="subscribe",
        params={
            "channel": "instrument",
            "include_tokenized_assets": False,
            "execution_venue": "international",
        },
    )
    ack, snapshot = frames
    assert ack["result"] == {
        "channel": "instrument",
        "snapshot": True,
        "warnings": ["tick_size is deprecated, use price_increment"],
    }
    assert [pair["symbol"] for pair in snapshot["data"]["pairs"]] == ["BTC/USD", "ETH/USD"]
    assert [asset["id"] for asset in snapshot["data"]["assets"]] == ["BTC", "USD", "ETH"]
    (ack,) = client.ask(method="unsubscribe", params={"channel": "instrument"})
    assert ack["result"] == {"channel": "instrument"}


def test_digits_are_those_of_the_pair(client: Client) -> None:
    _, ack_and_snapshot = client.subscribe_raw("book", "ETH/USD", depth=100)
    for level in ack_and_snapshot["data"][0]["bids"] + ack_and_snapshot["data"][0]["asks"]:
        assert len(level["price"].partition(".")[2]) == 2
        assert len(level["qty"].partition(".")[2]) == 8


@pytest.mark.parametrize("access", [Access.PRIVATE, Access.LEVEL3])
@pytest.mark.parametrize("channel", ["ticker", "book", "ohlc", "trade", "instrument"])
def test_public_channels_are_refused_elsewhere(exchange: Exchange, access: Access, channel: str) -> None:
    client = Client(exchange, access)
    assert len(client.take()) == 1
    (answer,) = client.subscribe(channel, "BTC/USD")
    assert times_off(answer) == {"error": PUBLIC_WORDS, "method": "subscribe", "success": False}


@pytest.mark.parametrize(
    ("access", "channel"),
    [(Access.PRIVATE, "executions"), (Access.PRIVATE, "balances"), (Access.LEVEL3, "level3")],
)
def test_private_channels_look_at_the_token_first(exchange: Exchange, access: Access, channel: str) -> None:
    client = Client(exchange, access)
    (answer,) = client.subscribe(channel, token="wrong")
    assert times_off(answer) == {
        "channel": channel,
        "error": "ESession:Invalid session",
        "method": "subscribe",
        "status": "error",
        "success": False,
    }
    assert list(answer) == sorted(answer)
    token = exchange.desk.issue(exchange.now())
    answer, *_ = client.subscribe(channel, token=token)
    assert answer.get("error") == (None if access is Access.PRIVATE else "Symbol(s) not found")
    exchange.now.now += 900 * SECOND  # type: ignore[attr-defined]
    (answer,) = Client(exchange, access).subscribe(channel, token=token)
    assert answer["error"] == "ESession:Invalid session"


def test_a_missing_token(exchange: Exchange) -> None:
    assert Client(exchange, Access.LEVEL3).subscribe("level3", "BTC/USD")[0]["error"] == "Token(s) not found"
    assert Client(exchange, Access.PRIVATE).subscribe("balances")[0]["error"] == "ESession:Invalid session"
    (answer,) = Client(exchange, Access.PRIVATE).ask(method="add_order", params={})
    assert answer["error"] == "Token(s) not found"
    (answer,) = Client(exchange, Access.PRIVATE).ask(method="add_order", params={"token": "old"})
    assert answer["error"] == "EAPI:Invalid token"


def test_private_hosts_refuse_each_other(exchange: Exchange) -> None:
    (answer,) = Client(exchange, Access.LEVEL3).subscribe("executions", token="x")
    assert answer["error"] == PRIVATE_WORDS
    (answer,) = Client(exchange, Access.LEVEL3).ask(method="add_order", params={"token": "x"})
    assert answer["error"] == PRIVATE_WORDS
    (answer,) = Client(exchange, Access.PRIVATE).subscribe("level3", "BTC/USD", token="x")
    assert answer["error"] == "Unsupported event"
