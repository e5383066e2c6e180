"""How far behind: what grows counts, never what a clock says."""

from msgspec import Raw

from krakencli.feed.lag import AGAIN_AFTER, Lag
from krakencli.protocol.messages import Update
from krakencli.transport.link import Batch

from .kit import GREETING, TRADE, Desk, fields, granted, news

SENT = 1_772_460_306.0
"""2026-03-02T14:05:06Z"""


def message(second: float = 6.0, channel: str = "trade") -> Update:
    item = f'{{"symbol":"BTC/USD","timestamp":"2026-03-02T14:05:{second:09.6f}Z"}}'
    return Update(channel, "update", [Raw(b"{}"), Raw(item.encode())])


def test_a_wrong_clock_is_not_late() -> None:
    for wall in (SENT + 1e6, SENT - 1e6):
        lag = Lag()
        assert lag.look(message(), wall, 0, backlog=True) is None
        assert lag.look(message(7), wall + 1, 1, backlog=True) is None


def test_what_grows_with_a_backlog_is_told_now_and_then_and_its_end_once() -> None:
    lag, told = Lag(), []
    lag.look(message(), SENT, 0, backlog=False)
    for second in range(1, 25):
        behind = lag.look(message(6), SENT + second, second, backlog=True)
        told += [(second, behind)] if behind is not None else []
    assert told == [(2, 2.0), (2 + AGAIN_AFTER, 12.0), (2 + 2 * AGAIN_AFTER, 22.0)]
    assert lag.look(message(30.5), SENT + 25, 25, backlog=True) == 0.0
    assert lag.look(message(30.5), SENT + 25, 26, backlog=True) is None


def test_without_a_backlog_nobody_is_late() -> None:
    lag = Lag()
    lag.look(message(), SENT, 0, backlog=False)
    assert lag.look(message(), SENT + 60, 60, backlog=False) is None


def test_messages_without_a_time_say_nothing() -> None:
    lag = Lag()
    for update in (Update("x"), Update("x", "update", [Raw(b"7")]), Update("x", "update", [Raw(b"{}")])):
        assert lag.look(update, SENT, 0, backlog=True) is None
    assert (
        lag.look(Update("ohlc", "update", [], timestamp="2026-03-02T14:05:06.1Z"), SENT, 0, backlog=True)
        is None
    )


def test_it_is_looked_at_once_a_second() -> None:
    lag = Lag()
    assert lag.due(0)
    lag.look(message(), SENT, 0, backlog=False)
    assert [lag.due(0.5), lag.due(1.0)] == [False, True]


def frame(second: float) -> bytes:
    return (
        b'{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","trade_id":1,'
        b'"timestamp":"2026-03-02T14:05:%09.6fZ"}]}' % second
    )


def test_a_feed_that_falls_behind_says_how_far() -> None:
    desk = Desk(TRADE)
    desk.open(GREETING, granted(1), frame(0))
    desk.now += 8
    desk.inbox.put(Batch(desk.link, [frame(1)]), 100, 1)  # type: ignore[arg-type]
    desk.inbox.put(Batch(desk.link, [frame(2), frame(3)]), 100, 2)  # type: ignore[arg-type]
    first = desk.feed.poll(0)
    assert news(first) == ["lag"]
    assert fields(first, "lag") == {"connection": 1, "seconds": 7.0, "frames": 2}
