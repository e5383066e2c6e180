"""Every trade once and in order, whatever the socket does to them; what stays missing is named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from krakencli.continuity import (
    FILL_TIMEOUT,
    HOLD_MOST,
    REORDERING,
    RESTARTED_AFTER,
    Backfilled,
    Continuity,
    FillWanted,
    Gap,
    Malformed,
    Out,
)
from krakencli.model import Run

BTC, ETH = "BTC/USD", "ETH/USD"


@dataclass
class Batch:
    type: str
    data: list[Raw] = field(default_factory=list)


def trade(number: int, symbol: str = BTC, source: str = "") -> Raw:
    mark = f',"source":"{source}"' if source else ""
    return Raw(f'{{"symbol":"{symbol}","trade_id":{number},"timestamp":"t{number:06}"{mark}}}'.encode())


def update(*numbers: int, symbol: str = BTC) -> Batch:
    return Batch("update", [trade(number, symbol) for number in numbers])


def snapshot(*numbers: int) -> Batch:
    return Batch("snapshot", [trade(number) for number in numbers])


def ids(outs: Iterable[Out], symbol: str = BTC) -> list[int]:
    return [
        msgspec.json.decode(item)["trade_id"]
        for out in outs
        if isinstance(out, Run)
        for name, item in out.records
        if name == symbol
    ]


def told(outs: Iterable[Out]) -> list[Out]:
    return [out for out in outs if not isinstance(out, Run)]


def begun(*numbers: int, **options: float) -> Continuity:
    kept = Continuity(**options)
    assert ids(kept.take([update(*numbers)], 0)) == list(numbers)
    return kept


def rest(*numbers: int) -> dict[int, Raw]:
    return {number: trade(number, source="backfill") for number in numbers}


def test_consecutive_trades_pass_untouched() -> None:
    kept = Continuity()
    outs = kept.take([update(5, 6), update(7), update(90, symbol=ETH), update(8)], 0)
    assert (ids(outs), ids(outs, ETH)) == ([5, 6, 7, 8], [90])
    assert next(bytes(item) for out in outs if isinstance(out, Run) for _, item in out.records) == bytes(
        trade(5)
    )
    assert told(outs) == []


def test_the_first_snapshot_is_printed_as_the_user_asked() -> None:
    outs = Continuity().take([snapshot(3, 4, 5), update(6)], 0)
    assert ids(outs) == [3, 4, 5, 6]
    assert [out.type for out in outs if isinstance(out, Run)] == ["snapshot", "update"]


def test_what_was_printed_is_not_printed_again() -> None:
    kept = begun(1, 2, 3)
    assert told(kept.take([update(2, 3)], 0)) == []
    assert ids(kept.take([update(3, 4, 4)], 0)) == [4]
    assert kept.figures()[BTC].duplicates == 4


def test_disorder_is_mended_by_itself_and_nobody_is_asked() -> None:
    kept = begun(1)
    assert ids(kept.take([update(3), update(4)], 0)) == []
    assert kept.tick(REORDERING / 2) == []
    assert ids(kept.take([update(2)], 0.1)) == [2, 3, 4]
    assert kept.tick(99) == []


def test_a_hole_holds_its_symbol_alone_and_is_asked_for_once() -> None:
    kept = begun(1)
    outs = kept.take([update(4, 5), update(1, 2, symbol=ETH)], 0)
    assert (ids(outs), ids(outs, ETH)) == ([], [1, 2])
    assert kept.tick(REORDERING) == [FillWanted(BTC, 2, 4, "t000001")]
    assert kept.tick(REORDERING + 1) == []
    assert ids(kept.take([update(6)], 1)) == []
    outs = kept.fill(BTC, rest(2, 3, 4))
    assert ids(outs) == [2, 3, 4, 5, 6]
    assert told(outs) == [Backfilled(BTC, 2, 3, 2)]
    marked = [
        b'"source":"backfill"' in bytes(item)
        for out in outs
        if isinstance(out, Run)
        for _, item in out.records
    ]
    assert marked == [True, True, False, False, False]
    assert kept.figures()[BTC].backfilled == 2
    assert ids(kept.take([update(7)], 2)) == [7]


def test_a_hole_that_opens_while_another_is_filled_is_asked_for_too() -> None:
    kept = begun(1)
    kept.take([update(4)], 0)
    assert kept.tick(1) == [FillWanted(BTC, 2, 3, "t000001")]
    kept.take([update(8)], 1)
    assert ids(kept.fill(BTC, rest(2, 3))) == [2, 3, 4]
    assert kept.tick(2) == [FillWanted(BTC, 5, 7, "t000004")]
    assert ids(kept.fill(BTC, rest(5, 6, 7))) == [5, 6, 7, 8]


def test_the_snapshot_of_a_resubscription_fills_what_it_can() -> None:
    kept = begun(1, 2)
    kept.lost([BTC])
    outs = kept.take([snapshot(1, 2, 3, 4), update(5)], 9)
    assert (ids(outs), told(outs)) == ([3, 4, 5], [])
    kept.lost([BTC])
    assert ids(kept.take([snapshot(3, 4, 5)], 10)) == []
    kept.lost([BTC])
    assert ids(kept.take([snapshot(8, 9)], 11)) == []
    assert kept.tick(11.1 + REORDERING) == [FillWanted(BTC, 6, 8, "t000005")]


def test_a_symbol_that_nothing_was_printed_of_begins_behind_the_snapshot() -> None:
    kept = Continuity()
    kept.lost([BTC])
    assert not kept.began(BTC)
    assert ids(kept.take([snapshot(1, 2, 3), update(4)], 0)) == [4]
    assert kept.began(BTC)


def test_what_does_not_come_in_time_is_a_gap_and_the_stream_goes_on() -> None:
    kept = begun(1)
    kept.take([update(4, 8)], 0)
    kept.tick(1)
    assert ids(kept.fill(BTC, rest(6))) == []
    outs = kept.tick(FILL_TIMEOUT)
    assert ids(outs) == [4, 6, 8]
    assert [out for out in told(outs) if isinstance(out, Gap)] == [
        Gap(BTC, 2, 3, "t000001", "t000004"),
        Gap(BTC, 5, 5, "t000004", "t000006"),
        Gap(BTC, 7, 7, "t000006", "t000008"),
    ]
    assert kept.figures()[BTC].missing == 4
    assert ids(kept.take([update(2, 9)], 11)) == [9]


def test_without_patience_nothing_is_held() -> None:
    kept = begun(1, fill_timeout=0)
    outs = kept.take([update(3)], 0)
    assert ids(outs) == [3]
    assert told(outs) == [Gap(BTC, 2, 2, "t000001", "t000003")]


@pytest.mark.parametrize("how", ["fail", "release"])
def test_where_nobody_can_tell_or_the_stream_ends_what_is_held_comes_out(how: str) -> None:
    kept = begun(1)
    kept.take([update(3)], 0)
    outs = kept.fail(BTC) if how == "fail" else kept.release()
    assert ids(outs) == [3]
    assert told(outs) == [Gap(BTC, 2, 2, "t000001", "t000003")]
    assert (kept.fail(BTC), kept.release(), kept.fill(BTC, rest(2))) == ([], [], [])


def test_no_more_is_held_than_memory_bears() -> None:
    kept = begun(1)
    outs = kept.take([update(*range(3, HOLD_MOST + 4))], 0)
    assert ids(outs) == list(range(3, HOLD_MOST + 4))
    assert len(told(outs)) == 1


def test_an_exchange_that_counts_anew_does_not_silence_a_symbol() -> None:
    kept = begun(900_000)
    newer = [
        Raw(f'{{"symbol":"BTC/USD","trade_id":{n},"timestamp":"u{n:06}"}}'.encode()) for n in range(1, 100)
    ]
    printed = ids(kept.take([Batch("update", newer)], 0))
    assert printed == list(range(RESTARTED_AFTER + 1, 100))


@pytest.mark.parametrize("item", [b"7", b'{"symbol":"BTC/USD"}', b'{"symbol":"BTC/USD","trade_id":"x"}'])
def test_what_is_no_trade_is_an_error(item: bytes) -> None:
    outs = Continuity().take([Batch("update", [trade(1), Raw(item), trade(2)])], 0)
    assert ids(outs) == [1]
    assert [type(out) for out in told(outs)] == [Malformed]


@given(
    st.lists(st.sampled_from(["pass", "lose", "swap", "twice", "cut"]), min_size=1, max_size=60),
    st.sets(st.integers(0, 70)),
)
def test_every_trade_comes_out_once_and_in_order_but_what_a_gap_names(
    fates: Sequence[str], unknown: set[int]
) -> None:
    """REST knows every trade but the `unknown` ones."""
    kept, outs, now, number = Continuity(), [], 0.0, 1
    outs += kept.take([update(0)], now)
    for fate in fates:
        now += 0.05
        match fate:
            case "pass":
                outs += kept.take([update(number)], now)
            case "twice":
                outs += kept.take([update(number), update(number)], now)
            case "swap":
                number += 1
                outs += kept.take([update(number), update(number - 1)], now)
            case "cut":
                kept.lost([BTC])
                outs += kept.take([snapshot(*range(max(number - 1, 0), number + 1))], now)
        number += 1
        for wish in kept.tick(now):
            outs.append(wish)
            if isinstance(wish, FillWanted):
                known = set(range(wish.first_id, wish.last_id + 1)) - unknown
                outs += kept.fill(BTC, rest(*known))
    outs += kept.take([update(number)], now)
    outs += kept.release()
    printed = ids(outs)
    missing = {n for gap in outs if isinstance(gap, Gap) for n in range(gap.first_id, gap.last_id + 1)}
    assert printed == sorted(set(printed))
    assert set(printed) | missing == set(range(number + 1))
    assert not set(printed) & missing
