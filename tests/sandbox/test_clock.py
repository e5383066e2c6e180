"""The market's clock: it begins where it is told, runs as fast as it is told, and can be held back."""

from __future__ import annotations

import time

from krakencli.sandbox.clock import MarketClock

SECOND = 10**9


def test_it_begins_where_it_is_told() -> None:
    assert 1000 * SECOND <= MarketClock(1000 * SECOND)() < 1005 * SECOND
    assert abs(MarketClock(None)() - time.time_ns()) < 5 * SECOND


def test_its_time_passes_as_fast_as_it_is_told() -> None:
    slow, fast = MarketClock(0), MarketClock(0, speed=1000)
    before = slow(), fast()
    while slow() - before[0] < SECOND // 100:
        pass
    passed = slow() - before[0], fast() - before[1]
    assert 500 < passed[1] / passed[0] < 2000


def test_what_it_loses_is_its_own_time() -> None:
    clock = MarketClock(0, speed=1000)
    clock.hold_back(10**15)
    assert -(10**15) <= clock() < -(10**14)
