"""What an acknowledgement owes, and when it is overdue."""

from msgspec import Raw

from krakencli.model import Subscription
from krakencli.protocol.awaited import SNAPSHOT_WITHIN, Awaited, owes_snapshot
from krakencli.protocol.messages import Update

BTC, ETH = Subscription("book", "BTC/USD"), Subscription("book", "ETH/USD")


def update(*items: str, channel: str = "book", type_: str = "update") -> Update:
    return Update(channel, type_, [Raw(item.encode()) for item in items])


def test_who_owes_a_snapshot() -> None:
    assert [owes_snapshot(Subscription(wire, "A/B")) for wire in ("ticker", "trade", "status")] == [
        True,
        False,
        False,
    ]
    assert owes_snapshot(Subscription("trade", "A/B", snapshot=True))
    assert not owes_snapshot(Subscription("book", "A/B", snapshot=False))


def test_what_does_not_come_in_time_is_told_once() -> None:
    awaited = Awaited()
    assert not awaited
    awaited.granted([BTC, ETH], 5)
    awaited.came([update('{"symbol":"ETH/USD"}')])
    assert awaited.overdue(5 + SNAPSHOT_WITHIN - 0.1, 1.0) == []
    assert awaited.overdue(5 + SNAPSHOT_WITHIN, 1.0) == [BTC]
    assert awaited.overdue(99, 1.0) == []
    assert (awaited.paid(ETH), awaited.paid(BTC)) == (True, False)
    assert awaited


def test_what_comes_late_pays_too() -> None:
    awaited = Awaited()
    awaited.granted([BTC], 0)
    assert awaited.overdue(1.0, 0.1) == [BTC]
    awaited.came([update('{"symbol":"ETH/USD"}', '{"symbol":"BTC/USD","bids":[]}')])
    assert awaited.paid(BTC)
    assert not awaited


def test_data_of_another_channel_or_of_no_known_shape_pays_nothing() -> None:
    awaited = Awaited()
    awaited.granted([BTC], 0)
    awaited.came([update('{"symbol":"BTC/USD"}', channel="ticker"), update("7"), update()])
    assert awaited.overdue(99, 1.0) == [BTC]


def test_a_channel_without_symbols_is_paid_by_any_of_its_messages() -> None:
    awaited = Awaited()
    awaited.granted([Subscription("instrument")], 0)
    awaited.came([Update("instrument", "snapshot", members={"pairs": []})])
    assert not awaited


def test_time_in_which_nobody_looked_does_not_count() -> None:
    awaited = Awaited()
    awaited.granted([BTC], 0)
    awaited.forgive(100)
    assert awaited.overdue(109, 1.0) == []
    assert awaited.overdue(110, 1.0) == [BTC]


def test_a_new_grant_begins_anew() -> None:
    awaited = Awaited()
    awaited.granted([BTC], 0)
    awaited.came([update('{"symbol":"BTC/USD"}')])
    awaited.granted([BTC], 20)
    assert not awaited.paid(BTC)
    assert awaited.overdue(31, 1.0) == [BTC]
    awaited.forget([BTC])
    assert not awaited


def test_a_channel_without_symbols_is_paid_by_whatever_comes() -> None:
    """Its items may name symbols all the same, as reports of an account do."""
    for item in ('{"symbol":"BTC/USD"}', "{}"):
        awaited = Awaited()
        whole = Subscription("executions", None, snapshot=True)
        awaited.granted([whole, BTC], 0)
        awaited.came([update(item, channel="executions")])
        assert awaited.overdue(99, 1.0) == [BTC]
    awaited = Awaited()
    awaited.granted([whole], 0)
    awaited.came([update(channel="executions", type_="snapshot")])
    assert awaited.overdue(99, 1.0) == []
