"""Conversations in v1: greeting, pings, subscribing, each refusal in its words, heartbeats, the idle rule."""

from __future__ import annotations

import json
from typing import Any

import pytest

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.hosts import Access
from krakencli.sandbox.log import Log
from krakencli.sandbox.settings import AccountSettings, Settings

from .kit import START, HandClock, make_exchange, play
from .v1_kit import V1Client, is_data

PAIRS = ("XBT/USD", "ETH/USD", "XDG/USD")
STATUS = "subscriptionStatus"


@pytest.fixture
def client() -> V1Client:
    found = V1Client(make_exchange(symbols=("BTC/USD", "ETH/USD", "DOGE/USD")))
    found.take()
    return found


def test_the_greeting_has_a_connection_id_that_is_large_at_times() -> None:
    exchange = make_exchange(symbols=("BTC/USD",))
    texts = [text for _ in range(20) for text in V1Client(exchange).take()]
    ids = [json.loads(text)["connectionID"] for text in texts]
    rest = ',"event":"systemStatus","status":"online","version":"1.9.1"}'
    assert texts == [f'{{"connectionID":{number}{rest}' for number in ids]
    assert max(ids) > 1 << 63 > min(ids)


def test_engine_states_are_told_without_an_id(client: V1Client) -> None:
    client.exchange.engine.state = "cancel_only"
    assert client.session.tick(1.0) is None
    client.session.tick(1.1)
    assert client.decoded() == [{"event": "systemStatus", "status": "cancel_only", "version": "1.9.1"}]


@pytest.mark.parametrize("reqid", [0, 42, (1 << 64) - 1, "42", "mine"])
def test_a_reqid_comes_back_as_it_was(client: V1Client, reqid: Any) -> None:
    assert client.ask(event="ping", reqid=reqid) == [{"event": "pong", "reqid": reqid}]
    first, *_ = client.ask(event="subscribe", pair=["XBT/USD"], reqid=reqid, subscription={"name": "trade"})
    assert first["reqid"] == reqid
    assert type(first["reqid"]) is type(reqid)


def test_a_ping_without_reqid(client: V1Client) -> None:
    assert client.ask_text('{"event":"ping"}') == ['{"event":"pong"}']


@pytest.mark.parametrize("reqid", ["null", "-1", "18446744073709551616", "1.5", "true", "[1]"])
def test_what_is_no_reqid_is_refused_and_echoed(client: V1Client, reqid: str) -> None:
    words = "Reqid field must be a positive integer less than 18446744073709551616"
    told = f'"event":"addOrderStatus","pair":"XBT/USD","reqid":{reqid},"status":"error"'
    asked = f'{{"event":"addOrder","pair":"XBT/USD","reqid":{reqid}}}'
    assert client.ask_text(asked) == [f'{{"errorMessage":"{words}",{told}}}']


def test_all_acknowledgements_come_before_the_snapshots(client: V1Client) -> None:
    frames = client.ask(event="subscribe", pair=[*PAIRS], reqid=7, subscription={"name": "book", "depth": 25})
    assert frames[:3] == [
        {
            "channelID": number,
            "channelName": "book-25",
            "event": STATUS,
            "pair": pair,
            "reqid": 7,
            "status": "subscribed",
            "subscription": {"depth": 25, "name": "book"},
        }
        for pair, number in zip(PAIRS, (339, 371, 403), strict=True)
    ]
    assert [(frame[0], *frame[-2:]) for frame in frames[3:]] == [
        (number, "book-25", pair) for pair, number in zip(PAIRS, (339, 371, 403), strict=True)
    ]


CHANNELS: list[tuple[str, dict[str, int], str, int]] = [
    ("ticker", {}, "ticker", 1),
    ("trade", {}, "trade", 0),
    ("spread", {}, "spread", 1),
    ("book", {}, "book-10", 1),
    *(("book", {"depth": depth}, f"book-{depth}", 1) for depth in (10, 25, 100, 500, 1000)),
    ("ohlc", {}, "ohlc-1", 1),
    *(
        ("ohlc", {"interval": minutes}, f"ohlc-{minutes}", 1)
        for minutes in (1, 5, 15, 30, 60, 240, 1440, 10080, 21600)
    ),
]


