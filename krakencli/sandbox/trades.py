"""The trades of one market: consecutive ids, times that never fall, and a bounded memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

_KEEP = 100_000


class Trade(NamedTuple):
    """One trade. `buy` and `market` are the taker's side and order type; `time` is in nanoseconds."""

    trade_id: int
    time: int
    buy: bool
    market: bool
    price: int
    qty: int


class TradeLog:
    """The newest trades, at least a hundred thousand of them once there are that many."""

    def __init__(self, first_id: int) -> None:
        self._next_id = first_id
        self._trades: list[Trade] = []
        self._hidden = 0

    def add(self, time: int, buy: bool, market: bool, price: int, qty: int) -> Trade:
        """Records a trade under the next id."""
        trade = Trade(self._next_id, time, buy, market, price, qty)
        self._next_id += 1
        self._trades.append(trade)
        if len(self._trades) > 2 * _KEEP:
            del self._trades[:_KEEP]
        return trade

    def last(self, count: int) -> list[Trade]:
        """The newest `count`, oldest first."""
        end = self._end
        return self._trades[max(0, end - count) : end]

    def after(self, time: int, count: int) -> list[Trade]:
        """At most `count` trades later than `time`, oldest first."""
        start = bisect_right(self._trades, time, key=lambda trade: trade.time)
        return self._trades[start : min(start + count, self._end)]

    @contextmanager
    def without_newest(self, count: int) -> Iterator[None]:
        """As long as it lasts, the newest `count` are not told of."""
        self._hidden = count
        try:
            yield
        finally:
            self._hidden = 0

    @property
    def _end(self) -> int:
        return max(0, len(self._trades) - self._hidden)
