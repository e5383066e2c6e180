"""A fresh snapshot of one symbol while the others go on, goodbye to one, and what level3 asks besides."""

import pytest

from krakencli.model import Subscription
from krakencli.protocol.events import Complaint, Subscribed
from krakencli.protocol.pace import COST_A_SECOND, PAUSE, SLOW_DOWN
from krakencli.protocol.session import ACKNOWLEDGE_WITHIN, Phase, Session

from .kit import events, granted, refused, requests, ticker

BTC, ETH = ticker("BTC/USD"), ticker("ETH/USD")


def active(*wanted: Subscription) -> Session:
    """A session that has been granted everything."""
    session = Session(wanted, now=0)
    for request in requests(session.outgoing(0)):
        for symbol in request["params"].get("symbol", [None]):
            events(session, granted(request["req_id"], symbol))
    assert set(session.phases.values()) == {Phase.ACTIVE}
    return session


def sent(session: Session, now: float) -> list[tuple[str, object]]:
    """The requests that go out now, as (method, symbols)."""
    return [(r["method"], r["params"].get("symbol")) for r in requests(session.outgoing(now))]


def test_renewing_unsubscribes_waits_and_subscribes() -> None:
    session = active(BTC, ETH)
    session.ask_again(BTC, 5)
    session.tick(4.9)
    assert sent(session, 4.9) == []
    session.tick(5)
    assert sent(session, 5) == [("unsubscribe", ["BTC/USD"])]
    assert session.phases == {BTC: Phase.LEAVING, ETH: Phase.ACTIVE}
    assert events(session, granted(2).replace(b'"subscribe"', b'"unsubscribe"')) == []
    assert sent(session, 5) == [("subscribe", ["BTC/USD"])]
    assert events(session, granted(3)) == [Subscribed(BTC, renewed=True)]
    assert set(session.phases.values()) == {Phase.ACTIVE}


def test_what_unsubscribes_names_the_same_depth_and_no_snapshot() -> None:
    book = Subscription("book", "BTC/USD", (("depth", 25),), snapshot=True)
    session = active(book)
    session.ask_again(book, 0)
    session.tick(0)
    (request,) = requests(session.outgoing(0))
    assert request["params"] == {"channel": "book", "symbol": ["BTC/USD"], "depth": 25}


def test_what_was_not_there_is_as_good_as_unsubscribed() -> None:
    """The refusal names the wrong method, so that only its number tells what it answers."""
    session = active(BTC)
    session.ask_again(BTC, 0)
    session.tick(0)
    session.outgoing(0)
    assert events(session, refused(2, "Subscription Not Found", "BTC/USD")) == []
    assert sent(session, 0) == [("subscribe", ["BTC/USD"])]


def test_an_unsubscription_that_is_not_answered_is_sent_again() -> None:
    session = active(BTC)
    session.ask_again(BTC, 0)
    session.tick(0)
    session.outgoing(0)
    session.tick(ACKNOWLEDGE_WITHIN + 0.1)
    assert sent(session, ACKNOWLEDGE_WITHIN + 0.1) == [("unsubscribe", ["BTC/USD"])]


def test_what_is_asked_for_is_renewed_when_it_is_granted() -> None:
    """Its snapshot may have come before its acknowledgement, and be no good."""
    session = Session([BTC], now=0)
    session.outgoing(0)
    session.ask_again(BTC, 0)
    session.tick(0)
    assert sent(session, 0) == []
    assert events(session, granted(1)) == [Subscribed(BTC)]
    assert sent(session, 0) == [("unsubscribe", ["BTC/USD"])]


def test_what_is_being_left_is_not_left_twice() -> None:
    session = active(BTC)
    session.ask_again(BTC, 0)
    session.tick(0)
    session.outgoing(0)
    session.ask_again(BTC, 1)
    session.tick(1)
    events(session, granted(2).replace(b'"subscribe"', b'"unsubscribe"'))
    session.tick(2)
    assert sent(session, 2) == [("subscribe", ["BTC/USD"])]
    assert events(session, granted(3)) == [Subscribed(BTC, renewed=True)]
    session.tick(3)
    assert sent(session, 3) == []


