"""Every fill once and in order, every order's end told, whatever a connection does."""

import pytest

from krakencli.account import (
    Backfilled,
    Follower,
    Gap,
    History,
    HistoryWanted,
    Malformed,
    SequenceBroken,
    Unsettled,
    Wants,
)
from krakencli.account.follower import SETTLED_AFTER, SNAPSHOT_TRADES
from krakencli.account.known import Known

from .kit import fill, message, names, news, order, printed, snapshot, time, update

TRADES = Wants(orders=False, first_orders=False, first_trades=True)


EVERYTHING = Wants()


def begun(*items: bytes, wants: Wants = EVERYTHING, timeout: float = 10.0) -> Follower:
    follower = Follower(wants, fill_timeout=timeout)
    follower.granted(time(0), 0)
    follower.take(snapshot(*items), 0)
    return follower


def back(follower: Follower, *items: bytes, now: float = 100.0) -> list[object]:
    """The connection is lost and another one brings this snapshot."""
    follower.lost(time(50))
    follower.granted(time(60), 60)
    outs = follower.take(snapshot(*items), now)
    assert outs == []
    outs = follower.tick(now + SETTLED_AFTER)
    if len(outs) == 1 and isinstance(outs[0], HistoryWanted) and not outs[0].fills and not outs[0].orders:
        return [*follower.fill(outs[0], History())]  # nothing came and went
    return [*outs]


def test_the_first_snapshot_shows_what_was_asked_for() -> None:
    items = (order("O1"), fill("T1", "O0"))
    for wants, due in (
        (Wants(), ["O1 new"]),
        (Wants(first_trades=True), ["O1 new", "T1"]),
        (Wants(first_orders=False), []),
        (TRADES, ["T1"]),
    ):
        assert names(Follower(wants).take(snapshot(*items), 0)) == due


def test_orders_and_trades_may_come_in_two_snapshots() -> None:
    follower = Follower(Wants(first_trades=True))
    assert names(follower.take(snapshot(order("O1")), 0)) == ["O1 new"]
    assert names(follower.take(message("snapshot", 2, fill("T1", "O0")), 0)) == ["T1"]
    assert names(follower.take(update(3, fill("T2")), 0)) == ["T2"]


def test_updates_are_printed_as_they_come_with_their_sequence() -> None:
    follower = begun()
    (run,) = follower.take(update(2, order("O1"), fill("T1")), 1)
    assert names([run]) == ["O1 new", "T1"]
    assert run.sequence == 2  # type: ignore[union-attr]
    assert names(follower.take(update(3, order("O1", status="filled")), 1)) == ["O1 filled"]
    assert follower.orders.open == {}


def test_who_wants_trades_gets_trades_only() -> None:
    follower = begun(order("O1"), wants=TRADES)
    assert names(follower.take(update(2, order("O2"), fill("T1")), 0)) == ["T1"]


def test_after_a_loss_new_fills_and_changes_come_once_and_in_order() -> None:
    follower = begun(order("O1", order_qty=5, cum_qty=0), order("O2"))
    follower.take(update(2, fill("T1", second=1)), 1)
    outs = back(
        follower,
        *(fill("T3", second=31), fill("T2", second=30), fill("T1", second=1)),
        *(order("O1", 31, order_qty=5, cum_qty=3), order("O2"), order("O3", 32)),
    )
    assert printed(outs) == [
        *(("snapshot", "T2", ""), ("snapshot", "T3", "")),
        *(("snapshot", "O1 new", ""), ("snapshot", "O3 new", "")),
    ]
    assert news(outs) == []
    assert set(follower.orders.open) == {"O1", "O2", "O3"}


def test_fills_of_one_moment_come_by_their_numbers() -> None:
    follower = begun(wants=TRADES)
    newest_first = [
        fill(name, "O1", 30, trade_id=number) for name, number in (("T3", 12), ("T2", 11), ("T1", 10))
    ]
    assert names(back(follower, *newest_first)) == ["T1", "T2", "T3"]


