"""Candles of one market. Minutes are kept; longer intervals are folded from them when somebody asks."""

from __future__ import annotations

from collections.abc import Iterable

from krakencli.sandbox.numbers import rounded
from krakencli.sandbox.times import MINUTE

INTERVALS = (1, 5, 15, 30, 60, 240, 1440, 10080, 21600)


class Candle:
    """Trades of one interval. `begin` counts minutes since 1970; prices in ticks, `volume` in lots, `cost`
    ticks x lots.
    """

    __slots__ = ("begin", "close", "cost", "high", "low", "open", "trades", "volume")

    def __init__(self, begin: int, price: int) -> None:
        self.begin = begin
        self.open = self.high = self.low = self.close = price
        self.volume = self.cost = self.trades = 0

    def add(self, price: int, qty: int) -> None:
        """Counts one trade."""
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        self.close = price
        self.volume += qty
        self.cost += price * qty
        self.trades += 1

    def absorb(self, later: Candle) -> None:
        """Joins a candle that lies after this one's trades."""
        self.high = max(self.high, later.high)
        self.low = min(self.low, later.low)
        self.close = later.close
        self.volume += later.volume
        self.cost += later.cost
        self.trades += later.trades

    def vwap(self, scale: int = 1) -> int:
        """The mean price weighted by quantity in ticks / `scale`, halves rounded away from zero; without
        trades the price that it stands at.
        """
        return rounded(self.cost * scale, self.volume) if self.volume else self.open * scale


class Candles:
    """Every minute in which the market traded, oldest first, and the running candle of each
    interval in use.
    """

    def __init__(self) -> None:
        self.minutes: list[Candle] = []
        self._running: dict[int, Candle] = {}

    def add(self, time: int, price: int, qty: int) -> None:
        """Counts one trade at `time` (nanoseconds)."""
        minute = time // MINUTE
        if not self.minutes or self.minutes[-1].begin != minute:
            self.minutes.append(Candle(minute, price))
        self.minutes[-1].add(price, qty)
        for interval, candle in self._running.items():
            begin = minute - minute % interval
            if candle.begin == begin:
                candle.add(price, qty)
            else:
                self._running[interval] = fresh = Candle(begin, price)
                fresh.add(price, qty)

    def running(self, interval: int) -> Candle:
        """The newest candle of `interval` minutes; from the first call on it is kept up trade by trade."""
        if interval not in self._running:
            self._running[interval] = self.series(interval, 1)[-1]
        return self._running[interval]

    def series(self, interval: int, count: int) -> list[Candle]:
        """The last `count` candles in which something traded, oldest first."""
        newest_first: list[list[Candle]] = []
        begin = None
        for minute in reversed(self.minutes):
            if minute.begin - minute.begin % interval != begin:
                if len(newest_first) == count:
                    break
                begin = minute.begin - minute.begin % interval
                newest_first.append([])
            newest_first[-1].append(minute)
        return [fold(reversed(minutes), interval) for minutes in reversed(newest_first)]


def fold(minutes: Iterable[Candle], interval: int) -> Candle:
    """One candle of `interval` minutes out of its minutes, which come oldest first. Raises StopIteration if
    none.
    """
    parts = iter(minutes)
    first = next(parts)
    whole = Candle(first.begin - first.begin % interval, first.open)
    whole.absorb(first)
    for part in parts:
        whole.absorb(part)
    return whole
