"""Every trade once and in order: the first ones, disorder, duplicates, holes, answers, ends."""

import pytest
from msgspec import Raw

from krakencli.continuity import (
    FILL_TIMEOUT,
    HOLD_MOST,
    REORDERING,
    Backfilled,
    Continuity,
    Figures,
    FillWanted,
    Gap,
    Malformed,
)
from krakencli.model import Run

from .kit import BTC, ETH, Batch, begun, ids, printed, rest, snapshot, told, trade, update


def wanted(kept: Continuity, now: float) -> FillWanted:
    """The only news of a tick."""
    (wish,) = kept.tick(now)
    assert isinstance(wish, FillWanted)
    return wish


def test_consecutive_trades_pass_as_they_came_in_one_run() -> None:
    kept = Continuity()
    outs = kept.take([update(5, 6), update(7), update(90, symbol=ETH), update(8)], 0)
    assert len(outs) == 1
    assert (ids(outs), ids(outs, ETH)) == ([5, 6, 7, 8], [90])
    assert isinstance(outs[0], Run)
    assert [bytes(item) for _, item in outs[0].records][:2] == [bytes(trade(5)), bytes(trade(6))]
    assert not kept.waiting


@pytest.mark.parametrize("asked", [True, False])
def test_a_first_snapshot_is_printed_only_where_it_was_asked_for(asked: bool) -> None:
    kept = Continuity(print_snapshot=asked)
    outs = kept.take([snapshot(4, 3, 5), update(6)], 0)
    before = [(3, "snapshot"), (4, "snapshot"), (5, "snapshot")] if asked else []
    assert printed(outs) == [*before, (6, "update")]
    assert kept.figures()[BTC] == Figures(printed=4 if asked else 1)


def test_behind_a_snapshot_that_is_not_printed_a_hole_is_seen() -> None:
    kept = Continuity(print_snapshot=False)
    assert ids(kept.take([snapshot(3, 5, 4)], 0)) == []
    assert kept.began(BTC)
    assert ids(kept.take([update(8)], 0)) == []
    assert wanted(kept, 1) == FillWanted(BTC, 6, 7, "t0000005", 10.0)


def test_what_is_older_than_the_first_trade_is_no_business_of_ours() -> None:
    kept = begun(7)
    assert kept.take([update(5, 6)], 0) == []
    assert kept.figures()[BTC] == Figures(printed=1)


def test_ids_of_one_message_may_be_in_any_order_and_of_several_symbols() -> None:
    kept = begun(1)
    mixed = Batch("update", [trade(3), trade(9, ETH), trade(2), trade(8, ETH), trade(4)])
    outs = kept.take([mixed], 0)
    assert (ids(outs), ids(outs, ETH)) == ([2, 3, 4], [8, 9])
    assert told(outs) == []


def test_what_was_printed_or_is_held_is_not_taken_twice() -> None:
    kept = begun(1, 2, 3)
    assert ids(kept.take([update(2, 3), update(3, 4, 4), update(6, 6)], 0)) == [4]
    assert ids(kept.take([update(5)], 0)) == [5, 6]
    assert kept.figures()[BTC] == Figures(printed=6, duplicates=5)


def test_disorder_is_mended_by_itself_and_nobody_is_asked() -> None:
    kept = begun(1)
    assert kept.take([update(3), update(4)], 0) == []
    assert kept.tick(REORDERING / 2) == []
    assert ids(kept.take([update(2)], 0.1)) == [2, 3, 4]
    assert not kept.waiting
    assert kept.tick(99) == []


def test_a_hole_holds_its_symbol_alone_is_asked_for_once_and_filled_in_its_place() -> None:
    kept = begun(1)
    outs = kept.take([update(4, 5), update(1, 2, symbol=ETH)], 0)
    assert (ids(outs), ids(outs, ETH)) == ([], [1, 2])
    wish = wanted(kept, REORDERING)
    assert wish == FillWanted(BTC, 2, 3, "t0000001", 10.0)
    assert kept.tick(REORDERING + 1) == []
    assert ids(kept.take([update(6)], 1)) == []
    outs = kept.fill(wish, rest(3, 2, 1, 4, 99))
    assert printed(outs) == [(2, "filled"), (3, "filled"), (4, "update"), (5, "update"), (6, "update")]
    assert told(outs) == [Backfilled(BTC, 2, 3, 2)]
    assert kept.figures()[BTC] == Figures(printed=6, backfilled=2)
    assert ids(kept.take([update(7)], 2)) == [7]


@pytest.mark.parametrize("mark", [b"}", b',"source":"backfill"}', b"}\n"])
def test_the_mark_is_the_last_field_and_there_once(mark: bytes) -> None:
    kept = begun(1)
    kept.take([update(3)], 0)
    text = b'{"symbol":"BTC/USD","trade_id":2,"timestamp":"t2"'
    (run, _) = kept.fill(wanted(kept, 1), {2: Raw(text + mark)})
    assert isinstance(run, Run)
    assert bytes(run.records[0][1]) == text + b',"source":"backfill"}'