@pytest.mark.parametrize(("name", "options", "channel", "snapshots"), CHANNELS)
def test_each_channel_begins_goes_on_and_ends(
    client: V1Client, name: str, options: dict[str, int], channel: str, snapshots: int
) -> None:
    said, *first = client.subscribe(name, "XBT/USD", **options)
    default = {"book": {"depth": 10}, "ohlc": {"interval": 1}}.get(name, {})
    assert (said["status"], said["channelName"]) == ("subscribed", channel)
    assert said["subscription"] == {"name": name, **default, **options}
    assert len(first) == snapshots
    for _ in play(client.exchange, 300):
        pass
    frames = first + client.decoded()
    assert len(frames) > snapshots
    assert {(frame[0], frame[-2], frame[-1]) for frame in frames} == {(said["channelID"], channel, "XBT/USD")}
    assert client.unsubscribe(name, "XBT/USD", **options) == [{**said, "status": "unsubscribed"}]
    for _ in play(client.exchange, 100):
        pass
    assert client.take() == []


def test_channel_ids_differ_by_pair_and_channel(client: V1Client) -> None:
    said = [one for name, options, _, _ in CHANNELS for one in client.subscribe(name, *PAIRS, **options)]
    ids = {one["channelID"] for one in said if not is_data(one) and one["status"] == "subscribed"}
    assert len(ids) == 3 * 17


def test_everything_of_the_host_at_once(client: V1Client) -> None:
    frames = client.subscribe("*", "XBT/USD", "ETH/USD")
    said = [(one["pair"], one["channelName"]) for one in frames if not is_data(one)]
    names = ["ticker", "ohlc-1", "trade", "spread", "book-10"]
    assert said == [(pair, name) for pair in ("XBT/USD", "ETH/USD") for name in names]
    assert all(not is_data(one) for one in frames[:10])
    assert len(frames) == 18
    again = client.subscribe("*", "XBT/USD")
    assert [one["errorMessage"] for one in again] == ["Already subscribed"] * 5
    assert [one["status"] for one in client.unsubscribe("*", "XBT/USD")] == ["unsubscribed"] * 5


def test_a_subscription_ends_by_its_number(client: V1Client) -> None:
    said, *_ = client.subscribe("ticker", "XBT/USD")
    ended = client.ask(event="unsubscribe", channelID=said["channelID"], reqid=3)
    assert ended == [{**said, "reqid": 3, "status": "unsubscribed"}]
    (refused,) = client.ask(event="unsubscribe", channelID=said["channelID"])
    assert refused == {"errorMessage": "Subscription Not Found", "event": STATUS, "status": "error"}


def test_two_depths_are_two_subscriptions(client: V1Client) -> None:
    client.subscribe("book", "XBT/USD", depth=10)
    assert client.subscribe("book", "XBT/USD", depth=25)[0]["status"] == "subscribed"
    (refused,) = client.unsubscribe("book", "XBT/USD", depth=100)
    assert refused["errorMessage"] == "Subscription Not Found"
    assert client.unsubscribe("book", "XBT/USD", depth=10)[0]["channelName"] == "book-10"
    for _ in play(client.exchange, 60):
        pass
    assert {frame[-2] for frame in client.decoded()} == {"book-25"}


def test_unsubscribed_while_it_waited_and_begun_anew(client: V1Client) -> None:
    request = {"event": "subscribe", "pair": ["XBT/USD"], "subscription": {"name": "book"}}
    for event in ("subscribe", "unsubscribe", "subscribe"):
        client.session.receive(json.dumps({**request, "event": event}), 0.0)
    while client.session.work():
        pass
    frames = client.decoded()
    assert [one["status"] for one in frames[:3]] == ["subscribed", "unsubscribed", "subscribed"]
    assert len(frames) == 4


@pytest.mark.parametrize("text", [None, "", "[1", "[]", '"ping"', "{}", '{"event":7}', '{"method":"ping"}'])
def test_what_is_no_request(client: V1Client, text: str | None) -> None:
    assert client.ask_text(text) == ['{"errorMessage":"Malformed request","event":"error"}']


@pytest.mark.parametrize("depth", [200, 900, 100_000])
def test_what_is_nested_too_deep_to_be_echoed(client: V1Client, depth: int) -> None:
    nested = '{"a":' * depth + "1" + "}" * depth
    text = f'{{"event":"subscribe","pair":["XBT/USD"],"subscription":{nested}}}'
    assert client.ask_text(text) == ['{"errorMessage":"Malformed request","event":"error"}']


