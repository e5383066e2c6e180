"""API v1's codec: every kind of frame of the protocol notes, and whatever else may come."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from krakencli.model import Subscription
from krakencli.protocol.events import Complaint, Rejected, Subscribed
from krakencli.protocol.messages import UNREADABLE, Garbage, Response, Update
from krakencli.protocol.session import Session
from krakencli.protocol.v1 import Codec

from .kit import events, requests

TRADE = b'[337,[["30100.10000","0.01250000","1750000142.557535","b","l",""]],"trade","XBT/USD"]'
TICKER = (
    b'[340,{"a":["30100.10000",0,"0.50000000"],"b":["30099.90000",2,"2.90000000"],'
    b'"c":["30100.10000","0.01250000"],"h":["30210.40000","30210.50000"],"l":["29800.00000","29650.00000"],'
    b'"o":["29910.00000","29870.20000"],"p":["30041.22817","29988.71043"],"t":[9120,21877],'
    b'"v":["812.40210033","1904.11873520"]},"ticker","XBT/USD"]'
)
BTC_TICKER, BTC_TRADE = Subscription("ticker", "BTC/USD"), Subscription("trade", "BTC/USD")
DOGE_BOOK = Subscription("book", "DOGE/USD", (("depth", 25),))


def status(status: str, name: str, pair: str = "XBT/USD", reqid: object = 1, **more: Any) -> bytes:
    """A subscriptionStatus as the exchange writes it (v1 §4)."""
    channel, _, variant = name.partition("-")
    echoed: dict[str, Any] = {"name": channel}
    if variant:
        echoed["depth" if channel == "book" else "interval"] = int(variant)
    fields = {"channelID": 1, "channelName": name, "event": "subscriptionStatus", "pair": pair}
    if reqid is not None:
        fields["reqid"] = reqid
    return json.dumps({**fields, "status": status, "subscription": echoed, **more}).encode()


def decoded(frame: bytes, codec: Codec | None = None) -> Update:
    message = (codec or Codec()).decode(frame)
    assert isinstance(message, Update), message
    return message


def items(update: Update) -> list[bytes]:
    return [bytes(item) for item in update.data]


def test_data_becomes_what_v2_would_have_sent() -> None:
    update = decoded(TRADE)
    assert (update.channel, update.type, update.sequence) == ("trade", "update", None)
    assert items(update) == [
        b'{"symbol":"BTC/USD","side":"buy","price":30100.10000,"qty":0.01250000,"ord_type":"limit",'
        b'"timestamp":"2025-06-15T15:09:02.557535Z"}'
    ]


def test_a_known_stream_is_told_without_a_second_look() -> None:
    codec = Codec()
    with pytest.raises(UNREADABLE):
        codec.decode_update(TRADE)
    expected = items(decoded(TRADE, codec))
    assert items(codec.decode_update(TRADE)) == expected


@pytest.mark.parametrize(
    "frame",
    [
        TRADE.replace(b"[337,", b"[33x,"),
        TRADE.replace(b"0.01250000", b"0.0125.0000"),
        TRADE.replace(b'"b"', b'"q"'),
        TRADE[:-1],
        b'{"event":"heartbeat"}',
        TRADE.replace(b'"trade"', b'"ticker"'),
    ],
)
def test_a_known_stream_refuses_what_is_none_of_its_frames(frame: bytes) -> None:
    codec = Codec()
    decoded(TRADE, codec)
    decoded(TICKER, codec)
    with pytest.raises(UNREADABLE):
        codec.decode_update(frame)


def test_the_first_frame_after_an_acknowledgement_is_the_snapshot() -> None:
    codec = Codec()
    assert decoded(TICKER, codec).type == "update"
    for _ in range(2):
        codec.decode(status("subscribed", "ticker"))
        assert [codec.decode_update(TICKER).type for _ in range(3)] == ["snapshot", "update", "update"]
    codec.decode(status("unsubscribed", "ticker"))
    assert codec.decode_update(TICKER).type == "update"


def test_white_space_and_bare_numbers_lose_no_digit() -> None:
    spaced = (
        b'[ 337, [ ["30100.10000", 0.01250000, "1750000142.557535", "b", "l", ""] ], "trade", "XBT/USD" ]'
    )
    assert items(decoded(spaced)) == items(decoded(TRADE))


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (
            b'{"connectionID":13688620010177543517,"event":"systemStatus","status":"online","version":"1.9.1"}',
            b'{"version":"1.9.1","system":"online","connection_id":13688620010177543517}',
        ),
        (
            b'{"event":"systemStatus","status":"post_only","version":"1.9.1"}',
            b'{"version":"1.9.1","system":"post_only"}',
        ),
    ],
)
def test_a_system_status_is_a_status(frame: bytes, expected: bytes) -> None:
    update = decoded(frame)
    assert (update.channel, update.type, items(update)) == ("status", "update", [expected])


@pytest.mark.parametrize(
    ("frame", "response"),
    [
        (b'{"event":"pong","reqid":42}', Response("pong", 42, True)),
        (b'{"event":"pong"}', Response("pong", None, True)),
        (
            status("subscribed", "book-25", "XDG/USD", "7"),
            Response("subscribe", 7, True, symbol="DOGE/USD", result={"channel": "book", "depth": 25}),
        ),
        (
            status("unsubscribed", "ohlc-5", reqid=9),
            Response("unsubscribe", 9, True, symbol="BTC/USD", result={"channel": "ohlc", "interval": 5}),
        ),
        (
            b'{"channelName":"openOrders","event":"subscriptionStatus","reqid":11,"status":"subscribed",'
            b'"subscription":{"maxratecount":125,"name":"openOrders"}}',
            Response("subscribe", 11, True, result={"channel": "openOrders", "maxratecount": 125}),
        ),
        (
            b'{"errorMessage":"Subscription depth not supported","event":"subscriptionStatus","pair":'
            b'"XBT/USD","reqid":12,"status":"error","subscription":{"depth":42,"name":"book","token":"secret"}}',
            Response(
                "subscribe",
                12,
                error="Subscription depth not supported",
                symbol="BTC/USD",
                result={"channel": "book", "depth": 42},
            ),
        ),
        (
            b'{"errorMessage":"Malformed request","event":"error"}',
            Response("error", None, error="Malformed request"),
        ),
        (b'{"Error":"Exceeded msg rate"}', Response("error", None, error="Exceeded msg rate")),
        (
            b'{"errorMessage":"Exceeded msg rate","event":"error","reqid":42}',
            Response("error", 42, error="Exceeded msg rate"),
        ),
        (
            b'{"errorMessage":"Event(s) not found","event":"subscriptionStatus","status":"error"}',
            Response("subscribe", None, error="Event(s) not found", result={"channel": ""}),
        ),
    ],
)
def test_an_event_is_an_answer(frame: bytes, response: Response) -> None:
    assert Codec().decode(frame) == response


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"nonsense",
        b"7",
        b'{"event":"riddle"}',
        b'{"no":"event"}',
        b"[]",
        b"[1,2,3]",
        b"[" * 9999,
        b"\xff",
    ],
)
def test_what_is_no_message_is_garbage(frame: bytes) -> None:
    message = Codec().decode(frame)
    assert isinstance(message, Garbage)
    assert (message.channel, bool(message.reason)) == ("", True)


def test_a_spoilt_record_names_its_channel() -> None:
    message = Codec().decode(TRADE.replace(b"30100.10000", b"NaN"))
    assert isinstance(message, Garbage)
    assert message.channel == "trade"


def test_a_channel_that_nobody_knows_says_nothing() -> None:
    assert Codec().decode(b'[1,{"x":1},"greeks-5","XBT/USD"]') == Update("greeks-5")
    assert Codec().decode(b'{"event":"heartbeat"}') == Update("heartbeat")


def test_requests_are_spelt_as_the_exchange_wants_them() -> None:
    codec = Codec()
    eth = Subscription("book", "ETH/BTC", (("depth", 25),))
    assert json.loads(codec.subscribe("subscribe", [DOGE_BOOK, eth], 7)) == {
        "event": "subscribe",
        "pair": ["XDG/USD", "ETH/XBT"],
        "reqid": 7,
        "subscription": {"name": "book", "depth": 25},
    }
    orders = Subscription("openOrders", None, (("ratecounter", True),))
    assert json.loads(codec.subscribe("unsubscribe", [orders], 8, "secret")) == {
        "event": "unsubscribe",
        "reqid": 8,
        "subscription": {"name": "openOrders", "ratecounter": True, "token": "secret"},
    }
    assert json.loads(codec.ping(9)) == {"event": "ping", "reqid": 9}


def test_a_session_speaks_it() -> None:
    session = Session([BTC_TICKER, DOGE_BOOK], now=0, dialect=Codec())
    first, second = requests(session.outgoing(0))
    assert (first["pair"], second["pair"]) == (["XBT/USD"], ["XDG/USD"])
    granted = events(
        session, status("subscribed", "ticker", reqid=1), status("subscribed", "book-25", "XDG/USD", 2)
    )
    assert [one.subscription for one in granted if isinstance(one, Subscribed)] == [BTC_TICKER, DOGE_BOOK]
    messages, only_data = session.receive([TICKER, TICKER])
    assert ([one.type for one in messages if isinstance(one, Update)], only_data) == (
        ["snapshot", "update"],
        True,
    )
    assert session.receive([b'{"event":"heartbeat"}'])[0] == []


def test_a_refusal_is_of_its_pair() -> None:
    session = Session([BTC_TICKER], now=0, dialect=Codec())
    session.outgoing(0)
    words = "Currency pair not supported XBT/USD"
    (rejected,) = events(session, status("error", "ticker", errorMessage=words))
    assert rejected == Rejected(BTC_TICKER, words)


def test_a_subscription_that_the_exchange_ends_is_refused() -> None:
    session = Session([BTC_TICKER, BTC_TRADE], now=0, dialect=Codec())
    session.outgoing(0)
    events(session, status("subscribed", "ticker", reqid=1), status("subscribed", "trade", reqid=2))
    ended = events(session, status("unsubscribed", "ticker", reqid=None))
    assert ended == [Rejected(BTC_TICKER, "ended by the exchange", ended=True)]
    assert events(session, status("unsubscribed", "ticker", reqid=None)) == []
    session.ask_again(BTC_TICKER, 5)
    session.tick(5)
    assert [one["subscription"]["name"] for one in requests(session.outgoing(5))] == ["ticker"]


def test_a_throttling_notice_slows_down() -> None:
    session = Session([BTC_TICKER], now=0, dialect=Codec())
    session.outgoing(0)
    assert events(session, b'{"Error":"Exceeded msg rate"}') == [Complaint("Exceeded msg rate")]
    assert session.outgoing(1) == []
    assert requests(session.outgoing(3))[0]["subscription"] == {"name": "ticker"}


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.recursive(st.none(), st.lists).map(json.dumps).map(str.encode)
)
@settings(max_examples=300)
def test_whatever_comes_is_told(frame: bytes) -> None:
    assert isinstance(Codec().decode(frame), Update | Response | Garbage)


def test_an_old_candle_is_dated_by_the_clock_here() -> None:
    """It was closed before the stream began, and only the clock here can tell (v1 §5.2)."""
    times = iter(["2025-06-15T18:00:00.000000Z", "2025-06-15T15:07:00.000000Z"])
    candle = (
        b'[343,["1750000057.748456","1750000060.000000","1.0","1.0","1.0","1.0","1.0","3.2",14],'
        b'"ohlc-1","XBT/USD"]'
    )
    told = []
    for _ in range(2):
        codec = Codec(lambda: next(times))
        codec.decode(status("subscribed", "ohlc-1"))
        told += [codec.decode_update(candle).timestamp, codec.decode_update(candle).timestamp]
    last = "2025-06-15T15:07:37.748456Z"
    assert told == ["2025-06-15T18:00:00.000000Z", last, last, last]
