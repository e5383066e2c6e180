"""Closed candles: each once, when it is final; what changes later is an event (protocol notes v2 §7.3)."""

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from krakencli.candles import GRACE, REMEMBERED, ClosedCandles, Final, Revised
from krakencli.times import instant

START = datetime(2026, 3, 2, 14, 5, tzinfo=UTC)


def at(minute: float) -> str:
    """A time so many minutes after the start, as the exchange writes it, in nanoseconds."""
    return (START + timedelta(minutes=minute)).isoformat(timespec="microseconds").replace("+00:00", "000Z")


def candle(minute: int, close: str = "1.10", symbol: str = "BTC/USD", interval: int = 1) -> Raw:
    end = START + timedelta(minutes=minute + interval)
    return Raw(
        (
            f'{{"symbol":"{symbol}","close":{close},"interval_begin":"{at(minute)}","interval":{interval},'
            f'"timestamp":"{end.isoformat()}"}}'
        ).encode()
    )


class Watch:
    """Closed candles with a clock; what is settled is kept as (symbol, minute, close)."""

    def __init__(self, minute: float = 0.5, unit: float = 1.0) -> None:
        self.candles = ClosedCandles(unit)
        self.minute = minute
        self.lines: list[tuple[str, int, str]] = []
        self.events: list[tuple[str, int, str]] = []

    def see(self, *items: Raw, minute: float | None = None) -> "Watch":
        """A message with these items, sent `minute` minutes after the start."""
        self.minute = self.minute if minute is None else minute
        for item in items:
            self._keep(self.candles.update(item, at(self.minute), self.minute * 60))
        return self

    def wait(self, minute: float) -> "Watch":
        self.minute = minute
        self._keep(self.candles.tick(minute * 60))
        return self

    def _keep(self, settled: list[Final | Revised]) -> None:
        for one in settled:
            fields = json.loads(bytes(one.item), parse_float=str)
            minute = round((datetime.fromisoformat(fields["interval_begin"]) - START).total_seconds() / 60)
            entry = (one.symbol, minute, fields["close"])
            (self.lines if isinstance(one, Final) else self.events).append(entry)
            if isinstance(one, Revised):
                assert one.interval_begin == fields["interval_begin"]

    @property
    def minutes(self) -> list[int]:
        return [minute for _, minute, _ in self.lines]


def test_the_running_candle_is_not_printed() -> None:
    watch = Watch().see(candle(0)).see(candle(0, "1.20"), minute=0.9).wait(1.0)
    assert (watch.lines, watch.events) == ([], [])


def test_a_later_interval_ends_the_one_before_with_its_last_text() -> None:
    watch = Watch().see(candle(0)).see(candle(0, "1.20"), minute=0.9).see(candle(1), minute=1.01)
    assert watch.lines == [("BTC/USD", 0, "1.20")]
    candles = ClosedCandles()
    assert candles.update(candle(0, "1.2000"), at(0.5), 0) == []
    assert candles.update(candle(1), at(1.1), 36) == [Final("BTC/USD", candle(0, "1.2000"))]


def test_the_clock_ends_a_candle_after_a_grace_time() -> None:
    watch = Watch(0.5).see(candle(0))
    before, after = 1 + (GRACE - 0.1) / 60, 1 + (GRACE + 0.1) / 60
    assert watch.wait(before).lines == []
    assert watch.wait(after).lines == [("BTC/USD", 0, "1.10")]
    assert watch.wait(9).lines == [("BTC/USD", 0, "1.10")]
    assert watch.see(candle(9), minute=9.1).minutes == [0]


def test_the_unit_scales_the_grace_time() -> None:
    assert Watch(0.5, unit=0.01).see(candle(0)).wait(1 + GRACE / 6000 + 0.0001).minutes == [0]


def test_nothing_is_due_before_anything_came() -> None:
    assert ClosedCandles().tick(1e9) == []


def test_candles_that_had_ended_before_the_start_are_not_printed() -> None:
    snapshot = [candle(minute) for minute in range(-9, 1)]
    assert Watch(0.5).see(*snapshot).see(candle(1), minute=1.1).minutes == [0]


