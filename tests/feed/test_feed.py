"""What is wanted stays wanted over connections that come and go; nothing that came is lost on the way."""

import json

import pytest

from krakencli.errors import ProtocolError, UnreachableError
from krakencli.model import News, Subscription
from krakencli.transport.link import Batch, Closed, Opened

from .kit import GREETING, TRADE, Desk, HandLink, data, fields, frames, granted, news, refused, trade

ETH = Subscription("trade", "ETH/USD")
TICKER, OTHER = Subscription("ticker", "BTC/USD"), Subscription("ticker", "ETH/USD")


def live(*wanted: Subscription, **options: object) -> Desk:
    """A desk whose first connection has been greeted and granted everything."""
    desk = Desk(*(wanted or (TRADE,)), **options)  # type: ignore[arg-type]
    desk.open(GREETING, *(granted(1, one) for one in wanted or (TRADE,)))
    return desk


def test_it_connects_asks_and_gives_data_untouched() -> None:
    desk = Desk(TRADE)
    assert desk.feed.state == "connecting"
    (connected,) = desk.open()
    assert isinstance(connected, News)
    assert connected.fields == {"connection": 1, "url": HandLink.url}
    assert connected.time == "1970-01-01T00:16:40.000000Z"
    assert json.loads(desk.requests[0])["params"] == {"channel": "trade", "symbol": ["BTC/USD"]}
    assert fields(desk.hear(granted(1)), "subscribed") == {
        "connection": 1,
        "subscription": "trade",
        "symbol": "BTC/USD",
    }
    assert desk.feed.active == {TRADE}
    assert desk.feed.state == "live"
    assert data(desk.hear(trade(1), trade(2))) == [
        b'{"symbol":"BTC/USD","trade_id":1}',
        b'{"symbol":"BTC/USD","trade_id":2}',
    ]


def test_data_beside_acknowledgements_keeps_its_order() -> None:
    desk = Desk(TRADE)
    desk.open()
    found = desk.hear(GREETING, trade(1), granted(1), trade(2))
    assert [getattr(one, "type", "") for one in found] == ["update", "update", "subscribed", "update"]


def test_warnings_are_told() -> None:
    desk = Desk(TRADE)
    frame = granted(1).replace(b'"symbol"', b'"warnings":["old"],"symbol"')
    assert fields(desk.open(frame), "subscribed")["warnings"] == ["old"]


def test_what_nobody_listened_to_is_a_gap_with_its_times() -> None:
    desk = live(TICKER, OTHER)
    desk.lose("cut")
    desk.now += 2.5
    desk.open(GREETING)
    found = desk.hear(granted(1, OTHER))
    assert fields(found, "gap") == {
        "connection": 2,
        "subscription": "ticker",
        "symbol": "ETH/USD",
        "from": "1970-01-01T00:16:40.000000Z",
        "to": "1970-01-01T00:16:42.500000Z",
    }
    assert news(desk.hear(granted(1, TICKER))) == ["subscribed", "gap"]
    desk.feed.renew("ticker", "ETH/USD", 0.0)
    desk.wait(0.25)
    again = granted(2, OTHER).replace(b'"subscribe"', b'"unsubscribe"'), granted(3, OTHER)
    assert news(desk.hear(*again)) == ["subscribed"]


def test_a_gap_goes_on_while_no_connection_comes() -> None:
    desk = live(TICKER)
    desk.lose("cut")
    desk.now += 1
    desk.lose("refused", opened=False)
    desk.wait_for_link()
    desk.open(GREETING)
    gap = fields(desk.hear(granted(1, TICKER)), "gap")
    assert gap["from"] == "1970-01-01T00:16:40.000000Z"


def test_after_a_loss_everything_wanted_is_asked_for_again() -> None:
    desk = live(TRADE, ETH)
    lost = desk.lose("the connection was cut")
    assert news(lost) == ["disconnected", "reconnecting"]
    assert fields(lost, "reconnecting") == {
        "connection": 1,
        "reason": "the connection was cut",
        "attempt": 1,
        "delay": 0.0,
    }
    assert (desk.feed.state, desk.feed.active, len(desk.links)) == ("reconnecting", set(), 2)
    assert fields(desk.open(), "connected")["connection"] == 2
    assert json.loads(desk.requests[0])["params"]["symbol"] == ["BTC/USD", "ETH/USD"]


