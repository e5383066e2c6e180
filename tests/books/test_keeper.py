"""All books of a stream: what is printed, what is held, what is given up and what heals it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from krakencli.books.keeper import HOLD_FOR, HOLD_MOST, RENEW_AGAIN, Care, Keeper
from krakencli.books.kept import COUNTED_FOR, DELAYS, WELL_AFTER
from krakencli.books.news import (
    Crossed,
    Failed,
    Failure,
    Hopeless,
    Malformed,
    Out,
    PrecisionsWanted,
    RenewalWanted,
    Restored,
    Unchecked,
)
from krakencli.books.views import View
from krakencli.model import Run

from .kit import Levels, book_item, crc

BTC, ETH = "BTC/USD", "ETH/USD"
BIDS: Levels = [("99.0", "1.00000000"), ("98.0", "2.00000000")]
ASKS: Levels = [("101.0", "3.00000000")]


@dataclass
class Batch:
    type: str
    data: list[msgspec.Raw] = field(default_factory=list)


def batch(type_: str, *items: bytes) -> Batch:
    return Batch(type_, [msgspec.Raw(item) for item in items])


def good(symbol: str = BTC, bids: Levels = BIDS, asks: Levels = ASKS) -> bytes:
    return book_item(bids, asks, crc(asks, bids), symbol)


def snapshot(*symbols: str) -> Batch:
    return batch("snapshot", *(good(symbol) for symbol in symbols or (BTC,)))


def update(qty: str = "1.50000000", symbol: str = BTC, checksum: int | None = None) -> Batch:
    """The best bid's quantity changes; with a checksum of one's own it is wrong."""
    right = crc(ASKS, [("99.0", qty), *BIDS[1:]])
    return batch(
        "update", book_item([("99.0", qty)], checksum=right if checksum is None else checksum, symbol=symbol)
    )


def keeper(*symbols: str, view: View | None = None, **care: Any) -> Keeper:
    """One that was told the decimals of other pairs only."""
    kept = Keeper("book", symbols or (BTC,), 10, care=Care(**care), view=view)
    assert kept.tell_precisions({"OTHER/USD": (1, 8)}, 0) == []
    return kept


def printed(outs: Iterable[Out]) -> list[tuple[str, str | None]]:
    """Type and symbol of each record."""
    return [(out.type, symbol) for out in outs if isinstance(out, Run) for symbol, _ in out.records]


def news(outs: Iterable[Out]) -> list[Out]:
    return [out for out in outs if not isinstance(out, Run)]


def figures(kept: Keeper, symbol: str = BTC, now: float = 0) -> dict[str, Any]:
    return {name: value for name, value in kept.trusts(now)[symbol].fields.items() if value}


def test_what_verifies_is_printed_as_it_came() -> None:
    kept = keeper()
    (first,) = kept.take([snapshot()], 0)
    assert isinstance(first, Run)
    assert [bytes(item) for _, item in first.records] == [good()]
    assert printed(kept.take([update(), update("1.60000000")], 0)) == [("update", BTC)] * 2
    assert figures(kept) == {"updates": 3, "verified": 3}


def test_what_fails_is_not_printed_and_the_others_go_on() -> None:
    kept = keeper(BTC, ETH)
    kept.take([snapshot(BTC, ETH)], 0)
    outs = kept.take([update(symbol=ETH), update(checksum=7), update(), update("2.00000000", ETH)], 1)
    assert printed(outs) == [("update", ETH), ("update", ETH)]
    right = crc(ASKS, [("99.0", "1.50000000"), *BIDS[1:]])
    assert news(outs) == [Failed(BTC, Failure("checksum", 7, right), 1, 0.0)]
    assert figures(kept, BTC, 3.5) == {"updates": 2, "verified": 1, "failed": 1, "away": 2.5}
    assert figures(kept, ETH) == {"updates": 3, "verified": 3}


def test_a_new_snapshot_heals_and_says_how_long_it_took() -> None:
    kept = keeper()
    kept.take([snapshot()], 0)
    (failed,) = news(kept.take([update(checksum=7)], 1))
    assert isinstance(failed, Failed)
    kept.renewed(BTC)
    outs = kept.take([snapshot()], 1.25)
    assert outs[0] == Restored(BTC, failed.failure, 1, 0.25)
    assert printed(outs[1:]) == [("snapshot", BTC)]
    assert printed(kept.take([update()], 2)) == [("update", BTC)]
    assert figures(kept, now=9) == {"updates": 4, "verified": 3, "failed": 1, "resyncs": 1, "away": 0.25}


def test_an_update_before_its_snapshot_is_refused() -> None:
    kept = keeper()
    assert kept.take([update()], 0) == [Failed(BTC, Failure("no snapshot"), 1, 0.0)]


def test_what_is_under_way_after_a_failure_is_no_failure_and_after_the_grant_it_is() -> None:
    kept = keeper()
    kept.take([update()], 0)
    assert kept.take([update(), update()], 0) == []
    kept.renewed(BTC)
    assert kept.take([update()], 0) == [Failed(BTC, Failure("no snapshot"), 2, 1.0)]
    assert figures(kept) == {"updates": 2, "failed": 2}


def test_a_grant_of_a_book_that_is_well_changes_nothing() -> None:
    """The exchange says `Already subscribed` where an acknowledgement was lost."""
    kept = keeper()
    kept.take([snapshot()], 0)
    kept.renewed(BTC)
    kept.renewed("DOGE/USD")
    assert printed(kept.take([update()], 0)) == [("update", BTC)]


def test_each_new_snapshot_waits_longer_and_after_the_last_it_is_hopeless() -> None:
    kept, delays = keeper(max_resyncs=8), []
    kept.take([snapshot()], 0)
    for turn in range(8):
        (out,) = news(kept.take([update(checksum=7)], turn))
        assert isinstance(out, Failed)
        delays.append(out.delay)
        kept.renewed(BTC)
        assert printed(kept.take([snapshot()], turn)) == [("snapshot", BTC)]
    assert delays == [*DELAYS, DELAYS[-1]]
    (last,) = kept.take([update(checksum=7)], 9)
    assert isinstance(last, Hopeless)
    assert (last.symbol, last.attempts) == (BTC, 8)


def test_without_any_new_snapshot_allowed_the_first_failure_is_the_last() -> None:
    kept = keeper(max_resyncs=0)
    assert kept.take([update()], 0) == [Hopeless(BTC, Failure("no snapshot"), 0)]


@pytest.mark.parametrize(("pause", "attempt"), [(WELL_AFTER, 1), (WELL_AFTER - 1, 2)])
def test_a_minute_of_trust_forgets_the_failures(pause: float, attempt: int) -> None:
    kept = keeper()
    kept.take([update()], 0)
    kept.take([snapshot()], 1)
    (out,) = kept.take([update(checksum=7)], 1 + pause)
    assert isinstance(out, Failed)
    assert out.attempt == attempt


def test_failures_are_forgotten_after_ten_minutes() -> None:
    kept = keeper()
    for moment, attempt in ((0.0, 1), (COUNTED_FOR, 2), (COUNTED_FOR + 1, 2), (3 * COUNTED_FOR, 1)):
        kept.renewed(BTC)
        (out,) = kept.take([update()], moment)
        assert isinstance(out, Failed)
        assert out.attempt == attempt


def test_a_lost_connection_empties_the_books_and_is_no_failure() -> None:
    kept = keeper()
    kept.take([snapshot()], 0)
    kept.lost([BTC], 1)
    assert kept.pane(BTC, 5).standing == "away"
    assert kept.take([snapshot()], 3)[0] == Run("snapshot", [(BTC, msgspec.Raw(good()))])
    assert figures(kept) == {"updates": 2, "verified": 2, "away": 2.0}


def test_after_a_lost_connection_the_snapshot_comes_first() -> None:
    kept = keeper()
    kept.take([snapshot()], 0)
    kept.lost([BTC], 1)
    assert kept.take([update()], 2) == [Failed(BTC, Failure("no snapshot"), 1, 0.0)]


SHORT: Levels = [("99", "1"), ("98", "2")]
TRUE = crc(ASKS, BIDS)
SHORN = book_item(SHORT, [("101", "3")], TRUE)
"""A snapshot whose numbers have lost their zeros."""


def in_doubt() -> Keeper:
    kept = Keeper("book", (BTC,), 10)
    assert kept.take([batch("snapshot", SHORN)], 0) == [PrecisionsWanted()]
    assert kept.take([update()], 0) == []
    assert kept.pane(BTC, 5).standing == "doubtful"
    return kept


def test_in_doubt_messages_are_held_and_padded_when_the_decimals_come() -> None:
    kept = in_doubt()
    outs = kept.tell_precisions({BTC: (1, 8)}, 1)
    assert printed(outs) == [("snapshot", BTC), ("update", BTC)]
    assert next(bytes(item) for out in outs if isinstance(out, Run) for _, item in out.records) == SHORN
    assert printed(kept.take([batch("snapshot", SHORN)], 2)) == [("snapshot", BTC)]
    assert figures(kept) == {"updates": 3, "verified": 3, "padded": 3}


@pytest.mark.parametrize("decimals", [{BTC: (2, 8)}, {ETH: (1, 8)}])
def test_where_decimals_do_not_save_it_it_has_failed(decimals: dict[str, tuple[int, int]]) -> None:
    kept = in_doubt()
    (out,) = kept.tell_precisions(decimals, 1)
    assert isinstance(out, Failed)
    assert out.failure.expected == TRUE
    assert isinstance(keeper_again(kept), Failed)


def keeper_again(kept: Keeper) -> Out:
    """The next message in need of decimals: they are known by now, and nothing is asked for again."""
    kept.renewed(BTC)
    (out,) = kept.take([batch("snapshot", book_item(SHORT, [("101", "3")], 7))], 2)
    return out


def test_where_nobody_knew_the_decimals_they_are_asked_for_again() -> None:
    kept = in_doubt()
    (out,) = kept.tell_precisions({}, 1)
    assert isinstance(out, Failed)
    kept.renewed(BTC)
    assert kept.take([batch("snapshot", SHORN)], 2) == [PrecisionsWanted()]
    assert printed(kept.tell_precisions({BTC: (1, 8)}, 3)) == [("snapshot", BTC)]


def test_decimals_that_do_not_come_are_not_waited_for() -> None:
    kept = in_doubt()
    assert kept.tick(HOLD_FOR - 0.1) == []
    assert kept.tick(HOLD_FOR + 0.1, caught_up=False) == []
    (out,) = kept.tick(HOLD_FOR + 0.2)
    assert isinstance(out, Failed)


def test_no_more_is_held_than_memory_bears() -> None:
    kept = in_doubt()
    outs = kept.take([update()] * HOLD_MOST, 1)
    assert [type(out) for out in outs] == [Failed]


def test_a_lost_connection_drops_what_was_held() -> None:
    kept = in_doubt()
    kept.lost([BTC], 1)
    assert kept.tell_precisions({BTC: (1, 8)}, 2) == []
    assert printed(kept.take([batch("snapshot", SHORN)], 3)) == [("snapshot", BTC)]


def test_no_more_records_than_are_wanted_and_nothing_behind_them_is_judged() -> None:
    kept = keeper()
    assert len(printed(kept.take([snapshot(), update(), update(checksum=7)], 0, 2))) == 2
    assert figures(kept) == {"updates": 2, "verified": 2}


def test_a_crossed_book_with_its_checksum_is_told_once() -> None:
    kept = keeper()
    kept.take([snapshot()], 0)
    high: Levels = [("102.0", "1.00000000"), *BIDS]
    crossing = batch("update", book_item(high[:1], checksum=crc(ASKS, high)))
    outs = kept.take([crossing, crossing], 0)
    assert news(outs) == [Crossed(BTC, "102.0", "101.0")]
    assert len(printed(outs)) == 2
    gone = batch("update", book_item([("102.0", "0")], checksum=crc(ASKS, BIDS)))
    assert news(kept.take([gone, crossing], 0)) == [Crossed(BTC, "102.0", "101.0")]


def test_without_verification_everything_passes_and_is_counted_so() -> None:
    kept = keeper(verify=False)
    assert len(printed(kept.take([snapshot(), update(checksum=7)], 0))) == 2
    assert figures(kept) == {"updates": 2, "unverified": 2}
    assert kept.pane(BTC, 5).standing == "unverified"


def test_what_is_no_item_ends_the_list_behind_the_good() -> None:
    kept = keeper()
    outs = kept.take([snapshot(), batch("update", b'{"symbol":"BTC/USD","bids":7}'), update()], 0)
    assert printed(outs) == [("snapshot", BTC)]
    assert [type(out) for out in outs] == [Run, Malformed]


def test_symbols_that_nobody_asked_for_say_nothing() -> None:
    assert keeper().take([snapshot("DOGE/USD")], 0) == []


def test_a_dropped_book_says_nothing_any_more() -> None:
    kept = keeper(BTC, ETH)
    kept.take([snapshot(BTC, ETH)], 0)
    kept.drop(BTC)
    assert printed(kept.take([update(), update(symbol=ETH)], 0)) == [("update", ETH)]


def test_books_are_renewed_when_their_time_has_come() -> None:
    kept = keeper(resnapshot=60.0)
    assert kept.tick(100) == []
    kept.take([snapshot()], 100)
    assert kept.tick(159) == []
    assert kept.tick(160) == [RenewalWanted(BTC)]
    assert kept.tick(161) == []
    assert printed(kept.take([update()], 161)) == [("update", BTC)]
    assert news(kept.take([snapshot()], 162)) == []
    assert figures(kept, now=170) == {"updates": 3, "verified": 3, "renewed": 1, "away": 2.0}


def items(outs: Iterable[Out]) -> list[dict[str, Any]]:
    return [msgspec.json.decode(item) for out in outs if isinstance(out, Run) for _, item in out.records]


def test_the_best_prices_come_when_they_change() -> None:
    kept = keeper(view=View("top"))
    (first,) = items(kept.take([snapshot()], 0))
    assert first["bid"] == 99.0
    below = batch("update", book_item([("98.0", "0")], checksum=crc(ASKS, BIDS[:1])))
    assert kept.take([below], 1) == []
    assert [item["bid_qty"] for item in items(kept.take([batch("update", good(bids=BIDS[:1]))], 2))] == []
    one = crc(ASKS, [("99.0", "5.00000000")])
    changed = batch("update", book_item([("99.0", "5.00000000")], checksum=one))
    assert [item["bid_qty"] for item in items(kept.take([changed], 3))] == [5.0]


def test_every_limits_how_often_and_gives_the_newest_in_the_end() -> None:
    kept = keeper(BTC, ETH, view=View("book", every=1.0))
    assert len(printed(kept.take([snapshot(BTC, ETH)], 0))) == 2
    assert kept.take([update("7.00000000"), update("8.00000000")], 0.5) == []
    assert kept.tick(0.9) == []
    (late,) = items(kept.tick(1.1))
    assert late["symbol"] == BTC
    assert late["bids"][0] == {"price": 99.0, "qty": 8.0}
    assert kept.tick(3) == []


def test_nothing_of_a_book_that_was_given_up_is_shown_late() -> None:
    kept = keeper(view=View("book", every=1.0))
    kept.take([snapshot(), update()], 0)
    kept.take([update(checksum=7)], 0.5)
    assert kept.tick(2) == []


def test_a_pane_is_the_book_as_it_is() -> None:
    kept = keeper()
    assert kept.pane(BTC, 5).standing == "waiting"
    kept.take([snapshot()], 0)
    pane = kept.pane(BTC, 1)
    assert (pane.standing, len(pane.bids), pane.bids[0].price, pane.top.spread) == (
        "verified",
        1,
        "99.0",
        "2.0",
    )
    kept.take([update(checksum=7)], 0)
    pane = kept.pane(BTC, 5)
    assert (pane.standing, pane.bids, pane.top.bid) == ("away", [], None)
    assert "instead of 7" in pane.trust.last_failure
    assert kept.symbols == (BTC,)


def test_a_renewal_under_way_is_not_asked_for_again_but_where_it_was_lost() -> None:
    kept = keeper(resnapshot=1.0)
    kept.take([snapshot()], 0)
    assert kept.tick(1) == [RenewalWanted(BTC)]
    assert kept.tick(2 + RENEW_AGAIN - 2) == []
    assert kept.tick(1 + RENEW_AGAIN) == [RenewalWanted(BTC)]
    kept.take([snapshot()], 40)
    assert kept.tick(40.5) == []
    assert kept.tick(41) == [RenewalWanted(BTC)]
    assert figures(kept, now=41)["renewed"] == 1


def test_before_the_snapshot_of_a_renewal_nothing_is_trusted() -> None:
    kept = keeper(resnapshot=60.0)
    kept.take([snapshot()], 0)
    assert kept.tick(60) == [RenewalWanted(BTC)]
    assert printed(kept.take([update()], 60)) == [("update", BTC)]  # it is not left yet
    kept.renewed(BTC)
    (out,) = kept.take([update("1.60000000")], 61)
    assert isinstance(out, Failed)
    assert out.failure == Failure("no snapshot")


def test_a_renewal_whose_snapshot_came_before_its_grant_stays_trusted() -> None:
    kept = keeper(resnapshot=60.0)
    kept.take([snapshot()], 0)
    kept.tick(60)
    assert printed(kept.take([snapshot()], 61)) == [("snapshot", BTC)]
    kept.renewed(BTC)
    assert printed(kept.take([update()], 62)) == [("update", BTC)]


def test_a_refused_symbol_is_no_book() -> None:
    kept = keeper(BTC, ETH)
    kept.refused(ETH)
    assert kept.symbols == (BTC,)
    assert list(kept.trusts(0)) == [BTC]


def test_an_exchange_that_stops_sending_checksums_is_told_once() -> None:
    kept = keeper()
    kept.take([snapshot()], 0)
    bare = batch("update", book_item([("99.0", "7.00000000")]))
    first, run = kept.take([bare], 1)
    assert first == Unchecked(BTC)
    assert printed([run]) == [("update", BTC)]
    assert kept.pane(BTC, 5).standing == "unverified"
    assert news(kept.take([bare], 2)) == []
    right = crc(ASKS, [("99.0", "7.00000000"), *BIDS[1:]])
    kept.take([batch("update", book_item([("99.0", "7.00000000")], checksum=right))], 3)
    assert kept.pane(BTC, 5).standing == "verified"
    assert news(kept.take([bare], 4)) == [Unchecked(BTC)]


def test_the_end_of_a_stream_shows_what_waited_for_its_turn() -> None:
    kept = keeper(view=View("book", every=60.0))
    kept.take([snapshot(), update()], 0)
    assert printed(kept.release(1)) == [("snapshot", BTC)]
    assert kept.release(1) == []


def test_best_prices_that_came_back_before_their_turn_are_not_shown_again() -> None:
    kept = keeper(view=View("top", every=1.0))
    assert printed(kept.take([snapshot()], 0)) == [("snapshot", BTC)]
    back = batch("update", book_item([BIDS[0]], checksum=crc(ASKS, BIDS)))
    assert printed(kept.take([update(), back], 0.5)) == []
    assert kept.tick(2) == []
    assert kept.release(3) == []
    assert printed(kept.take([update()], 3)) == [("update", BTC)]