def test_of_two_renewals_the_earlier_one_counts() -> None:
    session = active(BTC)
    session.ask_again(BTC, 9)
    session.ask_again(BTC, 1)
    session.ask_again(BTC, 5)
    session.tick(1)
    assert sent(session, 1) == [("unsubscribe", ["BTC/USD"])]
    events(session, granted(2).replace(b'"subscribe"', b'"unsubscribe"'))
    session.outgoing(1)
    events(session, granted(3))
    session.heard(9)
    session.tick(10)
    assert sent(session, 10) == []


def test_a_grant_that_is_to_be_left_at_once_begins_nothing_anew() -> None:
    session = active(BTC)
    session.ask_again(BTC, 0)
    session.tick(0)
    session.outgoing(0)
    events(session, granted(2).replace(b'"subscribe"', b'"unsubscribe"'))
    session.outgoing(0)
    session.ask_again(BTC, 1)  # the new snapshot was bad, and came before this grant
    session.tick(1)
    assert events(session, granted(3)) == [Subscribed(BTC)]
    assert sent(session, 1) == [("unsubscribe", ["BTC/USD"])]


def test_several_renewals_share_their_requests() -> None:
    session = active(BTC, ETH)
    session.ask_again(ETH, 1)
    session.ask_again(BTC, 1)
    session.tick(1)
    assert sent(session, 1) == [("unsubscribe", ["ETH/USD", "BTC/USD"])]


def test_leaving_is_told_to_the_exchange_and_to_nobody_else() -> None:
    session = active(BTC, ETH)
    session.leave(BTC)
    assert sent(session, 0) == [("unsubscribe", ["BTC/USD"])]
    assert events(session, granted(2)) == []
    assert session.phases == {ETH: Phase.ACTIVE}
    assert sent(session, 0) == []


def test_leaving_before_the_answer_swallows_the_answer() -> None:
    session = Session([BTC], now=0)
    session.outgoing(0)
    session.leave(BTC)
    assert events(session, granted(1)) == []
    assert session.phases == {}


def test_a_refused_one_has_nothing_to_leave() -> None:
    session = Session([BTC], now=0)
    session.outgoing(0)
    events(session, refused(1, "no", "BTC/USD"))
    session.leave(BTC)
    assert sent(session, 0) == []


def test_the_data_of_a_channel_that_was_left_says_nothing() -> None:
    instrument = Subscription("instrument")
    session = active(BTC)
    frame = b'{"channel":"instrument","type":"update","data":{"assets":[],"pairs":[]}}'
    assert events(session, frame) == []
    session.ask([instrument])
    assert [one.channel for one in events(session, frame)] == ["instrument"]  # type: ignore[union-attr]
    session.leave(instrument)
    assert events(session, frame) == []


def test_a_pause_asks_again_by_the_same_method() -> None:
    session = active(BTC, ETH)
    session.leave(BTC)
    session.outgoing(0)
    assert events(session, refused(2, "Exceeded msg rate")) == [Complaint("Exceeded msg rate")]
    assert sent(session, SLOW_DOWN[0] + PAUSE) == [("unsubscribe", ["BTC/USD"])]


def test_a_token_is_in_every_request_and_in_no_name() -> None:
    level3 = Subscription("level3", "BTC/USD", (("depth", 10),))
    session = Session([level3], now=0, token="TOKEN")
    (request,) = requests(session.outgoing(0))
    assert request["params"]["token"] == "TOKEN"
    events(session, granted(1))
    session.leave(level3)
    (request,) = requests(session.outgoing(0))
    assert (request["method"], request["params"]["token"]) == ("unsubscribe", "TOKEN")
    assert "TOKEN" not in f"{level3} {level3.fields} {session.phases}"


@pytest.mark.parametrize(("depth", "cost"), [(10, 5), (100, 25), (1000, 100), (7, 100)])
def test_snapshots_of_level3_keep_within_what_the_exchange_allows(depth: int, cost: int) -> None:
    """Protocol notes v2 §8: at most 200 a second, and no second here spends more."""
    wanted = [Subscription("level3", f"S{number}/USD", (("depth", depth),)) for number in range(50)]
    session, spent = Session(wanted, now=0), []
    for tick in range(1000):
        now = tick / 20
        spent += [(now, cost * len(r["params"]["symbol"])) for r in requests(session.outgoing(now))]
    assert sum(one for _, one in spent) == 50 * cost
    for begin, _ in spent:
        assert sum(one for at, one in spent if begin <= at < begin + 1) <= 200
    assert spent[-1][0] <= 50 * cost / COST_A_SECOND + 1
