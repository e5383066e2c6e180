"""One subscription renewed or left, a channel consulted, a token that is refused: the others go on."""

import json
from typing import Any

import pytest

from krakencli.errors import AuthError
from krakencli.feed import Output
from krakencli.model import News, Subscription
from krakencli.protocol.messages import Update

from .kit import GREETING, TRADE, Desk, data, fields, granted, news, refused, trade

ETH = Subscription("trade", "ETH/USD")
INSTRUMENT = Subscription("instrument")
LEVEL3 = Subscription("level3", "BTC/USD")
PAIRS = b'{"channel":"instrument","type":"snapshot","data":{"assets":[],"pairs":[{"symbol":"BTC/USD"}]}}'


def live(*wanted: Subscription, **options: Any) -> Desk:
    desk = Desk(*(wanted or (TRADE,)), **options)
    desk.open(GREETING, *(granted(1, one) for one in wanted or (TRADE,)))
    return desk


def asked(desk: Desk) -> list[tuple[str, list[str] | None]]:
    requests = map(json.loads, desk.requests)
    return [(request["method"], request["params"].get("symbol")) for request in requests]


def left(number: int, subscription: Subscription = TRADE) -> bytes:
    return granted(number, subscription).replace(b'"subscribe"', b'"unsubscribe"')


def test_a_renewed_symbol_is_left_and_asked_for_again_after_its_delay() -> None:
    desk = live(TRADE, ETH)
    desk.feed.renew("trade", "BTC/USD", 2.0)
    desk.wait(1.9)
    assert asked(desk)[1:] == []
    desk.wait(0.2)
    assert asked(desk)[1:] == [("unsubscribe", ["BTC/USD"])]
    assert data(desk.hear(trade(1), left(2))) == [b'{"symbol":"BTC/USD","trade_id":1}']
    assert asked(desk)[2:] == [("subscribe", ["BTC/USD"])]
    assert fields(desk.hear(granted(3)), "subscribed")["symbol"] == "BTC/USD"
    assert desk.feed.active == {TRADE, ETH}


def test_a_new_connection_needs_no_renewal() -> None:
    desk = live()
    desk.lose()
    desk.feed.renew("trade", "BTC/USD", 0.0)
    desk.open()
    desk.wait(1)
    assert asked(desk) == [("subscribe", ["BTC/USD"])]


def test_what_is_dropped_is_left_and_never_asked_for_again() -> None:
    desk = live(TRADE, ETH)
    desk.feed.drop("trade", "BTC/USD")
    assert list(desk.feed.wanted) == [ETH]
    assert desk.feed.active == {ETH}
    desk.wait(0.25)
    assert asked(desk)[1:] == [("unsubscribe", ["BTC/USD"])]
    desk.lose()
    desk.feed.drop("trade", "ETH/USD")
    desk.open()
    assert asked(desk) == []


def test_a_consulted_channel_is_asked_for_once_answered_once_and_left() -> None:
    desk = live()
    desk.feed.consult(INSTRUMENT)
    desk.feed.consult(INSTRUMENT)
    desk.wait(0.25)
    assert asked(desk)[1:] == [("subscribe", None)]
    grant = b'{"method":"subscribe","req_id":2,"result":{"channel":"instrument"},"success":true}'
    found = desk.hear(grant, PAIRS)
    assert news(found) == []
    (update,) = found
    assert isinstance(update, Update)
    assert [bytes(one) for one in update.members["pairs"]] == [b'{"symbol":"BTC/USD"}']
    assert asked(desk)[2:] == [("unsubscribe", None)]
    assert desk.hear(PAIRS) == []
    assert list(desk.feed.wanted) == [TRADE]


def test_a_consultation_that_is_never_answered_is_no_stall_and_may_be_repeated() -> None:
    desk = live()
    desk.feed.consult(INSTRUMENT)
    desk.wait(0.25)
    grant = b'{"method":"subscribe","req_id":2,"result":{"channel":"instrument"},"success":true}'
    desk.hear(grant)
    found: list[Output] = []
    for _ in range(40):
        found += desk.wait(1) + desk.hear(b'{"channel":"heartbeat"}')
    assert news(found) == []
    desk.feed.consult(INSTRUMENT)
    desk.wait(0.25)
    assert asked(desk)[2:] == [("unsubscribe", None), ("subscribe", None)]


def test_what_is_streamed_is_not_consulted() -> None:
    desk = live(TRADE, INSTRUMENT)
    desk.feed.consult(INSTRUMENT)
    desk.wait(0.25)
    assert len(asked(desk)) == 2


def test_a_connection_without_anything_wanted_is_closed_and_stays_closed() -> None:
    desk = Desk(TRADE, ETH, per_connection=1)
    desk.open(granted(1), link=0)
    desk.open(granted(1, ETH), link=1)
    desk.feed.drop("trade", "BTC/USD")
    desk.wait(0.25)
    assert [link.closed for link in desk.links] == [True, False]
    assert news(desk.lose(link=0)) == []
    desk.wait(100)
    assert desk.feed.state == "reconnecting"  # the silent other one
    assert all(link is not desk.links[0] for link in desk.links[1:])
    assert not any(b"BTC/USD" in frame for link in desk.links[1:] for frame in link.sent)