def test_the_waits_between_attempts() -> None:
    desk = live()
    waits = []
    for attempt in range(7):
        desk.lose("cut", opened=attempt == 0)
        waits.append(desk.wait_for_link() if len(desk.links) < attempt + 2 else 0.0)
    for waited, base in zip(waits, (0, 1, 2, 5, 10, 20, 30), strict=True):
        assert base <= waited <= base * 1.2 + 0.1


def test_the_unit_scales_the_waits() -> None:
    desk = live(unit=0.01)
    for _ in range(5):
        desk.lose(opened=False)
    assert desk.wait_for_link(1.0) < 0.2


def test_a_minute_of_health_forgets_the_failures() -> None:
    desk = live()
    for _ in range(4):
        desk.lose()
        if len(desk.links) == 1 or desk.feed.state == "reconnecting":
            desk.wait(13)
        desk.open(GREETING)
    for number in range(61):
        desk.now += 1
        desk.hear(trade(number))
    assert fields(desk.lose(), "reconnecting")["delay"] == 0.0


def test_less_than_a_minute_does_not() -> None:
    desk = live()
    desk.lose()
    desk.open(GREETING)
    assert fields(desk.lose(), "reconnecting")["attempt"] == 2


def test_three_tries_before_the_first_success() -> None:
    desk = Desk(TRADE)
    desk.lose("connection refused", opened=False)
    desk.lose("connection refused", opened=False)
    assert 1.0 <= desk.wait_for_link() <= 1.3
    with pytest.raises(UnreachableError, match=r"connection refused, after 3 tries"):
        desk.lose("connection refused", opened=False)


def test_what_it_said_comes_before_it_gives_up() -> None:
    desk = live(retry=0)
    assert news(desk.lose("cut")) == ["disconnected"]
    with pytest.raises(UnreachableError, match="cut"):
        desk.feed.poll(0)


@pytest.mark.parametrize("retry", [None, -1])
def test_after_a_success_it_never_gives_up(retry: int | None) -> None:
    desk = live(retry=retry)
    for attempt in range(20):
        desk.lose(opened=attempt == 0)
        if len(desk.links) == attempt + 1:
            desk.wait_for_link()
    assert len(desk.links) == 21


def test_retry_counts_failures() -> None:
    desk = live(retry=2)
    desk.lose()
    desk.lose(opened=False)
    desk.wait(2)
    with pytest.raises(UnreachableError, match="after 3 tries"):
        desk.lose(opened=False)


def test_a_permanent_failure_is_final_at_first() -> None:
    desk = Desk(TRADE)
    with pytest.raises(UnreachableError, match="certificate"):
        desk.lose("bad certificate", opened=False, permanent=True)
    assert len(desk.links) == 1


@pytest.mark.parametrize(("status", "wait"), [(429, 60), (403, 60)])
def test_a_ban_is_waited_for(status: int, wait: float) -> None:
    desk = live()
    desk.lose(opened=False, http_status=status, permanent=status == 403)
    assert wait <= desk.wait_for_link() <= wait * 1.2 + 1
    desk.lose(opened=False, http_status=status)
    assert desk.wait_for_link(900) >= 600


@pytest.mark.parametrize("system", ["maintenance", "cancel_only", "post_only"])
def test_maintenance_is_waited_for(system: str) -> None:
    desk = live()
    desk.hear(GREETING.replace(b"online", system.encode()))
    desk.lose()
    assert 5 <= desk.wait_for_link() <= 6.1
    desk.open(GREETING)
    desk.lose()
    assert desk.wait_for_link() < 2


@pytest.mark.parametrize("status", [b'"data":[]', b'"data":[7]', b'"data":[{}]'])
def test_a_status_of_another_shape_is_no_maintenance(status: bytes) -> None:
    desk = live()
    desk.hear(b'{"channel":"status","type":"update",' + status + b"}")
    assert fields(desk.lose(), "reconnecting")["delay"] == 0.0


def test_a_first_refusal_is_final() -> None:
    desk = Desk(TRADE, ETH)
    found = desk.open(GREETING, refused(1, ETH, "Currency pair not supported ETH/USD"), granted(1))
    assert fields(found, "rejected") == {
        "connection": 1,
        "subscription": "trade",
        "symbol": "ETH/USD",
        "reason": "Currency pair not supported ETH/USD",
        "again": False,
    }
    assert list(desk.feed.wanted) == [TRADE]
    desk.lose()
    desk.open()
    assert json.loads(desk.requests[0])["params"]["symbol"] == ["BTC/USD"]


