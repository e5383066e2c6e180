"""Trades without ids, compared with REST's from time to time."""

from krakencli.continuity import Unaudited

from .kit import BTC
from .market import BEGIN, Course, Made, course, live, stamp, trades

MADE = trades(40)


def audited(count: int = len(MADE), **terms: float) -> Course:
    """A stream that is compared every five seconds."""
    return course(MADE[:count], audit_every=5.0, **terms)


def test_a_trade_that_the_stream_lost_is_printed_late_and_told() -> None:
    run = audited(8)
    run.tell(*map(live, [*MADE[:3], *MADE[5:8]]))
    run.wait(4)
    assert run.calls == []
    run.wait(2)
    assert run.course() == [-1, -2, -3, -6, -7, -8, 4, 5]
    (filled,) = run.filled
    assert (filled.first_id, filled.last_id, filled.count, filled.reason) == (4, 5, 2, "audit")
    assert (run.gaps, run.surplus) == ([], [])
    figures = run.joined.figures()[BTC]
    assert (figures.audited, figures.backfilled) == (6, 2)


def test_the_next_comparison_begins_where_the_last_one_ended() -> None:
    run = audited()
    run.rest.trades = MADE[:4]
    run.tell(*map(live, MADE[:4]))
    run.wait(6)
    run.rest.trades = MADE[:9]
    run.tell(*map(live, MADE[5:9]))
    run.wait(5)
    assert run.course() == [-1, -2, -3, -4, -6, -7, -8, -9, 5]
    since = run.calls[1].since
    assert since is not None
    assert MADE[3].ns - 10_000 < since < MADE[3].ns


def test_the_last_trade_of_a_market_is_found_too() -> None:
    run = audited(4)
    run.tell(*map(live, MADE[:3]))
    run.wait(6)
    assert run.course() == [-1, -2, -3, 4]


def test_a_trade_that_rest_does_not_have_yet_waits_for_the_next_comparison() -> None:
    run = audited(8)
    run.rest.lag = 3
    run.tell(*map(live, MADE[:7]))
    run.wait(6)
    assert (run.course(), run.surplus) == ([-1, -2, -3, -4, -5, -6, -7], [])
    run.rest.lag = 0
    run.wait(5)
    assert run.course()[7:] == [8]
    assert run.surplus == []
    assert run.joined.figures()[BTC].audited == 7


def test_a_trade_that_rest_never_has_is_told() -> None:
    run = audited(8)
    run.tell(*map(live, [*MADE[:3], MADE[2], *MADE[3:8]]))
    run.wait(6)
    (surplus,) = run.surplus
    assert (surplus.count, surplus.after, surplus.before) == (1, *[stamp(MADE[2].ns // 1000)] * 2)
    assert run.joined.figures()[BTC].surplus == 1
    run.wait(20)
    assert len(run.surplus) == 1


def test_a_market_that_says_nothing_is_compared_from_what_rest_has_first() -> None:
    run = audited()
    run.rest.trades = MADE[:20]
    run.wait(6)
    assert run.course() == []
    run.rest.trades = MADE[:22]
    run.wait(5)
    assert run.course() == [21, 22]


def test_pages_are_asked_for_at_once() -> None:
    run = audited()
    run.rest.size = 7
    lost = {3, 17, 18, 33}
    run.tell(*(live(one) for one in MADE if one.trade_id not in lost))
    run.wait(8)
    assert run.course()[-4:] == [3, 17, 18, 33]
    assert len(run.calls) >= 6


def test_more_than_is_remembered_is_a_gap() -> None:
    run = audited(remember=10)
    run.tell(*map(live, MADE))
    run.wait(6)
    (gap,) = run.gaps
    assert gap.before == stamp(MADE[30].ns // 1000)
    assert "remembered" in gap.reason
    assert run.joined.figures()[BTC].audited == 10
    run.wait(20)
    assert (len(run.gaps), run.filled) == (1, [])


def test_a_comparison_that_fails_is_told_once_and_made_the_next_time() -> None:
    run = audited(8)
    run.delay = 1e9
    run.tell(*map(live, MADE[:7]))
    for _ in range(2):
        run.wait(6)
        run.outs += run.joined.fail(run.calls[-1], "HTTP 503")
    assert run.told(Unaudited) == [Unaudited(BTC, "HTTP 503")]
    run.asked, run.delay = [], 0.0
    run.wait(6)
    assert run.course()[7:] == [8]


def test_a_loss_of_the_connection_without_patience_is_left_to_the_audit() -> None:
    run = audited(9, fill_timeout=0.0)
    run.tell(*map(live, MADE[:3]))
    run.resume()
    run.tell(live(MADE[6]))
    assert run.course() == [-1, -2, -3, -7]
    run.wait(6)
    assert run.course() == [-1, -2, -3, -7, 4, 5, 6, 8, 9]
    assert run.gaps == []


def test_alike_trades_are_counted() -> None:
    made = [*(Made(n, BEGIN + 7_000) for n in range(1, 6)), Made(6, BEGIN + 9_000)]
    run = course(made, audit_every=5.0)
    run.tell(live(Made(0, BEGIN)))
    run.tell(*map(live, [made[0], made[1], made[5]]))
    run.rest.trades.insert(0, Made(0, BEGIN))
    run.wait(6)
    assert run.course()[4:] == [3, 4, 5]


def test_what_rest_has_first_may_still_come_over_the_stream() -> None:
    run = audited(5)
    run.tell(*map(live, MADE[:4]))
    run.wait(5.2)
    assert (len(run.calls), run.asked) == (1, [])
    run.tell(live(MADE[4]))
    run.wait(5)
    assert run.course() == [-1, -2, -3, -4, -5]
    assert run.joined.figures()[BTC].duplicates == 0