def test_a_hole_that_opens_while_another_is_asked_for_is_asked_for_too() -> None:
    kept = begun(1)
    kept.take([update(4)], 0)
    first = wanted(kept, 1)
    kept.take([update(7), update(9)], 2)
    assert kept.tick(3) == []
    assert ids(kept.fill(first, rest(2, 3))) == [2, 3, 4]
    second = wanted(kept, 3)
    assert second == FillWanted(BTC, 5, 8, "t0000004", 12.0)
    outs = kept.fill(second, rest(5, 6, 7, 8))
    assert printed(outs) == [(5, "filled"), (6, "filled"), (7, "update"), (8, "filled"), (9, "update")]
    assert told(outs) == [Backfilled(BTC, 5, 8, 3)]


def test_a_wish_leaves_out_what_has_come_at_its_edges() -> None:
    kept = begun(1)
    kept.take([update(9, 8, 3)], 0)
    assert wanted(kept, 1) == FillWanted(BTC, 2, 7, "t0000001", 10.0)
    kept = begun(1)
    kept.take([update(4)], 0)
    wanted(kept, 1)
    kept.fill(FillWanted(BTC, 2, 3, "", 0.0), {})
    kept.take([update(6), update(5)], 1)
    assert kept.tick(2) == []


def test_a_partial_answer_comes_out_as_far_as_it_reaches() -> None:
    kept = begun(1)
    kept.take([update(6)], 0)
    wish = wanted(kept, 1)
    outs = kept.fill(wish, rest(2, 4))
    assert (ids(outs), told(outs)) == ([2], [Backfilled(BTC, 2, 2, 1)])
    outs = kept.tick(FILL_TIMEOUT)
    assert ids(outs) == [4, 6]
    assert told(outs) == [
        Gap(BTC, 3, 3, "t0000002", "t0000004"),
        Backfilled(BTC, 4, 4, 1),
        Gap(BTC, 5, 5, "t0000004", "t0000006"),
    ]
    assert kept.figures()[BTC] == Figures(printed=4, backfilled=2, missing=2, gaps=2)


def test_a_hole_is_asked_for_after_a_partial_answer_to_another() -> None:
    kept = begun(1)
    kept.take([update(4)], 0)
    wish = wanted(kept, 1)
    kept.take([update(6)], 2)
    assert ids(kept.fill(wish, rest(2))) == [2]
    assert wanted(kept, 3).first_id == 5


def test_the_snapshot_of_a_resubscription_fills_what_it_can() -> None:
    kept = begun(1, 2)
    kept.lost([BTC])
    outs = kept.take([snapshot(1, 2, 3, 4), update(5)], 9)
    assert printed(outs) == [(3, "snapshot"), (4, "snapshot"), (5, "update")]
    assert told(outs) == []


def test_after_a_reconnect_of_a_quiet_market_nothing_is_printed() -> None:
    kept = begun(1, 2, 3)
    kept.lost([BTC])
    assert kept.take([snapshot(1, 2, 3)], 99) == []
    assert not kept.waiting
    assert kept.figures()[BTC] == Figures(printed=3, duplicates=3)


def test_beyond_the_reach_of_a_snapshot_somebody_is_asked() -> None:
    kept = begun(1, 2)
    kept.lost([BTC])
    assert ids(kept.take([snapshot(6, 7), update(8)], 20)) == []
    wish = wanted(kept, 21)
    assert wish == FillWanted(BTC, 3, 5, "t0000002", 30.0)
    assert printed(kept.fill(wish, rest(3, 4, 5))) == [
        *((number, "filled") for number in (3, 4, 5)),
        (6, "snapshot"),
        (7, "snapshot"),
        (8, "update"),
    ]


def test_a_hole_that_was_open_when_the_connection_went_is_closed_by_the_snapshot() -> None:
    kept = begun(1)
    kept.take([update(3)], 0)
    kept.lost([BTC])
    outs = kept.take([snapshot(2, 3, 4)], 5)
    assert printed(outs) == [(2, "snapshot"), (3, "update"), (4, "snapshot")]


def test_what_does_not_come_in_time_is_a_gap_and_each_hole_has_its_own_time() -> None:
    kept = begun(1)
    kept.take([update(3)], 0)
    kept.take([update(5)], 4)
    assert ids(kept.tick(FILL_TIMEOUT - 0.1)) == []
    outs = kept.tick(FILL_TIMEOUT)
    assert (ids(outs), outs[0]) == ([3], Gap(BTC, 2, 2, "t0000001", "t0000003"))
    outs = kept.tick(FILL_TIMEOUT + 4)
    assert (ids(outs), told(outs)) == ([5], [Gap(BTC, 4, 4, "t0000003", "t0000005")])
    assert not kept.waiting