def test_a_refusal_at_a_resubscription_is_tried_again() -> None:
    desk = live()
    desk.lose()
    found = desk.open(GREETING, refused(1, TRADE, "EService:Busy"))
    assert fields(found, "rejected")["again"] is True
    for _ in range(29):
        desk.now += 1
        desk.hear(b'{"channel":"heartbeat"}')
    assert len(desk.requests) == 1
    desk.wait(1.5)
    assert len(desk.requests) == 2
    assert news(desk.hear(granted(json.loads(desk.requests[1])["req_id"]))) == ["subscribed"]
    assert desk.feed.active == {TRADE}


def test_a_complaint_is_told() -> None:
    desk = live()
    found = desk.hear(b'{"error":"Malformed request","method":"error","success":false}')
    assert fields(found, "rejected") == {"connection": 1, "reason": "Malformed request"}


def test_garbage_renews_the_connection() -> None:
    desk = live()
    first = desk.link
    found = desk.hear(trade(1), b"CloudFlare WebSocket proxy restarting", trade(2))
    assert data(found) == [b'{"symbol":"BTC/USD","trade_id":1}']
    assert news(found) == ["disconnected", "reconnecting"]
    assert "CloudFlare WebSocket proxy restarting" in fields(found, "disconnected")["reason"]
    assert first.closed
    assert desk.link is not first
    late = Batch(first, [trade(3)])  # type: ignore[arg-type]
    assert desk.put(late) == []
    assert desk.put(Closed(first, "closed by this program", True)) == []  # type: ignore[arg-type]


def test_nothing_but_garbage_is_another_protocol() -> None:
    desk = Desk(TRADE)
    for _ in range(2):
        desk.open(b"hello")
        desk.wait(1.5)
    desk.open()
    with pytest.raises(ProtocolError, match="no message of Kraken's: hello"):
        desk.hear(b"hello", b"hello") and desk.feed.poll(0)
    assert len(desk.links) == 3


def test_garbage_of_the_link_renews_the_connection_too() -> None:
    desk = live()
    assert news(desk.lose("a message is not UTF-8", garbage=True)) == ["disconnected", "reconnecting"]
    fresh = Desk(TRADE, retry=0)
    fresh.put(Opened(fresh.link))  # type: ignore[arg-type]
    fresh.lose("a message is not UTF-8", garbage=True)
    with pytest.raises(ProtocolError, match="UTF-8"):
        fresh.feed.poll(0)


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize(
    "bad", [b'{"channel":"trade","data":"none"}', b'{"channel":"trade","data":{"a":[]}}']
)
def test_a_record_that_cannot_be_decoded_ends_the_stream_behind_the_good(raw: bool, bad: bytes) -> None:
    desk = live(keep_frames=raw)
    found = desk.hear(trade(1), bad, trade(2))
    if raw:
        assert frames(found) == [(trade(1), True), (bad, False)]
    else:
        assert data(found) == [b'{"symbol":"BTC/USD","trade_id":1}']
    with pytest.raises(ProtocolError, match="a trade record cannot be decoded"):
        desk.feed.poll(0)


def test_a_status_that_cannot_be_decoded_matters_only_to_who_asked() -> None:
    bad = b'{"channel":"status","data":"none"}'
    desk = live()
    assert desk.hear(bad) == []
    watch = Desk()
    with pytest.raises(ProtocolError, match="a status record cannot be decoded"):
        watch.open(bad)


def test_a_connection_that_does_not_come_is_given_up() -> None:
    desk = live()
    desk.lose()
    second = desk.link
    assert news(desk.wait(15)) == []
    assert fields(desk.wait(0.5), "reconnecting")["reason"] == "no answer in time"
    assert second.closed
    assert news(desk.put(Opened(second))) == []  # type: ignore[arg-type]


def test_a_connection_that_came_while_the_output_was_stuck_is_kept() -> None:
    """The main thread may have waited for its reader longer than a connection may take."""
    desk = live()
    old = desk.link
    desk.lose()
    desk.inbox.put(Batch(old, [trade(9)]), 1)  # type: ignore[arg-type]
    desk.inbox.put(Opened(desk.link), 1)  # type: ignore[arg-type]
    desk.now += 60
    assert desk.feed.poll(0) == []
    assert news(desk.feed.poll(0)) == ["connected"]


def test_silence_is_pinged_and_then_given_up() -> None:
    desk = live()
    assert desk.wait(9.5) == []
    assert [b"ping" in frame for frame in desk.link.sent] == [False]
    desk.wait(1)
    assert [b"ping" in frame for frame in desk.link.sent] == [False, True]
    first = desk.link
    assert fields(desk.wait(10), "disconnected")["reason"] == "silent for too long"
    assert first.closed
    assert len(desk.links) == 2