def test_nothing_new_after_a_loss_prints_nothing() -> None:
    follower = begun(order("O1"))
    follower.take(update(2, fill("T1", "O0")), 1)
    assert back(follower, fill("T1", "O0"), order("O1")) == []
    assert names(follower.take(update(2, fill("T2")), 200)) == ["T2"]


def test_the_first_update_ends_a_snapshot_too() -> None:
    follower = begun(wants=TRADES)
    follower.take(update(2, fill("T1", second=1)), 1)
    follower.lost(time(50))
    follower.take(snapshot(fill("T1", second=1), fill("T2", second=2)), 100)
    assert names(follower.take(update(2, fill("T3", second=3)), 100)) == ["T2", "T3"]


def test_a_fill_that_comes_by_snapshot_and_update_is_printed_once() -> None:
    follower = begun(wants=TRADES)
    follower.take(update(2, fill("T1", second=1)), 1)
    follower.lost(time(50))
    follower.take(snapshot(fill("T1", second=1), fill("T2", second=2)), 100)
    assert names(follower.take(update(2, fill("T2", second=2)), 100)) == ["T2"]
    assert follower.figures.duplicates == 2


def test_without_a_known_fill_history_is_wanted_and_everything_waits() -> None:
    follower = begun()
    follower.take(update(2, fill("T1", second=1)), 1)
    (wish,) = back(follower, fill("T9", second=40))
    assert wish == HistoryWanted(True, time(1), "T1", [], time(50), 101 + 10)
    assert follower.take(update(2, fill("T10", second=61)), 102) == []
    history = History(
        {"T2": fill("T2", second=2), "T9": fill("T9", second=40), "T3": fill("T3", second=3)}, complete=True
    )
    outs = follower.fill(wish, history)
    assert printed(outs) == [
        ("update", "T2", "backfill"),
        ("update", "T3", "backfill"),
        ("snapshot", "T9", ""),
        ("update", "T10", ""),
    ]
    assert news(outs) == [Backfilled("T2", "T3", 2)]
    assert follower.figures.backfilled == 2
    assert not follower.waiting


def test_a_snapshot_that_is_full_and_unknown_is_a_hole_even_if_no_fill_was_known() -> None:
    follower = begun()
    (wish,) = back(follower, *(fill(f"T{number}", second=number) for number in range(SNAPSHOT_TRADES)))
    assert isinstance(wish, HistoryWanted)
    assert (wish.fills, wish.after, wish.known) == (True, time(50), None)


def test_a_snapshot_that_is_not_full_holds_all_where_no_fill_was_known() -> None:
    follower = begun()
    few = [fill(f"T{number}", second=number) for number in range(SNAPSHOT_TRADES - 1)]
    assert len(names(back(follower, *few))) == len(few)


def test_history_that_is_not_complete_is_a_gap() -> None:
    follower = begun()
    follower.take(update(2, fill("T1", second=1)), 1)
    (wish,) = back(follower, fill("T9", second=40))
    outs = follower.fill(wish, History({"T5": fill("T5", second=5)}))
    assert names(outs) == ["T5", "T9"]
    assert news(outs) == [Gap(time(1), time(60)), Backfilled("T5", "T5", 1)]


def test_history_that_nobody_tells_is_waited_for_so_long() -> None:
    follower = begun(order("O1"), timeout=5)
    follower.take(update(2, fill("T1", second=1)), 1)
    (wish,) = back(follower, fill("T9", second=40))
    assert wish.until == 101 + 5
    assert follower.tick(105.9) == []
    outs = follower.tick(106)
    assert names(outs) == ["T9"]
    assert news(outs) == [Gap(time(1), time(60)), Unsettled("O1", time(50), time(60))]
    assert follower.fill(wish, History({"T2": fill("T2")})) == []  # too late
    assert follower.orders.open == {}