def test_old_times_are_as_good_as_new_ones() -> None:
    """A recording is played with its own times, whatever the local clock says."""
    candles = ClosedCandles()
    old = b'{"symbol":"A/B","interval_begin":"2021-04-17T10:00:00.000000000Z","interval":5,"close":1}'
    assert candles.update(Raw(old), "2021-04-17T10:04:59.5Z", 1000.0) == []
    assert candles.tick(1002.0) == []
    assert candles.tick(1003.6) == [Final("A/B", Raw(old))]


def test_a_gap_of_several_intervals() -> None:
    watch = Watch().see(candle(0)).see(candle(7), minute=7.2).see(candle(8), minute=8.1)
    assert watch.minutes == [0, 7]


def test_symbols_have_candles_of_their_own() -> None:
    watch = Watch().see(candle(0), candle(0, symbol="ETH/USD")).see(candle(1), minute=1.01)
    assert watch.lines == [("BTC/USD", 0, "1.10")]
    watch.see(candle(1, symbol="ETH/USD"), minute=1.02)
    assert watch.lines == [("BTC/USD", 0, "1.10"), ("ETH/USD", 0, "1.10")]
    assert sorted(watch.wait(2.1).lines[2:]) == [("BTC/USD", 1, "1.10"), ("ETH/USD", 1, "1.10")]


def test_a_printed_candle_that_changes_is_an_event() -> None:
    watch = Watch().see(candle(0)).see(candle(1), minute=1.01).see(candle(0, "1.30"), minute=1.02)
    assert watch.lines == [("BTC/USD", 0, "1.10")]
    assert watch.events == [("BTC/USD", 0, "1.30")]
    watch.see(candle(0, "1.30"), minute=1.03)
    assert len(watch.events) == 1
    watch.see(candle(0, "1.40"), minute=1.04)
    assert watch.events[1:] == [("BTC/USD", 0, "1.40")]


def test_a_snapshot_that_repeats_what_was_printed_says_nothing() -> None:
    watch = Watch().see(candle(0)).see(candle(1), minute=1.01).see(candle(2), minute=2.01)
    watch.see(*(candle(minute) for minute in range(-7, 3)), minute=2.5)
    assert (watch.minutes, watch.events) == ([0, 1], [])


def test_an_older_printed_candle_that_changes_is_an_event_too() -> None:
    watch = Watch().see(candle(0)).see(candle(1), minute=1.01).see(candle(2), minute=2.01)
    watch.see(candle(0, "9.99"), candle(1), candle(2), minute=2.5)
    assert (watch.minutes, watch.events) == ([0, 1], [("BTC/USD", 0, "9.99")])


def test_candles_missed_during_a_disconnect_come_with_the_next_snapshot() -> None:
    watch = Watch().see(candle(0)).see(*(candle(minute, "2.00") for minute in range(-5, 5)), minute=4.5)
    assert watch.lines == [("BTC/USD", minute, "2.00") for minute in range(4)]
    assert watch.events == []


def test_candles_missed_and_the_first_of_them_given_up_by_the_clock() -> None:
    watch = (
        Watch().see(candle(0)).wait(3).see(*(candle(minute, "2.00") for minute in range(-5, 5)), minute=4.5)
    )
    assert watch.lines == [("BTC/USD", 0, "1.10"), *(("BTC/USD", minute, "2.00") for minute in range(1, 4))]
    assert watch.events == [("BTC/USD", 0, "2.00")]


def test_a_snapshot_behind_an_update_brings_what_was_missed() -> None:
    """The exchange does not promise which comes first after a reconnect (protocol notes v2 §4, rule 4)."""
    watch = Watch().see(candle(0)).see(candle(4), minute=4.4)
    watch.see(*(candle(minute, "2.00") for minute in range(-5, 5)), minute=4.5).wait(5.1)
    assert sorted(watch.lines) == [
        ("BTC/USD", 0, "1.10"),
        *(("BTC/USD", minute, "2.00") for minute in range(1, 5)),
    ]
    assert watch.events == [("BTC/USD", 0, "2.00")]


