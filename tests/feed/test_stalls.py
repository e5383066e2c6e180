"""Acknowledged and mute: subscribed anew, then on a new link, then left to be; never by our own fault."""

import json

from krakencli.model import Subscription
from krakencli.protocol.awaited import SNAPSHOT_WITHIN
from krakencli.transport.link import Batch

from .kit import GREETING, TRADE, Desk, fields, granted, news, trade

BOOK, ETH = Subscription("book", "BTC/USD"), Subscription("book", "ETH/USD")
HEARTBEAT = b'{"channel":"heartbeat"}'


def item(symbol: str) -> bytes:
    return f'{{"channel":"book","type":"snapshot","data":[{{"symbol":"{symbol}"}}]}}'.encode()


def mute() -> Desk:
    """One of two books delivers."""
    desk = Desk(BOOK, ETH)
    desk.open(GREETING, granted(1, BOOK), granted(1, ETH), item("ETH/USD"))
    return desk


def beating(desk: Desk, seconds: float) -> list[object]:
    """Time passes on a connection that is alive."""
    found: list[object] = []
    for _ in range(int(seconds)):
        found += desk.hear(HEARTBEAT)
        found += desk.wait(1.0)
    return found


def methods(desk: Desk) -> list[tuple[str, list[str]]]:
    requests = map(json.loads, desk.requests)
    return [(request["method"], request["params"]["symbol"]) for request in requests]


def test_heartbeats_prove_no_subscription() -> None:
    desk = mute()
    assert news(beating(desk, SNAPSHOT_WITHIN - 1)) == []
    found = beating(desk, 2)
    assert fields(found, "stall") == {
        "connection": 1,
        "subscription": "book",
        "symbol": "BTC/USD",
        "reason": "acknowledged, and nothing came in 10 s",
        "remedy": "subscribing again",
    }
    assert methods(desk)[1:] == [("unsubscribe", ["BTC/USD"])]
    desk.hear(granted(2, BOOK).replace(b'"subscribe"', b'"unsubscribe"'))
    assert methods(desk)[2:] == [("subscribe", ["BTC/USD"])]


def again(desk: Desk) -> None:
    """The exchange grants what is asked for once more, and delivers nothing."""
    number = json.loads(desk.requests[-1])["req_id"]
    desk.hear(granted(number, BOOK).replace(b'"subscribe"', b'"unsubscribe"'))
    desk.hear(granted(number + 1, BOOK))


def test_where_it_does_not_help_the_connection_is_renewed_and_then_it_is_left() -> None:
    desk = mute()
    beating(desk, SNAPSHOT_WITHIN + 1)
    again(desk)
    found = beating(desk, SNAPSHOT_WITHIN + 1)
    assert fields(found, "stall")["remedy"] == "connecting again"
    assert fields(found, "disconnected")["reason"] == "book BTC/USD was acknowledged and does not deliver"
    desk.open(GREETING, granted(1, BOOK), granted(1, ETH), item("ETH/USD"))
    last = beating(desk, SNAPSHOT_WITHIN + 1)
    assert fields(last, "stall")["remedy"] == "none"
    assert news(beating(desk, 60)) == []
    desk.lose()
    desk.open(GREETING, granted(1, BOOK), granted(1, ETH), item("ETH/USD"))
    assert news(beating(desk, 30)) == []


def test_what_delivers_after_all_begins_anew() -> None:
    desk = mute()
    beating(desk, SNAPSHOT_WITHIN + 1)
    again(desk)
    desk.hear(item("BTC/USD"))
    assert news(beating(desk, 60)) == []
    desk.lose()
    desk.open(GREETING, granted(1, BOOK), granted(1, ETH), item("ETH/USD"))
    found = beating(desk, SNAPSHOT_WITHIN + 1)
    assert fields(found, "stall")["remedy"] == "subscribing again"


def test_our_own_waiting_stalls_nothing() -> None:
    desk = mute()
    desk.now += 300
    desk.inbox.put(Batch(desk.link, [HEARTBEAT]), 1)  # type: ignore[arg-type]
    desk.inbox.put(Batch(desk.link, [item("BTC/USD")]), 1)  # type: ignore[arg-type]
    assert news(desk.feed.poll(0)) == []
    assert news(desk.feed.poll(0)) == []
    assert news(beating(desk, 60)) == []


def test_standing_still_is_nobodys_silence() -> None:
    desk = Desk(TRADE)
    desk.open(GREETING, granted(1, TRADE))
    desk.now += 300
    assert news(desk.feed.poll(0)) == []
    assert news(desk.wait(19)) == []
    assert news(desk.wait(2)) == ["disconnected", "reconnecting"]


def test_standing_still_is_nobodys_slowness() -> None:
    desk = Desk(TRADE)
    desk.now += 300
    assert news(desk.feed.poll(0)) == []
    assert news(desk.open(GREETING)) == ["connected"]


def test_a_market_without_trades_owes_nothing() -> None:
    desk = Desk(TRADE)
    desk.open(GREETING, granted(1, TRADE))
    assert news(beating(desk, 60)) == []


def test_after_a_machine_has_slept_its_connection_must_prove_itself_soon() -> None:
    desk = Desk(TRADE)
    desk.open(GREETING, granted(1))
    desk.slept += 3600
    desk.wait(0.25)
    assert b'"ping"' in desk.link.sent[-1]
    assert news(desk.wait(4)) == []
    assert news(desk.wait(1.5)) == ["disconnected", "reconnecting"]


def test_a_connection_that_outlived_the_sleep_goes_on() -> None:
    desk = Desk(TRADE)
    desk.open(GREETING, granted(1))
    desk.slept += 3600
    desk.wait(0.25)
    desk.hear(trade(1))
    assert news(desk.wait(9)) == []


def test_a_clock_that_is_set_a_little_says_nothing() -> None:
    desk = Desk(TRADE)
    desk.open(GREETING, granted(1))
    desk.slept += 15
    desk.wait(0.25)
    desk.slept -= 3600
    assert news(desk.wait(9)) == []
    assert len(desk.link.sent) == 1