def test_an_order_that_vanished_is_looked_up_and_its_end_told_after_its_fills() -> None:
    follower = begun(order("O1"), order("O2"))
    follower.take(update(2, fill("T1", "O1", 1)), 1)
    (wish,) = back(follower, fill("T1", "O1", 1), fill("T2", "O1", 30), order("O2"))
    assert wish == HistoryWanted(False, time(1), "T1", ["O1"], time(50), 101 + 10)
    outs = follower.fill(wish, History(orders={"O1": order("O1", 31, "filled")}))
    assert printed(outs) == [("snapshot", "T2", ""), ("update", "O1 filled", "backfill")]
    assert news(outs) == []
    assert set(follower.orders.open) == {"O2"}


def test_an_order_that_came_and_went_unheard_is_told_too() -> None:
    follower = begun()
    follower.lost(time(50))
    follower.granted(time(60), 60)
    follower.take(snapshot(), 100)
    (wish,) = follower.tick(100 + SETTLED_AFTER)
    assert wish == HistoryWanted(False, time(50), None, [], time(50), 101 + 10)
    assert follower.take(update(2, order("O9", 56, "canceled")), 102) == []
    history = History(orders={"O8": order("O8", 55, "filled"), "O9": order("O9", 56, "canceled")})
    assert names(follower.fill(wish, history)) == ["O8 filled", "O9 canceled"]
    assert follower.take(update(3, order("O8", 55, "filled")), 103) == []


def test_who_wants_trades_only_asks_for_no_orders() -> None:
    follower = begun(order("O1"), wants=TRADES)
    assert back(follower) == []


def test_a_jump_of_the_sequence_renews_the_subscription_and_loses_nothing() -> None:
    follower = begun(wants=TRADES)
    follower.take(update(2, fill("T1", second=1)), 1)
    outs = follower.take(update(4, fill("T3", second=3)), 2)
    assert outs == [SequenceBroken(3, 4)]
    assert follower.take(update(5, fill("T4", second=4)), 3) == []
    follower.granted(time(9), 9, renewed=True)
    assert follower.take(snapshot(*(fill(f"T{n}", second=n) for n in (1, 2, 3, 4))), 4) == []
    assert names(follower.take(update(2, fill("T5", second=5)), 5)) == ["T2", "T3", "T4", "T5"]
    assert follower.figures.fills == 5


def test_a_renewal_for_another_reason_is_compared_too() -> None:
    follower = begun(wants=TRADES)
    follower.take(update(2, fill("T1", second=1)), 1)
    follower.granted(time(9), 9, renewed=True)
    follower.take(snapshot(fill("T1", second=1), fill("T2", second=2)), 4)
    assert names(follower.tick(4 + SETTLED_AFTER)) == ["T2"]


def test_a_loss_before_the_first_snapshot_is_no_loss() -> None:
    follower = Follower(Wants())
    follower.lost(time(1))
    follower.granted(time(2), 2)
    assert names(follower.take(snapshot(order("O1"), fill("T1", "O0")), 0)) == ["O1 new"]


def test_a_loss_while_history_is_wanted_begins_anew() -> None:
    follower = begun(order("O1"))
    follower.take(update(2, fill("T1", second=1)), 1)
    (wish,) = back(follower, fill("T8", second=40))
    follower.take(update(2, fill("T9", second=45)), 103)
    follower.lost(time(70))
    assert follower.fill(wish, History({"T2": fill("T2")}, complete=True)) == []
    follower.granted(time(80), 80)
    follower.take(snapshot(fill("T8", second=40), fill("T9", second=45), fill("T10", second=46)), 110)
    (again,) = follower.tick(110 + SETTLED_AFTER)
    assert (again.known, again.orders) == ("T1", ["O1"])  # type: ignore[union-attr]
    outs = follower.fill(
        again, History({"T2": fill("T2", second=2)}, {"O1": order("O1", 3, "canceled")}, True)
    )  # type: ignore[arg-type]
    assert names(outs) == ["T2", "T8", "T9", "T10", "O1 canceled"]