def test_a_snapshot_out_of_order() -> None:
    shuffled = [candle(minute) for minute in (3, 1, 4, -2, 0, 2)]
    watch = Watch().see(candle(0)).see(*shuffled, minute=4.5).wait(5.1)
    assert sorted(watch.minutes) == [0, 1, 2, 3, 4]
    assert watch.events == []


def test_longer_intervals() -> None:
    watch = Watch(100).see(candle(60, interval=60)).wait(119)
    assert watch.minutes == []
    assert watch.wait(121).minutes == [60]


def test_without_a_message_time_the_newest_candle_tells_it() -> None:
    candles = ClosedCandles()
    assert candles.update(candle(0), "", 0.0) == []
    assert candles.update(candle(1), "", 60.0) == [Final("BTC/USD", candle(0))]


@pytest.mark.parametrize(
    "item",
    [
        b"7",
        b'{"symbol":"A/B"}',
        b'{"symbol":"A/B","interval_begin":"yesterday","interval":1}',
        b'{"symbol":"A/B","interval_begin":"9999-12-31T23:59:00Z","interval":1}',
        b'{"symbol":"A/B","interval_begin":"2026-03-02T14:05:00Z","interval":9000000000000000000}',
        b'{"symbol":"A/B","interval_begin":"2026-03-02T14:05:00Z","interval":1.5}',
    ],
)
def test_what_is_no_candle_is_an_error_that_is_known(item: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, ValueError)):
        ClosedCandles().update(Raw(item), at(0), 0)


def test_a_message_time_that_is_none_is_an_error_that_is_known() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        ClosedCandles().update(candle(0), "noon", 0)


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [
        ("2026-03-02T14:05:02Z", 0),
        ("2026-03-02T14:05:02.5Z", 500_000),
        ("2026-03-02T14:05:02.264627814Z", 264_627),
        ("2026-03-02T15:05:02.264627+01:00", 264_627),
        ("2026-03-02T14:05:02.000001", 1),
    ],
)
def test_times_of_any_precision(text: str, microsecond: int) -> None:
    assert instant(text) == datetime(2026, 3, 2, 14, 5, 2, microsecond, tzinfo=UTC)


@given(st.lists(st.tuples(st.integers(-3, 12), st.sampled_from("AB"), st.booleans()), max_size=40))
@settings(deadline=None, max_examples=200)
def test_no_candle_is_printed_twice_or_early(steps: list[tuple[int, str, bool]]) -> None:
    watch = Watch(0.5)
    for number, (minute, symbol, wait) in enumerate(steps):
        watch.see(candle(minute, f"{number}.0", symbol), minute=max(watch.minute, minute + 0.5))
        if wait:
            watch.wait(watch.minute + 0.25)
    watch.see(candle(20, symbol="A"), candle(20, symbol="B"), minute=20.5)
    printed = [(symbol, minute) for symbol, minute, _ in watch.lines]
    assert len(printed) == len(set(printed))
    started = max(0.5, steps[0][0] + 0.5) if steps else 20.5
    assert {(symbol, minute) for minute, symbol, _ in steps if minute + 1 > started} == set(printed)


def test_memory_is_bounded_and_what_is_forgotten_is_not_printed_again() -> None:
    last = REMEMBERED + 10
    watch = Watch()
    for minute in range(last):
        watch.see(candle(minute), minute=minute + 0.5)
    assert watch.minutes == list(range(last - 1))
    watch.see(candle(0, "9.99"), candle(last - 3, "9.99"), minute=last - 0.4)
    assert watch.minutes == list(range(last - 1))
    assert watch.events == [("BTC/USD", last - 3, "9.99")]


def test_no_candle_ends_by_the_clock_while_nobody_hears_of_it() -> None:
    watch = Watch().see(candle(0), candle(0, symbol="ETH/USD"))
    watch.candles.suspend(["BTC/USD"])
    watch.wait(5)
    assert [symbol for symbol, _, _ in watch.lines] == ["ETH/USD"]
    watch.see(candle(0, close="2.00"), candle(4), minute=5)
    assert ("BTC/USD", 0, "2.00") in watch.lines
    assert watch.events == []
    watch.wait(6)
    assert [minute for symbol, minute, _ in watch.lines if symbol == "BTC/USD"] == [0, 4]
