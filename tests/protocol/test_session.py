"""One conversation: asked, granted, refused, asked again; neither too fast nor silent for long."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from krakencli.model import Subscription
from krakencli.protocol.events import Complaint, Rejected, Subscribed
from krakencli.protocol.messages import Garbage, Update
from krakencli.protocol.pace import BURST, PAUSE, SLOW_DOWN
from krakencli.protocol.requests import packed
from krakencli.protocol.session import ACKNOWLEDGE_WITHIN, DEAF_AFTER, LOST_AFTER, PING_AFTER, Phase, Session

from .kit import TIMES, events, granted, refused, requests, ticker, update

BTC, ETH = ticker("BTC/USD"), ticker("ETH/USD")


def asked(session: Session, now: float) -> list[object]:
    """The requests that go out now, as (symbols, number)."""
    return [
        (request["params"].get("symbol"), request["req_id"])
        for request in requests(session.outgoing(now))
        if request["method"] == "subscribe"
    ]


def test_it_asks_for_what_is_wanted_in_one_request() -> None:
    session = Session([BTC, ETH], now=0)
    assert session.outgoing(0) == [
        b'{"method":"subscribe","params":{"channel":"ticker","symbol":["BTC/USD","ETH/USD"]},"req_id":1}'
    ]
    assert session.outgoing(0) == []
    assert session.phases == {BTC: Phase.ASKED, ETH: Phase.ASKED}


def test_each_symbol_is_acknowledged_by_itself() -> None:
    session = Session([BTC, ETH], now=0)
    session.outgoing(0)
    assert events(session, granted(1, "ETH/USD")) == [Subscribed(ETH)]
    assert session.phases == {BTC: Phase.ASKED, ETH: Phase.ACTIVE}
    assert events(session, granted(1, "BTC/USD", warnings=["old"])) == [Subscribed(BTC, ("old",))]
    assert session.phases == {BTC: Phase.ACTIVE, ETH: Phase.ACTIVE}


def test_an_acknowledgement_without_symbol() -> None:
    instrument = Subscription("instrument")
    session = Session([instrument], now=0)
    session.outgoing(0)
    assert events(session, granted(1, None, "instrument")) == [Subscribed(instrument)]


def test_an_acknowledgement_without_a_number_is_known_by_its_symbol() -> None:
    session = Session([BTC, ETH], now=0)
    session.outgoing(0)
    frame = b'{"method":"subscribe","result":{"channel":"ticker","symbol":"ETH/USD"},"success":true}'
    assert events(session, frame) == [Subscribed(ETH)]
    assert session.phases[BTC] is Phase.ASKED


def test_one_symbol_refused_spares_the_others() -> None:
    session = Session([BTC, ETH], now=0)
    session.outgoing(0)
    error = "Currency pair not supported ETH/USD"
    assert events(session, refused(1, error, "ETH/USD"), granted(1)) == [
        Rejected(ETH, error),
        Subscribed(BTC),
    ]
    assert session.phases == {BTC: Phase.ACTIVE, ETH: Phase.REFUSED}


def test_a_refusal_without_symbol_is_about_the_whole_request() -> None:
    session = Session([BTC, ETH], now=0)
    session.outgoing(0)
    assert events(session, refused(1, "Subscription depth not supported")) == [
        Rejected(BTC, "Subscription depth not supported"),
        Rejected(ETH, "Subscription depth not supported"),
    ]
    session.tick(ACKNOWLEDGE_WITHIN + 1)
    assert asked(session, ACKNOWLEDGE_WITHIN + 1) == []


def test_a_refusal_with_channel_and_method_is_a_refusal() -> None:
    book = Subscription("book", "BTC/USD")
    session = Session([book], now=0)
    session.outgoing(0)
    frame = refused(1, "Rate limit for snapshot requests exceeded", channel="book", status="error")
    found, only_data = session.receive([frame])
    assert found == [Rejected(book, "Rate limit for snapshot requests exceeded")]
    assert not only_data


def test_a_refusal_without_words_is_a_refusal() -> None:
    session = Session([BTC], now=0)
    session.outgoing(0)
    assert events(session, refused(1, "", "BTC/USD")) == [Rejected(BTC, "refused without a reason")]


def test_already_subscribed_is_what_was_wanted() -> None:
    session = Session([BTC], now=0)
    session.outgoing(0)
    assert events(session, refused(1, "Already subscribed", "BTC/USD")) == [Subscribed(BTC)]
    assert session.phases == {BTC: Phase.ACTIVE}


@pytest.mark.parametrize("number", [77, None])
def test_an_error_that_belongs_to_nothing_is_a_complaint(number: int | None) -> None:
    session = Session([BTC], now=0)
    session.outgoing(0)
    assert events(session, refused(number, "Malformed request")) == [Complaint("Malformed request")]
    assert events(session, refused(77, "")) == [Complaint("a request failed without a reason")]
    assert session.phases == {BTC: Phase.ASKED}


def test_answers_that_nobody_waits_for_say_nothing() -> None:
    session = Session([BTC], now=0)
    session.outgoing(0)
    assert events(session, granted(1), granted(1), granted(9)) == [Subscribed(BTC)]
    assert events(session, granted(1, "ETH/USD"), f'{{"method":"pong","req_id":2,{TIMES}}}'.encode()) == []


def test_an_acknowledgement_that_does_not_come_is_asked_for_again() -> None:
    session = Session([BTC, ETH], now=100)
    assert asked(session, 100) == [(["BTC/USD", "ETH/USD"], 1)]
    events(session, granted(1, "BTC/USD"))
    session.tick(100 + ACKNOWLEDGE_WITHIN)
    assert asked(session, 100 + ACKNOWLEDGE_WITHIN) == []
    session.tick(100.1 + ACKNOWLEDGE_WITHIN)
    assert asked(session, 100.1 + ACKNOWLEDGE_WITHIN) == [(["ETH/USD"], 2)]
    assert events(session, granted(1, "ETH/USD")) == []
    assert events(session, granted(2, "ETH/USD")) == [Subscribed(ETH)]


def test_a_request_is_not_late_before_it_was_sent() -> None:
    session = Session([BTC], now=0)
    session.tick(50)
    assert asked(session, 50) == [(["BTC/USD"], 1)]
    session.tick(50 + ACKNOWLEDGE_WITHIN)
    assert asked(session, 50 + ACKNOWLEDGE_WITHIN) == []


def test_a_refused_one_is_asked_for_again_at_its_time() -> None:
    session = Session([BTC], now=0)
    session.outgoing(0)
    events(session, refused(1, "EService:Busy", "BTC/USD"))
    session.ask_again(BTC, 30)
    session.heard(29)
    session.tick(29.9)
    assert asked(session, 29.9) == []
    session.heard(30)
    session.tick(30)
    assert asked(session, 30) == [(["BTC/USD"], 2)]
    assert session.phases == {BTC: Phase.ASKED}
    session.tick(30.1)
    assert asked(session, 30.1) == []


TOO_FAST = [
    b'{"Error":"Exceeded msg rate"}',
    b'{"errorMessage":"Exceeded msg rate","event":"error","reqid":1}',
    b'{"errorMessage":"Exceeded msg rate","event":"subscriptionStatus","status":"error"}',
    b'{"error":"Exceeded msg rate","method":"subscribe","success":false}',
    b'{"error":"EGeneral:exceeded MSG rate","method":"error","success":false}',
    b'{"error":"Exceeded msg rate","method":"subscribe","req_id":1,"success":false}',
]


@pytest.mark.parametrize("frame", TOO_FAST)
def test_too_fast_pauses_and_then_asks_only_for_what_is_open(frame: bytes) -> None:
    session = Session([BTC, ETH], now=0)
    session.outgoing(0)
    session.heard(0.1)
    events(session, granted(1, "BTC/USD"))
    (complaint,) = events(session, frame)
    assert isinstance(complaint, Complaint)
    for now in (0.2, 1.0, 0.05 + SLOW_DOWN[0]):
        session.tick(now)
        assert asked(session, now) == []
    session.tick(0.1 + SLOW_DOWN[0] + PAUSE)
    assert asked(session, 0.1 + SLOW_DOWN[0] + PAUSE) == [(["ETH/USD"], 2)]


def test_the_pause_is_counted_from_the_complaint() -> None:
    session = Session([BTC], now=0)
    session.outgoing(0)
    session.heard(6)
    events(session, TOO_FAST[0])
    session.tick(6 + SLOW_DOWN[0] / 2)
    assert asked(session, 6 + SLOW_DOWN[0] / 2) == []
    session.tick(6 + SLOW_DOWN[0] + PAUSE)
    assert asked(session, 6 + SLOW_DOWN[0] + PAUSE) == [(["BTC/USD"], 2)]


def test_a_pause_holds_back_what_was_still_to_be_sent() -> None:
    """Each with parameters of its own, so that each is a request."""
    wanted = [ticker(f"S{number}/USD", depth=number) for number in range(BURST + 5)]
    session = Session(wanted, now=0)
    assert len(session.outgoing(0)) == BURST
    session.heard(0.1)
    events(session, *[granted(number + 1, f"S{number}/USD") for number in range(BURST - 2)], TOO_FAST[0])
    assert session.outgoing(1.0) == []
    sent: list[object] = []
    now = 0.1
    while now < SLOW_DOWN[0] + 4:
        now += PAUSE / 2
        session.heard(now)
        session.tick(now)
        before = len(sent)
        sent += asked(session, now)
        assert len(sent) == before or now >= 0.1 + SLOW_DOWN[0]
    expected = [[f"S{number}/USD"] for number in range(BURST - 2, BURST + 5)]
    assert sorted(str(symbols) for symbols, _ in sent) == sorted(map(str, expected))


def test_pauses_grow_up_to_half_a_minute() -> None:
    session = Session([BTC], now=0)
    session.outgoing(0)
    now, pauses = 0.0, []
    for _ in range(6):
        began = now
        session.heard(now)
        events(session, TOO_FAST[0], TOO_FAST[0])
        while not asked(session, now):
            assert now - began < 60
            now += 0.1
            session.heard(now)
            session.tick(now)
        pauses.append(round(now - began))
    assert pauses == [2, 4, 8, 16, 30, 30]


def test_a_thousand_symbols_take_few_requests() -> None:
    session = Session([ticker(f"S{number}/USD") for number in range(1000)], now=0)
    sent = requests(session.outgoing(0))
    assert [len(request["params"]["symbol"]) for request in sent] == [100] * 10
    assert len({symbol for request in sent for symbol in request["params"]["symbol"]}) == 1000


def test_only_what_is_alike_shares_a_request() -> None:
    wanted = [
        Subscription("ticker", "A/USD"),
        Subscription("ticker", "B/USD", (("event_trigger", "bbo"),)),
        Subscription("ticker", "C/USD", snapshot=False),
        Subscription("trade", "A/USD"),
        Subscription("instrument"),
        Subscription("ticker", "D/USD"),
        Subscription("instrument", "A/USD"),
    ]
    assert [[str(s) for s in group] for group in packed(wanted)] == [
        ["ticker A/USD", "ticker D/USD"],
        ["ticker B/USD"],
        ["ticker C/USD"],
        ["trade A/USD"],
        ["instrument"],
        ["instrument A/USD"],
    ]


@given(st.lists(st.floats(0, 3), min_size=1, max_size=40))
@settings(deadline=None, max_examples=50)
def test_the_pace_is_never_exceeded(steps: list[float]) -> None:
    session = Session([ticker("BTC/USD", depth=number) for number in range(60)], now=0)
    now, sent = 0.0, []
    for step in steps:
        now += step
        sent += [now] * len(session.outgoing(now))
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            assert last - first + 1 <= BURST + (sent[last] - sent[first]) / PAUSE + 1e-6
    assert len(sent) == 60 or len(sent) >= min(BURST, 60)


def test_the_unit_scales_pace_and_patience() -> None:
    wanted = [ticker("BTC/USD", depth=number) for number in range(BURST + 1)]
    session = Session(wanted, now=0, unit=0.01)
    assert len(session.outgoing(0)) == BURST
    assert len(session.outgoing(PAUSE * 0.011)) == 1
    session.tick(ACKNOWLEDGE_WITHIN * 0.012)
    assert session.outgoing(1) != []


def test_silence_is_answered_with_a_ping_and_then_given_up() -> None:
    session = Session([], now=0)
    session.tick(PING_AFTER - 0.1)
    assert session.outgoing(PING_AFTER - 0.1) == []
    session.tick(PING_AFTER)
    assert session.outgoing(PING_AFTER) == [b'{"method":"ping","req_id":1}']
    session.tick(PING_AFTER + 1)
    assert session.outgoing(PING_AFTER + 1) == []
    assert not session.lost(LOST_AFTER - 0.1)
    assert session.lost(LOST_AFTER)
    session.heard(LOST_AFTER)
    assert not session.lost(LOST_AFTER + 1)
    session.tick(LOST_AFTER + PING_AFTER)
    assert session.outgoing(LOST_AFTER + PING_AFTER) == [b'{"method":"ping","req_id":2}']


def test_data_of_the_channels_asked_for_is_only_data() -> None:
    session = Session([BTC], now=0)
    found, only_data = session.receive([update(), b'{"channel":"heartbeat"}', update("ETH/USD")])
    assert [type(event) for event in found] == [Update, Update]
    assert only_data


def test_other_channels_say_nothing() -> None:
    session = Session([BTC], now=0)
    assert session.receive([update(channel="trade"), update(channel="announcement")]) == ([], False)


@pytest.mark.parametrize("data", ['"text"', "7", '{"a":7}', '[],"type":7'])
def test_other_channels_may_have_any_shape(data: str) -> None:
    """Channels may be added without notice (protocol notes v2 §2.3); nobody asked for this one."""
    session = Session([BTC], now=0)
    assert events(session, f'{{"channel":"announcement","data":{data}}}'.encode()) == []


def test_a_status_is_told_but_is_no_data() -> None:
    session = Session([BTC], now=0)
    found, only_data = session.receive([b'{"channel":"status","type":"update","data":[{"system":"online"}]}'])
    assert [event.channel for event in found if isinstance(event, Update)] == ["status"]
    assert not only_data


def test_instruments_are_told() -> None:
    session = Session([Subscription("instrument")], now=0)
    (found,) = events(session, b'{"channel":"instrument","type":"update","data":{"assets":[],"pairs":[{}]}}')
    assert isinstance(found, Update)
    assert list(found.members) == ["assets", "pairs"]


def test_what_is_no_message_is_garbage() -> None:
    session = Session([BTC], now=0)
    found, only_data = session.receive([update(), b"proxy restarting", update()])
    assert [type(event) for event in found] == [Update, Garbage, Update]
    assert not only_data
    (odd,) = events(session, b'{"channel":"ticker","data":"none"}')
    assert isinstance(odd, Garbage)
    assert odd.channel == "ticker"


DEEP = b'{"channel":"ticker","data":[' + b"[" * 100_000


FRAMES = st.sampled_from(
    [
        *(granted(number, symbol) for number in (1, 2, 3) for symbol in ("BTC/USD", "ETH/USD")),
        *(refused(number, "no", symbol) for number in (1, 2, None) for symbol in ("BTC/USD", None)),
        *TOO_FAST,
        update(),
        update("ETH/USD"),
        update(channel="trade"),
        b'{"channel":"heartbeat"}',
        b'{"channel":"status","data":[{}]}',
        b'{"channel":"status","data":7}',
        b'{"channel":"ticker","data":7}',
        b'{"method":"subscribe","error":1e999}',
        b"text",
        DEEP,
    ]
) | st.binary(max_size=20)


@given(st.lists(FRAMES, max_size=12), st.lists(st.integers(0, 12), max_size=4))
@settings(deadline=None, max_examples=200)
def test_batches_do_not_matter(frames: list[bytes], cuts: list[int]) -> None:
    def fresh() -> Session:
        session = Session([BTC, ETH, ticker("BTC/USD", event_trigger="bbo")], now=0)
        session.outgoing(0)
        return session

    one_by_one, batched = fresh(), fresh()
    singles = [one_by_one.receive([frame]) for frame in frames]
    edges = [0, *sorted(min(cut, len(frames)) for cut in cuts), len(frames)]
    together = [batched.receive(frames[start:end]) for start, end in pairwise(edges)]
    assert [event for found, _ in singles for event in found] == [
        event for found, _ in together for event in found
    ]
    assert all(only for _, only in singles) == all(only for _, only in together)
    assert one_by_one.phases == batched.phases
    one_by_one.tick(60)
    batched.tick(60)
    assert one_by_one.outgoing(60) == batched.outgoing(60)


def late_rounds(session: Session, count: int, start: float = 0.0) -> float:
    """Lets so many requests go unanswered one after the other, with a heartbeat before each is given up."""
    now = start
    for _ in range(count):
        now += ACKNOWLEDGE_WITHIN + 0.1
        session.receive([b'{"channel":"heartbeat"}'])
        session.heard(now)
        session.tick(now)
        session.outgoing(now)
    return now


def test_a_connection_that_answers_nothing_is_given_up_despite_heartbeats() -> None:
    session = Session([BTC], now=0)
    session.outgoing(0)
    now = late_rounds(session, DEAF_AFTER - 1)
    assert session.lost(now) is None
    assert session.lost(late_rounds(session, 1, now)) == "requests are not answered"


@pytest.mark.parametrize("sign", [update("ETH/USD"), granted(9, "ETH/USD"), b'{"error":"no","method":"x"}'])
def test_any_sign_of_life_but_a_heartbeat_or_a_pong_starts_the_count_anew(sign: bytes) -> None:
    session = Session([BTC, ETH], now=0)
    session.outgoing(0)
    now = late_rounds(session, DEAF_AFTER - 1)
    events(session, sign)
    now = late_rounds(session, DEAF_AFTER - 1, now)
    assert session.lost(now) is None
    events(session, b'{"method":"pong","req_id":1}')
    assert session.lost(late_rounds(session, 1, now))
