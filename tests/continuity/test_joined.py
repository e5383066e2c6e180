"""Trades without ids, joined with REST's: one case after the other."""

import pytest

from krakencli.continuity import HOLD_MOST

from .kit import BTC
from .market import BEGIN, Course, Made, Spelling, course, live, stamp, trades

MADE = trades(12)


def test_calm_trades_are_printed_at_once_and_nobody_is_asked() -> None:
    run = course(MADE)
    run.tell(live(MADE[0]), live(MADE[1]))
    run.tell(live(MADE[2]))
    assert run.ids() == [1, 2, 3]
    run.wait(60)
    assert run.calls == []
    assert not run.joined.waiting


@pytest.mark.parametrize("spelling", ["cut", "rounded"])
def test_after_a_loss_the_missing_ones_come_in_place(spelling: Spelling) -> None:
    run = course(MADE)
    run.tell(*(live(one, spelling) for one in MADE[:4]))
    run.resume()
    run.tell(live(MADE[8], spelling), live(MADE[9], spelling))
    assert run.ids() == [1, 2, 3, 4]
    assert run.joined.waiting
    run.wait(1)
    assert run.course() == [-1, -2, -3, -4, 5, 6, 7, 8, -9, -10]
    (filled,) = run.filled
    assert (filled.first_id, filled.last_id, filled.count, filled.reason) == (5, 8, 4, "reconnect")
    assert (filled.after, filled.before) == tuple(stamp(MADE[n].ns // 1000) for n in (4, 7))
    assert [one["source"] for one in run.records()[4:8]] == ["backfill"] * 4
    assert (run.gaps, run.surplus, run.joined.waiting) == ([], [], False)
    figures = run.joined.figures()[BTC]
    assert (figures.backfilled, figures.audited, figures.missing) == (4, 6, 0)
    run.wait(20)
    run.tell(live(MADE[10]))
    assert run.ids()[-1] == 11
    assert len(run.calls) == 1


def test_nothing_lost_is_nothing_printed() -> None:
    run = course(MADE)
    run.tell(*map(live, MADE[:4]))
    run.resume()
    run.tell(live(MADE[4]))
    run.wait(1)
    assert run.course() == [-1, -2, -3, -4, -5]
    assert (run.filled, run.gaps) == ([], [])


def test_trades_that_are_alike_are_counted() -> None:
    made = [Made(1, BEGIN), *(Made(n, BEGIN + 5_000) for n in range(2, 6)), Made(6, BEGIN + 9_000)]
    run = course(made)
    run.tell(*map(live, made[:3]))
    run.resume()
    run.tell(live(made[5]))
    run.wait(1)
    assert run.course() == [-1, -2, -3, 4, 5, -6]
    assert run.gaps == []


def test_rest_that_lags_is_asked_until_it_has_a_trade_of_the_stream() -> None:
    run = course(MADE[:8])
    run.rest.lag, run.delay = 3, 1.0
    run.tell(*map(live, MADE[:3]))
    run.resume()
    run.tell(live(MADE[6]))
    run.wait(2.5)
    assert run.course() == [-1, -2, -3, 4, 5]
    assert run.joined.waiting
    run.rest.trades, run.rest.lag = MADE[:9], 1
    run.wait(3)
    assert run.course() == [-1, -2, -3, 4, 5, 6, -7]
    assert run.gaps == []
    run.tell(live(MADE[7]))
    assert run.course()[-1] == -8


def test_a_rest_that_never_comes_is_a_gap() -> None:
    run = course(MADE[:8], fill_timeout=4.0)
    run.rest.lag, run.delay = 4, 1.0
    run.tell(*map(live, MADE[:4]))
    run.resume()
    run.tell(live(MADE[7]))
    run.wait(5)
    assert run.course() == [-1, -2, -3, -4, -8]
    (gap,) = run.gaps
    assert (gap.after, gap.before) == (stamp(MADE[3].ns // 1000), stamp(MADE[7].ns // 1000))
    assert "slow" in gap.reason
    assert not run.joined.waiting


def test_a_refusal_is_a_gap_at_once() -> None:
    run = course(MADE)
    run.delay = 1e9
    run.tell(*map(live, MADE[:4]))
    run.resume(stamp="back")
    run.wait(0.2)
    run.outs += run.joined.fail(run.calls[0], "HTTP 503")
    (gap,) = run.gaps
    assert (gap.before, gap.reason) == ("back", "HTTP 503")
    run.tell(live(MADE[7]))
    assert run.course() == [-1, -2, -3, -4, -8]


def test_nothing_in_common_is_a_gap() -> None:
    other = [one._replace(price="1.5") for one in MADE]
    run = course(other)
    run.tell(*map(live, MADE[:4]))
    run.resume()
    run.tell(live(MADE[7]))
    run.wait(1)
    assert run.course() == [-1, -2, -3, -4, -8]
    (gap,) = run.gaps
    assert "in common" in gap.reason


def test_without_rest_or_patience_the_time_is_told_and_nothing_is_held() -> None:
    for terms in ({"asks": False}, {"fill_timeout": 0.0}):
        run = course(MADE, **terms)
        run.tell(live(MADE[0]))
        run.resume(stamp="back")
        run.tell(live(MADE[3]))
        assert run.course() == [-1, -4]
        (gap,) = run.gaps
        assert (gap.after, gap.before) == (stamp(MADE[0].ns // 1000), "back")


def test_where_nothing_was_printed_the_time_is_told() -> None:
    run = course(MADE)
    run.resume("lost", "back")
    assert [(one.after, one.before) for one in run.gaps] == [("lost", "back")]
    assert not run.joined.waiting


def test_a_trade_that_is_late_is_printed_once() -> None:
    run = course(MADE)
    run.tell(*map(live, MADE[:4]))
    run.resume()
    run.tell(live(MADE[8]))
    run.wait(1)
    run.tell(live(MADE[7]), live(MADE[9]))
    assert run.course() == [-1, -2, -3, -4, 5, 6, 7, 8, -9, -10]
    assert run.joined.figures()[BTC].duplicates == 1
    run.wait(11)
    run.tell(live(MADE[6]))  # nobody waits for it any more
    assert run.course()[-1] == -7


def test_a_quiet_market_is_joined_when_rest_has_settled() -> None:
    run = course(MADE[:6])
    run.tell(*map(live, MADE[:4]))
    run.resume()
    run.wait(1)
    assert run.course() == [-1, -2, -3, -4, 5, 6]
    assert run.joined.waiting
    run.wait(6)
    assert not run.joined.waiting
    assert len(run.calls) == 2


def test_the_end_of_a_stream_releases_what_is_held() -> None:
    run = course(MADE)
    run.delay = 1e9
    run.tell(live(MADE[0]))
    run.resume()
    run.tell(live(MADE[3]))
    run.outs += run.joined.release()
    assert run.course() == [-1, -4]
    assert len(run.gaps) == 1


def test_a_second_loss_before_the_first_hole_is_closed() -> None:
    run = course(MADE)
    run.rest.lag, run.delay = 8, 1.0
    run.tell(*map(live, MADE[:2]))
    run.resume()
    run.tell(live(MADE[4]))
    run.resume()
    run.tell(live(MADE[8]))
    run.rest.lag = 0
    run.wait(3)
    assert run.course() == [-1, -2, 3, 4, -5, 6, 7, 8, -9]
    assert run.gaps == []


def test_what_is_held_has_a_bound() -> None:
    run = course(MADE)
    run.delay = 1e9
    run.tell(live(MADE[0]))
    run.resume()
    many = live(MADE[5])
    for _ in range(HOLD_MOST // 100 + 1):
        run.tell(*[many] * 100)
    assert len(run.records()) == HOLD_MOST + 101
    assert len(run.gaps) == 1


def test_alike_trades_at_the_very_beginning_may_be_older_than_the_stream() -> None:
    made = [Made(1, BEGIN), Made(2, BEGIN), *trades(4, first=3)[2:]]
    made = [made[0], made[1], *(one._replace(trade_id=n) for n, one in enumerate(made[2:], 3))]
    run = course(made)
    run.tell(live(made[1]))
    run.resume()
    run.tell(live(made[3]))
    run.wait(1)
    assert run.course() == [-2, 3, -4]
    (gap,) = run.gaps
    assert gap.after == gap.before == stamp(BEGIN // 1000)


def test_pages_follow_one_another() -> None:
    made = trades(60)
    run = course(made)
    run.rest.size = 7
    run.tell(*map(live, made[:4]))
    run.resume()
    run.tell(*map(live, made[50:]))
    run.wait(10)
    assert run.ids() == list(range(1, 61))
    assert run.gaps == []
    assert len(run.calls) >= 7


def test_ids_that_rest_leaves_out_are_named() -> None:
    run = course(MADE)
    run.rest.without = frozenset({6, 7})
    run.tell(*map(live, MADE[:4]))
    run.resume()
    run.tell(live(MADE[9]))
    run.wait(5)
    assert run.course() == [-1, -2, -3, -4, 5, 8, 9, -10]
    (gap,) = run.gaps
    assert gap.ids == (6, 7)
    assert run.joined.figures()[BTC].missing == 2


def test_more_trades_of_one_moment_than_a_page_holds_are_named() -> None:
    burst = [Made(5 + n, MADE[3].ns + 10**8) for n in range(12)]
    after = [one._replace(trade_id=17 + n, ns=one.ns + 10**9) for n, one in enumerate(MADE[4:8])]
    run = course([*MADE[:4], *burst, *after])
    run.rest.size = 8
    run.tell(*map(live, MADE[:4]))
    run.resume()
    run.tell(live(after[1]))
    run.wait(6)
    (gap,) = run.gaps
    assert run.course() == [-1, -2, -3, -4, *range(5, gap.ids[0]), 17, -18]
    assert gap.ids[1] == 16
    assert not run.joined.waiting


def half_told() -> Course:
    """A hole of which REST has told one of two alike trades: the stream's own is taken for that one."""
    made = [*MADE[:3], *(MADE[3]._replace(trade_id=n) for n in (4, 5))]
    run = course(made)
    run.rest.lag = 1
    run.tell(*map(live, made[:3]))
    run.resume()
    run.tell(live(made[4]))
    run.wait(1)
    assert (run.course(), run.gaps) == ([-1, -2, -3, -5], [])
    return run


def test_rest_is_asked_again_for_the_moment_at_which_a_hole_was_closed() -> None:
    run = half_told()
    run.rest.lag = 0
    run.wait(6)
    assert run.course() == [-1, -2, -3, -5, 5]
    assert run.gaps == []


def test_a_gap_begins_where_rest_had_told_a_part() -> None:
    run = half_told()
    run.resume()
    run.delay = 1e9
    run.tell(live(MADE[8]))
    run.wait(15)
    (gap,) = run.gaps
    assert gap.after == stamp(MADE[3].ns // 1000 - 2)
