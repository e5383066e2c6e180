"""Trades and candles that the socket did not bring, from REST, in the shape that v2 gives them.

REST pages trades by time, holds a thousand rows a page, and may lag behind the socket. Times are not unique,
so that a page may end inside a burst: rows are known by their ids, which are consecutive per pair, and what
is missing after all pages is asked for again from a little earlier on (protocol notes REST §4).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from krakencli.errors import StreamError
from krakencli.rest.backfill_calls import PAUSE, Calls, Pace, Stop
from krakencli.rest.backfill_items import (
    Precisions,
    TradeRow,
    candle_items,
    nanoseconds,
    trade_item,
    trade_rows,
)
from krakencli.rest.client import Client

__all__ = ["PAUSE", "Calls", "Missing", "Pace", "Stop", "candles", "trades"]

PAGE = 1000
BEFORE = 2 * 10**9
"""So many nanoseconds before the last known trade the first page begins: its time is not exact."""
EARLIER = 10**6
"""Nanoseconds by which the next pass begins earlier, ten times as many after each."""
EARLIEST = 60 * 10**9


@dataclass(frozen=True, slots=True)
class Missing:
    """Trades `first_id` to `last_id` of a pair; `after` is the RFC 3339 time of the one before them.

    `pair` is the name that REST knows, `symbol` v2's; precisions are decimals, None where they are not known.
    """

    pair: str
    symbol: str
    first_id: int
    last_id: int
    after: str
    price_precision: int | None = None
    qty_precision: int | None = None

    @property
    def count(self) -> int:
        return self.last_id - self.first_id + 1

    @property
    def precisions(self) -> Precisions:
        return self.price_precision, self.qty_precision


def trades(
    client: Client,
    missing: Missing,
    *,
    within: float,
    clock: Callable[[], float],
    sleep: Callable[[float], object],
    unit: float = 1.0,
    stop: Stop | None = None,
    pace: Pace | None = None,
    wall: Callable[[], float] = time.time,
) -> dict[int, bytes]:
    """What REST has of them, by id and in their order, as items of `trade` that end in `"source":"backfill"`.

    Complete where ids from first to last are all there; else `within` seconds have passed, or `stop` was
    set. Raises StreamError where nothing was found because of it. The client should not repeat calls by
    itself (`delays=()`), for it does not know of the deadline.
    """
    calls = Calls(client, within, clock, sleep, unit, stop, pace or Pace(), wall)
    search = _Search(missing)
    try:
        while search.look(calls) and not search.complete:
            search.begin_again()
    except StreamError:
        if not search.found:
            raise
    return search.items()


def candles(
    calls: Calls,
    pair: str,
    symbol: str,
    interval: int,
    since: int | None,
    precisions: Precisions = (None, None),
    time_decimals: int = 9,
) -> list[bytes]:
    """Finished candles of `interval` minutes that begin after `since` (Unix seconds), as items of `ohlc`.

    At most 720, which is all that REST has; none where the time of `calls` is over. Raises StreamError.
    """
    result = calls.ask("OHLC", pair=pair, interval=interval, since=since)
    return [] if result is None else candle_items(result, symbol, interval, precisions, time_decimals)


@dataclass(slots=True)
class _Search:
    """What was found of the missing trades, and where the next page begins."""

    missing: Missing
    found: dict[int, TradeRow] = field(default_factory=dict)
    since: int | None = field(init=False)
    _start: int | None = field(init=False)
    _newest: int = 0
    _earlier: int = EARLIER

    def __post_init__(self) -> None:
        after = nanoseconds(self.missing.after)
        self.since = self._start = None if after is None else max(after - BEFORE, 0)

    @property
    def complete(self) -> bool:
        return len(self.found) >= self.missing.count

    def items(self) -> dict[int, bytes]:
        return {number: trade_item(self.missing.symbol, row) for number, row in sorted(self.found.items())}

    def look(self, calls: Calls) -> bool:
        """Page to the last id, or to where REST ends; False where the time was over before."""
        while True:
            since = None if self.since is None else str(self.since)
            result = calls.ask("Trades", pair=self.missing.pair, since=since, count=PAGE)
            if result is None:
                return False
            rows = trade_rows(result, self.missing.precisions)
            self._keep(rows)
            if self.complete or len(rows) < PAGE or self._newest >= self.missing.last_id:
                return True
            self.since = max(_cursor(result, rows), (self.since or 0) + 1)

    def begin_again(self) -> None:
        """Go back to the trade before the first missing one: where REST has newer ones, a little further."""
        wanted = range(self.missing.first_id, self.missing.last_id + 1)
        first = next(number for number in wanted if number not in self.found)
        known = self.found.get(first - 1)
        start = self._start if known is None else known.time
        if start is None:
            return
        self.since = max(start - self._earlier, 0)
        if self._newest > first:
            self._earlier = min(self._earlier * 10, EARLIEST)

    def _keep(self, rows: list[TradeRow]) -> None:
        wanted = range(self.missing.first_id, self.missing.last_id + 1)
        self.found.update({row.trade_id: row for row in rows if row.trade_id in wanted})
        self._newest = max([self._newest, *(row.trade_id for row in rows)])
        if self._start is None and rows:
            self._start = rows[0].time


def _cursor(result: Any, rows: list[TradeRow]) -> int:
    """Where the next page begins: `last`, the time of the newest row in nanoseconds."""
    last = str(result.get("last", ""))
    return int(last) if last.isdecimal() else rows[-1].time
