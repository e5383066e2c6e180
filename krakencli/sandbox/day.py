"""Statistics of the last 24 hours, exact over the trades of whole minutes.

The window is the running minute and the 1439 minutes before it. The protocol notes do not say how finely the
exchange moves its window, nor what `change` counts from; here `change` is the last price minus the window's
first price.
"""

from __future__ import annotations

from krakencli.sandbox.candles import Candle
from krakencli.sandbox.numbers import rounded
from krakencli.sandbox.times import DAY, MINUTE

WINDOW = DAY // MINUTE


class Day:
    """A window over a market's minutes, a list that it shares with the candles and never changes."""

    def __init__(self, minutes: list[Candle]) -> None:
        self._minutes = minutes
        self._first = 0
        self._minute = 0
        self.open = self.high = self.low = 0
        self.volume = self.cost = self.trades = 0

    def move(self, time: int) -> None:
        """Moves the window to the minute of `time`, before the trades of that time are added."""
        minute = time // MINUTE
        if minute == self._minute:
            return
        self._minute = minute
        first = self._first
        while self._first < len(self._minutes) and self._minutes[self._first].begin <= minute - WINDOW:
            self._drop(self._minutes[self._first])
            self._first += 1
        if self._first != first:
            self._reckon_prices(self._minutes[first : self._first])

    def add(self, price: int, qty: int) -> None:
        """Counts one trade."""
        if not self.trades:
            self.open = self.high = self.low = price
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        self.volume += qty
        self.cost += price * qty
        self.trades += 1

    def vwap(self, scale: int = 1) -> int:
        """The 24-hour mean price in ticks / `scale`, halves away from zero; without trades the last price."""
        return rounded(self.cost * scale, self.volume) if self.volume else self.open * scale

    def _drop(self, minute: Candle) -> None:
        self.volume -= minute.volume
        self.cost -= minute.cost
        self.trades -= minute.trades

    def _reckon_prices(self, dropped: list[Candle]) -> None:
        """A day without a trade stands at the last price, so that `change` is nought."""
        inside = self._minutes[self._first :]
        if not inside:
            self.open = self.high = self.low = self._minutes[-1].close
            return
        self.open = inside[0].open
        if any(minute.high == self.high for minute in dropped):
            self.high = max(minute.high for minute in inside)
        if any(minute.low == self.low for minute in dropped):
            self.low = min(minute.low for minute in inside)
