"""Several connections as one stream: each with its own fate."""

import json

from krakencli.model import News, Subscription
from krakencli.transport.link import Postponed

from .kit import GREETING, Desk, data, fields, granted, news, trade

BTC, ETH = Subscription("trade", "BTC/USD"), Subscription("trade", "ETH/USD")


def both() -> Desk:
    desk = Desk(BTC, ETH, per_connection=1)
    for number, wanted in enumerate((BTC, ETH)):
        desk.open(GREETING, granted(1, wanted), link=number)
    return desk


def test_each_connection_asks_for_its_own() -> None:
    desk = both()
    assert [json.loads(link.sent[0])["params"]["symbol"] for link in desk.links] == [["BTC/USD"], ["ETH/USD"]]
    assert desk.feed.active == {BTC, ETH}
    assert (desk.feed.symbols_of(1, "trade"), desk.feed.symbols_of(2, "trade")) == (["BTC/USD"], ["ETH/USD"])


def test_the_loss_of_one_leaves_the_other_alone() -> None:
    desk = both()
    lost = desk.lose("cut", link=1)
    assert fields(lost, "disconnected")["connection"] == 2
    assert (desk.feed.state, desk.feed.active, len(desk.links)) == ("reconnecting", {BTC}, 3)
    assert data(desk.hear(trade(1), link=0)) == [b'{"symbol":"BTC/USD","trade_id":1}']
    assert fields(desk.open(GREETING), "connected")["connection"] == 3
    assert news(desk.hear(granted(1, ETH))) == ["subscribed"]
    assert desk.feed.state == "live"
    assert (desk.feed.symbols_of(2, "trade"), desk.feed.symbols_of(3, "trade")) == ([], ["ETH/USD"])


def test_a_success_of_one_is_a_success_of_all() -> None:
    """Three tries end a stream only where none of its connections ever worked."""
    desk = Desk(BTC, ETH, per_connection=1)
    desk.open(GREETING, granted(1, BTC), link=0)
    for _ in range(5):
        desk.lose("refused", opened=False, link=-1)
        count = len(desk.links)
        if desk.feed.state != "live":
            while len(desk.links) == count and desk.now < 1200:
                desk.hear(b'{"channel":"heartbeat"}', link=0)
                desk.wait(0.5)
    assert desk.feed.active == {BTC}


def test_a_symbol_is_renewed_where_it_is_subscribed() -> None:
    desk = both()
    desk.feed.renew("trade", "ETH/USD", 0.0)
    desk.wait(0.25)
    assert [len(link.sent) for link in desk.links] == [1, 2]
    told = desk.feed.news("untrusted", "trade", "ETH/USD", reason="checksum")
    assert isinstance(told, News)
    assert (told.fields["connection"], told.fields["symbol"]) == (2, "ETH/USD")


def test_goodbye_is_said_on_each() -> None:
    desk = both()
    desk.feed.close()
    assert [link.closed for link in desk.links] == [True, True]


def test_the_state_is_that_of_the_connection_that_is_worst_off() -> None:
    desk = Desk(BTC, ETH, per_connection=1)
    assert desk.feed.state == "connecting"
    desk.open(GREETING, link=0)
    assert desk.feed.state == "connecting"
    desk.open(GREETING, link=1)
    assert desk.feed.state == "live"


def test_an_attempt_that_has_to_wait_is_told_and_not_given_up() -> None:
    desk = Desk(BTC)
    found = desk.put(Postponed(desk.link, 300.0))  # type: ignore[arg-type]
    assert fields(found, "reconnecting") == {
        "connection": 0,
        "reason": "too many connection attempts in ten minutes",
        "attempt": 0,
        "delay": 300.0,
    }
    assert news(desk.wait(310)) == []
    assert news(desk.open(GREETING)) == ["connected"]