def test_an_unknown_event(client: V1Client) -> None:
    expected = {"errorMessage": "Event(s) not found", "event": STATUS, "reqid": 7, "status": "error"}
    assert client.ask(event="subscribed", reqid=7) == [expected]


# What is asked for, the words, and the pair that is named in the answer.
REFUSALS: list[tuple[dict[str, Any], str, str | None]] = [
    ({"pair": ["XBT/USD"]}, "Subscription field must be an object", "XBT/USD"),
    ({"pair": ["XBT/USD"], "subscription": "ticker"}, "Subscription field must be an object", "XBT/USD"),
    ({"pair": ["XBT/USD"], "subscription": {}}, "Subscription name invalid", "XBT/USD"),
    ({"pair": ["XBT/USD"], "subscription": {"name": "trades"}}, "Subscription name invalid", "XBT/USD"),
    ({"subscription": {"name": ["ticker"]}}, "Subscription name invalid", None),
    (
        {"pair": ["XBT/USD"], "subscription": {"name": "trade", "snapshot": True}},
        "Subscription object unsupported field",
        "XBT/USD",
    ),
    ({"subscription": {"name": "ticker"}}, "Pair(s) not found", None),
    ({"pair": [], "subscription": {"name": "ticker"}}, "Pair(s) not found", None),
    ({"pair": "XBT/USD", "subscription": {"name": "ticker"}}, "Pair field must be an array", None),
    ({"pair": [1], "subscription": {"name": "ticker"}}, "Pair field must be an array", None),
    *(
        (
            {"pair": [pair], "subscription": {"name": "ticker"}},
            f"Currency pair not in ISO 4217-A3 format {pair}",
            pair,
        )
        for pair in ("XBT-USD", "XBTUSD", "", "XBT/", "XBT/USD/EUR")
    ),
    *(
        ({"pair": [pair], "subscription": {"name": "book"}}, f"Currency pair not supported {pair}", pair)
        for pair in ("LSK/XBT", "BTC/USD", "DOGE/USD", "xbt/usd")
    ),
    *(
        (
            {"pair": ["XBT/USD"], "subscription": {"name": "book", "depth": depth}},
            "Subscription book depth must be an integer",
            "XBT/USD",
        )
        for depth in ("10", 10.5, None, True)
    ),
    (
        {"pair": ["XBT/USD"], "subscription": {"depth": 42, "name": "book"}},
        "Subscription depth not supported",
        "XBT/USD",
    ),
    (
        {"pair": ["XBT/USD"], "subscription": {"interval": 7, "name": "ohlc"}},
        "Subscription ohlc interval not supported",
        "XBT/USD",
    ),
    (
        {"pair": ["XBT/USD"], "subscription": {"interval": "5", "name": "ohlc"}},
        "Subscription ohlc interval must be an integer",
        "XBT/USD",
    ),
    (
        {"pair": ["XBT/USD"], "subscription": {"interval": None, "name": "ohlc"}},
        "Subscription ohlc requires interval",
        "XBT/USD",
    ),
    (
        {"subscription": {"name": "openOrders", "token": "secret"}},
        "Private data and trading are unavailable on this endpoint. Try ws-auth.kraken.com",
        None,
    ),
]


@pytest.mark.parametrize(("request_", "words", "pair"), REFUSALS)
@pytest.mark.parametrize("event", ["subscribe", "unsubscribe"])
def test_every_refusal_echoes_what_was_asked(
    client: V1Client, event: str, request_: dict[str, Any], words: str, pair: str | None
) -> None:
    echoed: dict[str, Any] = {} if pair is None else {"pair": pair}
    if "subscription" in request_:
        echoed["subscription"] = request_["subscription"]
    expected = {"errorMessage": words, "event": STATUS, "reqid": 12, "status": "error", **echoed}
    assert client.ask(event=event, reqid=12, **request_) == [expected]


def test_already_subscribed_and_not_found(client: V1Client) -> None:
    client.subscribe("ticker", "XBT/USD")
    asked = {"reqid": 14, "subscription": {"name": "ticker"}}
    expected = {"event": STATUS, "status": "error", **asked}
    assert client.ask(event="subscribe", pair=["XBT/USD"], **asked) == [
        {**expected, "errorMessage": "Already subscribed", "pair": "XBT/USD"}
    ]
    assert client.ask(event="unsubscribe", pair=["ETH/USD"], **asked) == [
        {**expected, "errorMessage": "Subscription Not Found", "pair": "ETH/USD"}
    ]


