"""The market's clock: it begins where it is told, runs as fast as it is told, and can be held back."""

from __future__ import annotations

import time

from krakencli.sandbox.clock import MarketClock

SECOND = 10**9


def test_it_begins_where_it_is_told() -> None:
    assert 1000 * SECOND <= MarketClock(1000 * SECOND)() < 1005 * SECOND
    assert abs(MarketClock(None)() - time.time_ns()) < 5 * SECOND


def test_its_time_passes_as_fast_as_it_is_told() -> None:
    before = time.monotonic_ns()
    clock = MarketClock(0, speed=1000)
    after = time.monotonic_ns()
    for _ in range(100):
        earliest, told, latest = time.monotonic_ns(), clock(), time.monotonic_ns()
        assert (earliest - after) * 1000 <= told <= (latest - before) * 1000


def test_what_it_loses_is_its_own_time() -> None:
    clock = MarketClock(0, speed=1000)
    clock.hold_back(10**15)
    assert -(10**15) <= clock() < -(10**14)