def test_the_end_of_a_stream_releases_what_is_held() -> None:
    follower = begun(order("O1"))
    follower.take(update(2, fill("T1", second=1)), 1)
    follower.lost(time(50))
    follower.take(snapshot(fill("T1", second=1), fill("T2", second=2)), 100)
    outs = follower.release(101)
    assert names(outs) == ["T2"]
    assert [type(out) for out in news(outs)] == [HistoryWanted, Unsettled]


@pytest.mark.parametrize("item", [b"7", b"{}", b'{"order_id":7}', b'{"order_id":"O","exec_type":"trade"}'])
def test_what_is_no_report_ends_the_list(item: bytes) -> None:
    assert isinstance(begun().take(update(2, item), 0)[-1], Malformed)


def test_what_is_remembered_is_bounded() -> None:
    known = Known(most=3)
    assert known.newest is None
    assert [known.add(name, time(second)) for second, name in enumerate("ABCDBA")] == [True] * 4 + [
        False,
        True,
    ]
    assert len(known) == 3
    assert ("A" in known, "B" in known, "D" in known) == (True, False, True)
    assert known.newest == ("A", time(5))


def test_the_end_of_a_stream_releases_what_waits_for_a_snapshot_too() -> None:
    follower = begun()
    follower.take(update(2, fill("T1", second=1)), 1)
    follower.take(update(4, fill("T3", second=3)), 2)
    follower.take(update(5, fill("T4", second=4)), 2)
    outs = follower.release(3)
    assert names(outs) == ["T3", "T4"]
    assert news(outs) == [Gap(time(1), time(3))]
    assert not follower.waiting


def test_fills_of_one_moment_without_numbers_keep_their_order() -> None:
    """v1's snapshots begin with the newest trade; REST, which numbers them, may not have the newest yet."""
    follower = begun(fill("T1"), wants=TRADES)
    outs = back(follower, fill("T4", second=9), fill("T3", second=9), fill("T2", second=9), fill("T1"))
    assert names(outs) == ["T2", "T3", "T4"]
    follower = begun(fill("T1"), wants=TRADES)
    (wish,) = back(follower, fill("T4", second=9), fill("T3", second=9))
    assert isinstance(wish, HistoryWanted)
    found = {f"T{n}": fill(f"T{n}", second=9, trade_id=n) for n in (2, 3)}
    assert names(follower.fill(wish, History(found, complete=True))) == ["T2", "T3", "T4"]


def test_a_snapshot_that_does_not_come_is_taken_as_empty_where_that_may_be() -> None:
    for patience, due in ((5.0, ["O1"]), (None, [])):
        follower = Follower(Wants(trades=False), empty_after=patience)
        follower.granted(time(0), 0)
        follower.take(snapshot(order("O1")), 0)
        follower.lost(time(50))
        follower.granted(time(60), 60)
        assert follower.tick(64.9) == []
        wishes = [one for one in follower.tick(65) if isinstance(one, HistoryWanted)]
        assert [name for wish in wishes for name in wish.orders] == due


def test_reports_without_a_time_leave_the_gap_where_it_was() -> None:
    follower = begun()
    follower.take(update(2, order("O1", second=1)), 1)
    follower.take(update(4, order("O1", timestamp="")), 2)
    assert news(follower.release(3)) == [Gap(time(1), time(1))]


def test_the_first_news_of_a_subscription_stand_for_an_empty_snapshot() -> None:
    follower = begun(fill("T1", second=1), wants=TRADES)
    follower.lost(time(50))
    follower.granted(time(60), 60)
    (wish,) = follower.take(update(1, fill("T3", second=61)), 100)
    assert isinstance(wish, HistoryWanted)
    assert wish.fills
    assert names(follower.fill(wish, History({"T2": fill("T2", second=55)}, complete=True))) == ["T2", "T3"]