def test_one_bad_pair_spoils_no_other(client: V1Client) -> None:
    frames = client.subscribe("ticker", "XBT/USD", "XBT-USD", "ETH/USD")
    assert [frame["status"] for frame in frames[:3]] == ["subscribed", "error", "subscribed"]
    assert [frame[-1] for frame in frames[3:]] == ["XBT/USD", "ETH/USD"]


def test_the_private_host_has_no_market_data() -> None:
    client = V1Client(make_exchange(symbols=("BTC/USD",)), Access.PRIVATE)
    client.take()
    words = "Public market data subscriptions are unavailable on this endpoint. Try ws.kraken.com"
    for name in ("ticker", "ohlc", "trade", "spread", "book"):
        (refused,) = client.subscribe(name, "XBT/USD")
        assert (refused["errorMessage"], refused["pair"]) == (words, "XBT/USD")


@pytest.mark.parametrize("name", ["openOrders", "ownTrades", "*"])
def test_the_private_host_wants_a_good_token_and_no_pair(name: str) -> None:
    account = AccountSettings("K", "c2VjcmV0", rights=("funds",))
    exchange = make_exchange(symbols=("BTC/USD",), accounts=(account,))
    client = V1Client(exchange, Access.PRIVATE)
    client.take()
    token = exchange.desk.issue(exchange.now())
    without_right = exchange.desk.issue(exchange.now(), exchange.desk.all[-1])

    def refusal(**fields: Any) -> Any:
        subscription = {"name": name, **fields.pop("subscription", {})}
        (frame,) = client.ask(event="subscribe", subscription=subscription, **fields)
        assert (frame["status"], frame["subscription"]) == ("error", subscription)
        return frame["errorMessage"]

    unsupported = "Pair field unsupported for this subscription type"
    assert refusal(subscription={"token": token}, pair=["XBT/USD"]) == unsupported
    assert refusal() == "ESession:Invalid session"
    assert refusal(subscription={"token": "stranger"}) == "ESession:Invalid session"
    assert refusal(subscription={"token": without_right}) == "EGeneral:Permission denied"
    exchange.desk.revoke(token)
    assert refusal(subscription={"token": token}) == "Token is expired"


def test_heartbeats_beat_every_second_beside_the_data(client: V1Client) -> None:
    for tenth in range(30):
        client.session.tick(tenth / 10)
    assert client.take() == []
    client.now = 3.0
    client.subscribe("book", "XBT/USD")
    for tenth in range(31):
        next(play(client.exchange, 1))
        client.session.tick(3 + tenth / 10)
    frames = client.take()
    assert frames.count('{"event":"heartbeat"}') == 3
    assert len(frames) > 3


def test_heartbeats_only_in_silence_where_that_is_wanted() -> None:
    client = V1Client(make_exchange(symbols=("BTC/USD",), heartbeat="idle"))
    client.subscribe("book", "XBT/USD")
    for tenth in range(31):
        next(play(client.exchange, 8))
        client.session.tick(tenth / 10)
    assert '{"event":"heartbeat"}' not in client.take()
    client.session.tick(4.1)
    client.session.tick(5.1)
    assert client.take() == ['{"event":"heartbeat"}'] * 2


def test_a_silent_client_without_subscription_is_closed(client: V1Client) -> None:
    assert client.session.tick(0.0) is None
    assert client.session.tick(59.9) is None
    assert client.session.tick(60.0) == 1000
    client.subscribe("trade", "XBT/USD")
    assert client.session.tick(500.0) is None


def test_requests_are_logged_without_their_tokens() -> None:
    log = Log(keep=True)
    exchange = Exchange(Settings(start=START, symbols=("BTC/USD",)), HandClock(), log)
    client = V1Client(exchange, Access.PRIVATE)
    client.ask(event="subscribe", subscription={"name": "openOrders", "token": "secret"}, reqid=5)
    client.ask(event="cancelAll", token="secret", reqid=6)
    told = [(one["method"], one["params"]["token"], one["req_id"]) for one in log.entries]
    assert told == [("subscribe", "***", 5), ("cancelAll", "***", 6)]