def test_a_consultation_that_is_refused_says_so_without_news() -> None:
    desk = live()
    desk.feed.consult(INSTRUMENT)
    desk.wait(0.25)
    refusal = b'{"error":"unavailable on this endpoint","method":"subscribe","req_id":2,"success":false}'
    assert desk.hear(refusal) == [Update("instrument")]
    assert desk.feed.active == {TRADE}


def test_a_consultation_ends_with_its_connection_and_may_be_repeated() -> None:
    desk = live()
    desk.feed.consult(INSTRUMENT)
    desk.lose()
    desk.feed.consult(INSTRUMENT)  # nobody to ask
    desk.open(GREETING, granted(1))
    desk.wait(0.25)
    assert asked(desk) == [("subscribe", ["BTC/USD"])]
    desk.feed.consult(INSTRUMENT)
    desk.wait(0.25)
    assert asked(desk)[1:] == [("subscribe", None)]


def test_the_token_of_a_connection_is_in_its_requests_and_in_no_news() -> None:
    desk = Desk(TRADE)
    found = desk.open_with("TOKEN-1") + desk.hear(granted(1))
    assert json.loads(desk.requests[0])["params"]["token"] == "TOKEN-1"
    assert "TOKEN" not in repr(found)
    desk.lose()
    desk.open_with("TOKEN-2")
    assert json.loads(desk.requests[0])["params"]["token"] == "TOKEN-2"


def test_a_token_that_is_echoed_is_told_to_nobody() -> None:
    told: list[bytes] = []
    desk = Desk(LEVEL3, trace=lambda _, frame: told.append(frame))
    desk.open_with("SECRET/TOKEN")
    answers = [
        refused(1, LEVEL3, "no such thing: SECRET/TOKEN"),
        rb'{"channel":"level3","x":"SECRET\/TOKEN"}',
    ]
    found = desk.hear(answers[0], *answers[1:])
    assert fields(found, "rejected")["reason"] == "no such thing: ***"
    assert [frame for frame in told if b"TOKEN" in frame] == [desk.requests[0]]


def test_garbage_shows_no_token() -> None:
    desk = Desk(LEVEL3)
    desk.open_with("SECRET-TOKEN")
    (lost, _) = desk.hear(b'<html>"SECRET-TOKEN')
    assert isinstance(lost, News)
    assert lost.fields["reason"].endswith('<html>"***')


def test_a_coin_called_token_is_no_token_on_its_host_either() -> None:
    coin = Subscription("level3", "TOKEN/USD")
    desk = Desk(coin, LEVEL3)
    desk.open_with("SECRET")
    found = desk.hear(refused(1, coin, "Currency pair not supported TOKEN/USD"))
    assert fields(found, "rejected")["symbol"] == "TOKEN/USD"


@pytest.mark.parametrize("error", ["ESession:Invalid session", "EAPI:Invalid token", "Token(s) not found"])
def test_a_refused_token_is_renewed_once_and_then_hopeless(error: str) -> None:
    desk = Desk(LEVEL3)
    desk.open_with("OLD")
    assert news(desk.hear(refused(1, LEVEL3, error))) == ["disconnected", "reconnecting"]
    assert list(desk.feed.wanted) == [LEVEL3]
    desk.open_with("NEW")
    with pytest.raises(AuthError, match="refused the token"):
        desk.hear(refused(1, LEVEL3, error))


def test_a_token_that_was_good_may_be_refused_again_later() -> None:
    desk = Desk(LEVEL3)
    for turn in range(3):
        desk.open_with("OLD")
        assert news(desk.hear(refused(1, LEVEL3, "EAPI:Invalid token"))) == ["disconnected", "reconnecting"]
        if len(desk.links) == 2 * turn + 1:
            desk.wait_for_link()
        desk.open_with("NEW")
        assert news(desk.hear(granted(1, LEVEL3)))[0] == "subscribed"
        desk.lose()
        if len(desk.links) == 2 * turn + 2:
            desk.wait_for_link()


def test_no_token_to_be_had_ends_the_stream_with_its_own_error() -> None:
    desk = live()
    desk.lose()
    error = AuthError("EAPI:Invalid key")
    with pytest.raises(AuthError, match="EAPI:Invalid key"):
        desk.lose("EAPI:Invalid key", opened=False, permanent=True, error=error)


def test_a_coin_may_be_called_token() -> None:
    coin = Subscription("trade", "TOKEN/USD")
    desk = Desk(coin, TRADE)
    found = desk.open(GREETING, refused(1, coin, "Currency pair not supported TOKEN/USD"))
    assert fields(found, "rejected")["symbol"] == "TOKEN/USD"
    assert len(desk.links) == 1
