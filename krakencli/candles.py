"""Which candles are final: the exchange sends no mark for it (protocol notes v2 §7.3). Sans I/O.

A candle is final when a later one of its symbol has begun, or when the exchange's clock has passed its end by
a grace time. That clock is the `timestamp` of its last message plus the time that has passed here since, so
that neither a wrong local clock nor a recording from another year matters.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from msgspec import Raw, Struct

from krakencli.times import instant

GRACE = 3.0
REMEMBERED = 64
"""Printed candles of a symbol that are compared with what comes later; a snapshot holds about ten."""


class _Candle(Struct, gc=False):
    symbol: str
    interval_begin: str
    interval: int


_candle = msgspec.json.Decoder(_Candle)


@dataclass(frozen=True, slots=True)
class Final:
    """A candle that will not change any more, as the exchange last sent it."""

    symbol: str
    item: Raw


@dataclass(frozen=True, slots=True)
class Revised:
    """A candle that changed after it was said to be final: an event, never a second line."""

    symbol: str
    interval_begin: str
    item: Raw


@dataclass(slots=True)
class _Series:
    """One symbol: the newest candle, until it is printed, and the text of the last printed ones."""

    newest: datetime | None = None
    due: datetime | None = None
    item: Raw | None = None
    printed: dict[datetime, bytes] = field(default_factory=dict)
    forgotten: datetime | None = None


class ClosedCandles:
    """Takes the items of `ohlc`, gives each candle once, when it is final."""

    def __init__(self, unit: float = 1.0) -> None:
        self._grace = timedelta(seconds=GRACE * unit)
        self._series: dict[str, _Series] = {}
        self._exchange_time: datetime | None = None
        self._told_at = 0.0
        self._started: datetime | None = None
        self._suspended: set[str] = set()

    def suspend(self, symbols: Iterable[str]) -> None:
        """Nobody hears of these: no candle of theirs ends by the clock before the next message."""
        self._suspended.update(symbols)

    def update(self, item: Raw, timestamp: str, now: float) -> list[Final | Revised]:
        """What an item settles. `timestamp` is its message's, "" where it has none; `now` is monotonic.

        Raises msgspec.ValidationError or ValueError where the item is no candle.
        """
        candle = _candle.decode(item)
        self._suspended.discard(candle.symbol)
        begin = instant(candle.interval_begin)
        try:
            end = begin + timedelta(minutes=candle.interval)
            due = end + self._grace
        except OverflowError as error:
            raise ValueError(f"a candle without an end: {error}") from None
        started = self._set_clock(instant(timestamp) if timestamp else begin, now)
        series = self._series.setdefault(candle.symbol, _Series())
        if end <= started or (series.forgotten is not None and begin <= series.forgotten):
            return []
        if begin in series.printed:
            return self._revise(series, Revised(candle.symbol, candle.interval_begin, item), begin)
        if series.newest is not None and begin < series.newest:
            return [self._print(candle.symbol, series, begin, item)]
        settled: list[Final | Revised] = []
        if series.newest is not None and begin > series.newest:
            settled = self._settle(candle.symbol, series)
        series.newest, series.due, series.item = begin, due, Raw(bytes(item))
        return settled

    def tick(self, now: float) -> list[Final | Revised]:
        """What the passing of time settles."""
        if self._exchange_time is None:
            return []
        time = self._exchange_time + timedelta(seconds=now - self._told_at)
        due = [
            (symbol, series)
            for symbol, series in self._series.items()
            if series.due is not None and series.due <= time and symbol not in self._suspended
        ]
        return [final for symbol, series in due for final in self._settle(symbol, series)]

    def _settle(self, symbol: str, series: _Series) -> list[Final | Revised]:
        """The newest candle, where it is not printed yet."""
        item, series.item, series.due = series.item, None, None
        if item is None or series.newest is None:
            return []
        return [self._print(symbol, series, series.newest, item)]

    @staticmethod
    def _print(symbol: str, series: _Series, begin: datetime, item: Raw) -> Final:
        series.printed[begin] = bytes(item)
        if len(series.printed) > REMEMBERED:
            series.forgotten = min(series.printed)
            del series.printed[series.forgotten]
        return Final(symbol, item)

    @staticmethod
    def _revise(series: _Series, revised: Revised, begin: datetime) -> list[Final | Revised]:
        """A printed candle came again: only what differs is news."""
        text = bytes(revised.item)
        if series.printed[begin] == text:
            return []
        series.printed[begin] = text
        return [revised]

    def _set_clock(self, time: datetime, now: float) -> datetime:
        """Takes the exchange's time; returns when the stream began by it."""
        self._exchange_time, self._told_at = time, now
        if self._started is None:
            self._started = time
        return self._started