def test_a_pong_is_a_sign_of_life() -> None:
    desk = live()
    for _ in range(6):
        assert news(desk.wait(10.5)) == []
        desk.hear(b'{"method":"pong","req_id":2}')
    assert len(desk.links) == 1


def test_our_own_waiting_is_no_silence() -> None:
    desk = live()
    desk.inbox.put(Batch(desk.link, [trade(1)]), 1)  # type: ignore[arg-type]
    desk.inbox.put(Batch(desk.link, [trade(2)]), 1)  # type: ignore[arg-type]
    desk.now += 300
    assert len(data(desk.feed.poll(0))) == 1
    assert len(data(desk.feed.poll(0))) == 1
    assert desk.feed.state == "live"


def test_silence_does_not_count_before_all_is_read_that_came() -> None:
    desk = live()
    old = desk.link
    desk.lose()
    desk.open(GREETING, granted(1))
    desk.inbox.put(Batch(old, [trade(1)]), 1)  # type: ignore[arg-type]
    desk.inbox.put(Batch(desk.link, [trade(2)]), 1)  # type: ignore[arg-type]
    desk.now += 300
    assert desk.feed.poll(0) == []
    assert data(desk.feed.poll(0)) == [b'{"symbol":"BTC/USD","trade_id":2}']
    assert len(desk.links) == 2


def test_data_of_an_old_connection_says_nothing() -> None:
    desk = live()
    old = desk.link
    desk.lose()
    assert desk.put(Batch(old, [trade(1)])) == []  # type: ignore[arg-type]
    assert desk.hear(trade(1)) == []


def test_raw_frames_are_all_frames_and_data_is_what_was_asked_for() -> None:
    desk = Desk(TRADE, keep_frames=True)
    desk.open()
    heartbeat, strange = b'{"channel":"heartbeat"}', trade(7, "ticker")
    found = desk.hear(GREETING, granted(1), heartbeat, trade(1), strange, b'{"method":"pong"}')
    assert frames(found) == [
        (GREETING, False),
        (granted(1), False),
        (heartbeat, False),
        (trade(1), True),
        (strange, False),
        (b'{"method":"pong"}', False),
    ]
    assert news(found) == ["subscribed"]
    assert data(found) == []


def test_raw_frames_of_instrument_are_data() -> None:
    desk = Desk(Subscription("instrument"), keep_frames=True)
    frame = b'{"channel":"instrument","type":"update","data":{"assets":[],"pairs":[{"symbol":"A/B"}]}}'
    assert frames(desk.open(frame)) == [(frame, True)]


def test_raw_frames_of_status_are_data_where_nothing_else_is_asked_for() -> None:
    desk = Desk(keep_frames=True)
    assert frames(desk.open(GREETING, b'{"channel":"heartbeat"}')) == [
        (GREETING, True),
        (b'{"channel":"heartbeat"}', False),
    ]


def test_a_status_is_given_where_nothing_else_is_asked_for() -> None:
    desk = Desk()
    assert [getattr(one, "channel", "") for one in desk.open(GREETING)] == ["", "status"]
    assert desk.link.sent == []


@pytest.mark.parametrize("raw", [False, True])
def test_raw_data_alone_is_a_success(raw: bool) -> None:
    desk = Desk(TRADE, keep_frames=raw)
    desk.open(trade(1))
    for _ in range(5):
        desk.lose()
        desk.wait(13)
    assert len(desk.links) == 6


def test_garbage_in_raw_is_shown_and_ends_the_connection() -> None:
    desk = live(keep_frames=True)
    found = desk.hear(trade(1), b"hello", trade(2))
    assert frames(found) == [(trade(1), True), (b"hello", False)]
    assert news(found) == ["disconnected", "reconnecting"]


def test_every_frame_can_be_traced() -> None:
    seen: list[tuple[str, bytes]] = []
    desk = live(trace=lambda direction, frame: seen.append((direction, frame)))
    desk.hear(trade(1))
    assert [direction for direction, _ in seen] == [">", "<", "<", "<"]
    assert seen[0][1] == desk.link.sent[0]
    assert seen[-1][1] == trade(1)


def test_goodbye() -> None:
    desk = live()
    desk.feed.close()
    assert desk.link.closed
    waiting = live()
    for _ in range(3):
        waiting.lose(opened=False)
    waiting.feed.close()
    assert [link.closed for link in waiting.links] == [False] * len(waiting.links)
