"""Which candles are final: the exchange sends no mark for it (protocol notes v2 §7.3). Sans I/O.

A candle is final when a later one of its symbol has begun, or when the exchange's clock has passed its end by
a grace time. That clock is the `timestamp` of its last message plus the time that has passed here since, so
that neither a wrong local clock nor a recording from another year matters.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Raw, Struct

GRACE = 3.0


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
    """One symbol: when its last printed candle began, and the one that is still running."""

    printed: datetime | None = None
    begin: datetime | None = None
    end: datetime | None = None
    item: Raw | None = None


class ClosedCandles:
    """Takes the items of `ohlc`, gives each candle once, when it is final."""

    def __init__(self, unit: float = 1.0) -> None:
        self._grace = timedelta(seconds=GRACE * unit)
        self._series: dict[str, _Series] = {}
        self._exchange_time: datetime | None = None
        self._told_at = 0.0
        self._started: datetime | None = None

    def update(self, item: Raw, timestamp: str, now: float) -> list[Final | Revised]:
        """What an item settles. `timestamp` is its message's, "" where it has none; `now` is monotonic.

        Raises msgspec.ValidationError or ValueError where the item is no candle.
        """
        candle = _candle.decode(item)
        begin = instant(candle.interval_begin)
        end = begin + timedelta(minutes=candle.interval)
        self._set_clock(instant(timestamp) if timestamp else begin, now)
        series = self._series.setdefault(candle.symbol, _Series())
        if self._started is not None and end <= self._started:
            return []
        if series.printed is not None and begin <= series.printed:
            return [Revised(candle.symbol, candle.interval_begin, item)] if begin == series.printed else []
        settled: list[Final | Revised] = []
        if series.begin is not None and begin > series.begin:
            settled += self._settle(candle.symbol, series)
        if series.begin is None or begin >= series.begin:
            series.begin, series.end, series.item = begin, end, Raw(bytes(item))
        return settled

    def tick(self, now: float) -> list[Final | Revised]:
        """What the passing of time settles."""
        if self._exchange_time is None:
            return []
        time = self._exchange_time + timedelta(seconds=now - self._told_at)
        due = [(s, x) for s, x in self._series.items() if x.end is not None and x.end + self._grace <= time]
        return [final for symbol, series in due for final in self._settle(symbol, series)]

    def _settle(self, symbol: str, series: _Series) -> list[Final | Revised]:
        assert series.item is not None
        final = Final(symbol, series.item)
        series.printed, series.begin, series.end, series.item = series.begin, None, None, None
        return [final]

    def _set_clock(self, time: datetime, now: float) -> None:
        self._exchange_time, self._told_at = time, now
        if self._started is None:
            self._started = time


def instant(text: str) -> datetime:
    """An RFC 3339 time with any number of fraction digits, of which microseconds are kept.

    Raises ValueError where the text is no such time.
    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