def test_a_trade_of_a_gap_is_late_for_ever_and_never_printed() -> None:
    kept = begun(1)
    kept.take([update(5)], 0)
    wish = wanted(kept, 1)
    (gap, _) = kept.tick(FILL_TIMEOUT)
    assert isinstance(gap, Gap)
    assert gap.missing == 3
    assert kept.take([update(2), snapshot(1, 3, 5)], 11) == []
    assert kept.fill(wish, rest(4)) == []
    assert kept.figures()[BTC] == Figures(printed=2, missing=3, gaps=1, late=3, duplicates=2)


def test_without_patience_nothing_is_held_beyond_its_message() -> None:
    kept = begun(1, fill_timeout=0)
    outs = kept.take([update(4, 3), update(5)], 0)
    assert ids(outs) == [3, 4, 5]
    assert told(outs) == [Gap(BTC, 2, 2, "t0000001", "t0000003")]
    assert (kept.waiting, kept.tick(9)) == (False, [])


def test_the_end_of_a_stream_releases_what_is_held_with_its_gaps() -> None:
    kept = begun(1)
    kept.take([update(3), update(6), update(4, 6, symbol=ETH)], 0)
    outs = kept.release()
    assert (ids(outs), ids(outs, ETH)) == ([3, 6], [6])
    assert [(gap.symbol, gap.first_id, gap.last_id) for gap in told(outs) if isinstance(gap, Gap)] == [
        (BTC, 2, 2),
        (BTC, 4, 5),
        (ETH, 5, 5),
    ]
    assert (kept.waiting, kept.release()) == (False, [])


def test_where_nobody_can_tell_only_what_was_asked_for_is_given_up() -> None:
    kept = begun(1)
    kept.take([update(3)], 0)
    first = wanted(kept, 1)
    kept.take([update(5)], 1)
    outs = kept.fail(first)
    assert (ids(outs), len(told(outs))) == ([3], 1)
    assert wanted(kept, 2).first_id == 4


def test_an_answer_to_a_wish_that_was_given_up_says_nothing_of_the_next_one() -> None:
    kept = begun(1)
    kept.take([update(3)], 0)
    first = wanted(kept, 1)
    kept.take([update(5)], 9)
    second = kept.tick(FILL_TIMEOUT)[-1]
    assert isinstance(second, FillWanted)
    assert kept.fail(first) == []
    assert kept.waiting
    assert ids(kept.fill(second, rest(4))) == [4, 5]


def test_no_more_is_held_than_memory_bears() -> None:
    kept = begun(1)
    most = list(range(3, 3 + HOLD_MOST))
    assert kept.take([update(*most)], 0) == []
    outs = kept.take([update(3 + HOLD_MOST)], 0)
    assert ids(outs) == [*most, 3 + HOLD_MOST]
    assert len(told(outs)) == 1


def test_an_answer_is_held_no_more_than_memory_bears() -> None:
    kept = begun(1)
    kept.take([update(20_000)], 0)
    outs = kept.fill(wanted(kept, 1), rest(*range(3, 20_000)))
    assert ids(outs) == list(range(3, 20_001))
    assert told(outs)[0] == Gap(BTC, 2, 2, "t0000001", "t0000003")


def test_holes_without_number_give_way_the_oldest_first() -> None:
    kept = begun(1)
    outs = kept.take([update(*range(3, 4 + 2 * HOLD_MOST, 2))], 0)
    assert len(ids(outs)) == HOLD_MOST // 2 + 1
    assert ids(outs) == list(range(3, 4 + HOLD_MOST, 2))
    assert kept.figures()[BTC].gaps == len(ids(outs))


def test_figures_are_there_from_the_subscription_on() -> None:
    kept = Continuity()
    kept.subscribed(BTC)
    assert (kept.figures(), kept.began(BTC)) == ({BTC: Figures()}, False)
    assert ids(kept.take([update(4)], 0)) == [4]
    kept.lost([ETH])
    assert kept.figures()[ETH] == Figures()


@pytest.mark.parametrize(
    "item",
    [
        b"7",
        b"",
        b'{"symbol":"BTC/USD"}',
        b'{"trade_id":1}',
        b'{"symbol":"BTC/USD","trade_id":"1"}',
        b'{"symbol":"BTC/USD","trade_id":-1}',
        b'{"symbol":"\xff","trade_id":1}',
        b'{"x":' + b"[" * 100_000,
    ],
)
def test_what_is_no_trade_ends_the_list_and_what_came_before_is_there(item: bytes) -> None:
    kept = Continuity()
    outs = kept.take([Batch("update", [trade(1), trade(2), Raw(item), trade(3)]), update(4)], 0)
    assert ids(outs) == [1, 2]
    assert isinstance(outs[-1], Malformed)
    assert outs[-1].reason
